#pragma once
#include <truc/base/bytes.hpp>
#include <truc/base/clock.hpp>
#include <truc/base/uuid.hpp>
#include <truc/model/vocabulary.hpp>
#include <truc/store/sqlite.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace truc::liaison {

/// A delivery on its way to the axis, and what is known of it.
struct sent_note {
    enum class state : std::uint8_t {
        doubtful = 0,   ///< sendEdoc was begun: the axis may have it
        sent = 1,       ///< the axis has it, as doc_id
        never_came = 2, ///< its list says so
        refused = 3     ///< the axis said no
    };
    uuid delivery;
    sha256_digest digest;
    dispatch_kind kind{};
    std::string from;
    std::string to;
    std::string notation;  ///< number/notation of the document, or of the one that the status is about
    timestamp first_tried; ///< of those in doubt
    timestamp last_tried;
    state known{};
    std::string doc_id; ///< the axis' name of it, if it told
};

/// What this gateway has handed to the axis, which has no idempotency key: a note is on the disk before sendEdoc is
/// tried, so that a doubt outlives a crash, and it tells what comes back from there. Lost, it is made anew; then a
/// doubt of that moment ends in a second copy, and what comes back is left to the node's own check for duplicates.
///
/// Two objects may be open on one file: the inbox writes, the outbox reads. One thread each. Members throw
/// store::sqlite_error when the disk fails.
class sent_notes {
  public:
    /// The writer makes the file and forgets what is older than a year; for the reader there must be one. Throws
    /// store::sqlite_error.
    sent_notes(const std::filesystem::path& file, store::connection::mode mode, timestamp now);

    std::optional<sent_note> find(const uuid& delivery);
    /// The note is doubtful from now on. A second beginning is a repetition, unless the axis had refused the first.
    void begin(const sent_note& note);
    /// `rows`: what the axis lists for it; the first is its name. Empty: the axis told none.
    void sent(const sent_note& note, const std::vector<std::string>& rows);
    /// `why`: never_came or refused.
    void is_not_there(const uuid& delivery, sent_note::state why);

    /// The axis' document belongs to a delivery to that recipient already.
    bool is_taken(std::string_view doc_id, std::string_view recipient);
    /// Other deliveries that look the same in the axis' list and are in doubt.
    std::vector<sent_note> doubtful_twins(const sent_note& note);
    /// One that looks the same was sent more than once, and last since then: a row that belongs to nobody may be its.
    bool has_repeated_twin(const sent_note& note, timestamp since);
    bool has_sender(std::string_view code);
    bool has(const sha256_digest& digest);

  private:
    void commit();

    store::connection db_;
    std::size_t commits_ = 0;
};

} // namespace truc::liaison
