#pragma once
#include "network.hpp"

#include <truc/base/clock.hpp>
#include <truc/base/uuid.hpp>
#include <truc/ledger/receipt.hpp>
#include <truc/model/vocabulary.hpp>
#include <truc/store/sqlite.hpp>

#include <deque>
#include <string_view>

namespace truc::bench {

/// Makes in minutes what a node writes in months: fills the store of a node that has been started once, and has
/// stopped, with documents that its agencies submitted. Rows, events, subtrees, signed heads, feeds and books are those
/// that the node would have written itself, so that a check of its ledger succeeds and its books balance. One thread.
class store_filler {
  public:
    /// `begin` is the time of the first document. Throws failure or store::sqlite_error, as all members do.
    store_filler(const network& n, timestamp begin);

    struct document {
        std::string sender;                  ///< an agency's code
        std::vector<std::string> recipients; ///< codes
        /// The neighbour for which its deliveries wait. Empty: they go into inboxes here, and are handed over when
        /// `open_documents` more have come.
        std::string_view lane;
        truc::priority priority = truc::priority::normal;
        std::string_view content;
        bool passed_on = false; ///< that neighbour has taken them: nothing waits
    };
    /// Accepts it, that much later than the one before.
    uuid add(const document& d, milliseconds later);
    std::uint64_t events() const { return tree_.size(); }
    /// The last documents stay in their inboxes; the file is on the disk, and out of the page cache. Once.
    void finish();

    static constexpr std::size_t open_documents = 20'000; ///< that lie in inboxes at any time

  private:
    struct consigned_delivery {
        std::int64_t seq;
        std::int64_t dispatch;
        uuid dispatch_id;
        uuid id;
        std::string sender;
        std::string document_id;
        std::string recipient;
        sha256_digest sha256;
        truc::priority priority;
        timestamp consigned_at;
        std::uint64_t leaf; ///< of its consignment
    };
    struct accepted_document; ///< what its deliveries and events share

    void take_indexes_off();
    std::int64_t keep_content(const sha256_digest& digest, std::string_view bytes);
    void write_dispatch(const document& d, const accepted_document& a);
    void deliver(const document& d, const accepted_document& a, const std::string& recipient);
    void hand_over(const consigned_delivery& v);
    void write_delivery(const consigned_delivery& v, bool handed_over, std::uint64_t leaf);
    std::uint64_t record(ledger::event e, std::int64_t dispatch, std::optional<std::int64_t> delivery,
                         std::string_view reader);
    std::string id_of(std::uint64_t leaf) const { return ledger_.str() + "." + std::to_string(leaf); }
    void close_group();
    void count(const char* name, std::int64_t n);

    std::filesystem::path file_;
    store::connection db_;
    ledger::log_id ledger_;
    ledger::head_signer signer_;
    ledger::frontier tree_;
    std::uint64_t signed_ = 0; ///< the size that the last head states
    timestamp now_;
    timestamp group_time_; ///< of all events of the group that is open
    std::int64_t last_dispatch_ = 0;
    std::int64_t last_delivery_ = 0;
    std::int64_t next_position_ = 0; ///< in feeds
    std::int64_t taken_in_ = 0;
    std::int64_t handed_over_ = 0;
    std::deque<std::vector<consigned_delivery>> inboxes_; ///< by document
    std::vector<std::string> indexes_;                    ///< what makes them again
};

} // namespace truc::bench
