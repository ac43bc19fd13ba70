#pragma once
#include "../runtime/legacy_system.hpp"
#include "axis_client.hpp"
#include "sent_notes.hpp"

namespace truc::liaison {

/// What the tree has for agencies behind the axis: sendEdoc, and what to do when nobody knows whether it got through.
///
/// The axis has no idempotency key. So a note is on the disk before each sendEdoc; while an attempt is in doubt,
/// getSentEdocList is asked, at once and again after a pause, and only what is not found there is sent once more. A row
/// counts as ours when sender, recipient, kind, time and (where the axis tells it) number and notation fit and when it
/// belongs to no other delivery. So that rows can be told apart, nothing that would look alike there is sent while one
/// is in doubt, such as statuses 01 and 03 about one document. Where the list cannot tell, the document is sent again:
/// twice is better than never.
class axis_inbox final : public adapter::legacy_inbox {
  public:
    /// `settle`: how long after an attempt its document may still turn up in the list.
    axis_inbox(axis_options options, milliseconds settle, const std::filesystem::path& notes, const clock& c,
               metrics_registry& metrics);

    result<std::string> deliver(const adapter::incoming_item& item) override;

  private:
    enum class finding : std::uint8_t {
        there,
        not_there,
        not_yet,  ///< too early to say so
        undecided ///< its rows may be those of another delivery, or the axis has no such list
    };
    struct settlement {
        finding found{};
        std::vector<std::string> rows; ///< docIds, the first one its name
    };

    result<std::string> deliver_noted(const adapter::incoming_item& item);
    result<settlement> look(const sent_note& note);
    /// Nothing: it may be sent.
    result<std::optional<std::string>> settle(sent_note note, bool lost_note);
    result<void> settle_twins(const sent_note& note);
    result<std::string> send(const adapter::incoming_item& item, sent_note note);
    void count_repetition(sent_note::state known);
    result<void> make_sure_it_answers(dispatch_kind kind);
    sent_notes& notes();
    std::string conclude(const sent_note& note, const std::vector<std::string>& rows);

    const clock& clock_;
    milliseconds settle_;
    axis_client axis_;
    std::filesystem::path notes_file_;
    std::optional<sent_notes> notes_; ///< opened with the first delivery: until then another process may have them
    bool answers_ = false;            ///< as far as is known
    counter& settled_;
    counter& repeated_after_look_;
    counter& repeated_blindly_;
};

} // namespace truc::liaison
