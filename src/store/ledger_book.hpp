#pragma once
/// The ledger inside the writer's transaction: events become leaves, a group ends with one signed head. Writer's thread
/// only.

#include "epochs.hpp"

#include <truc/ledger/receipt.hpp>

#include <atomic>
#include <unordered_map>

namespace truc::store {

/// Where the hash of a complete subtree of a node's first log stands in the table `merkle`.
constexpr std::uint64_t merkle_position(unsigned level, std::uint64_t index) { return ((2 * index + 1) << level) - 1; }

/// Reads subtrees of the log that begins with this row: leaf i of it is row first + i, and what stands before takes the
/// positions below 2·first.
ledger::subtree_reader stored_subtrees(connection& db, std::uint64_t first);

/// Rows and leaves: what the members take and give are rows of `event`; see epochs.hpp.
class ledger_book {
  public:
    ledger_book(connection& db, std::shared_ptr<const ledger::head_signer> signer);

    /// A group begins: forgets what an earlier one left behind. `now` is moved forward if it lies before the last
    /// event.
    void begin(timestamp now);
    timestamp time() const { return time_; }
    /// The row of the next event.
    std::uint64_t size() const { return log_.first + frontier_.size(); }
    const ledger::log_id& log() const { return log_.id; }

    /// Fills log, leaf and time, writes the row, and gives the event's id.
    struct about {
        std::optional<std::int64_t> dispatch;
        std::optional<std::int64_t> delivery;
        std::string_view reader;
    };
    std::uint64_t append(ledger::event& e, const about& rows);
    std::string id_of(std::uint64_t row) const;

    /// A savepoint in memory, beside the one in the database.
    ledger::frontier here() const { return frontier_; }
    void back_to(const ledger::frontier& mark) { frontier_ = mark; }

    /// Signs the head of the group; nothing to do when no event was added. Error: not_ready.
    result<void> close();
    /// Whether a head could be signed now.
    result<void> try_signing(timestamp now) const;
    /// Whether the node's certificate is valid at that moment; any thread.
    bool can_sign(timestamp at) const { return signer_.load()->is_valid(at); }
    void replace_signer(std::shared_ptr<const ledger::head_signer> signer) { signer_.store(std::move(signer)); }
    /// After close(): the receipt of an event of this group.
    std::string receipt(std::uint64_t row) const;
    /// The group was rolled back or committed.
    void rolled_back();
    void committed();

  private:
    result<std::string> sign(const ledger::tree_head& head) const;
    void keep(unsigned level, std::uint64_t index, const sha256_digest& hash);

    connection& db_;
    own_log log_;
    std::atomic<std::shared_ptr<const ledger::head_signer>> signer_;
    ledger::frontier committed_;
    ledger::frontier frontier_;
    timestamp last_time_{};
    timestamp time_{};
    std::string head_xml_;
    /// Subtrees made in this group and the edge before it: all that receipts of this group need.
    std::unordered_map<std::uint64_t, sha256_digest> recent_;
    std::unordered_map<std::uint64_t, std::string> texts_; ///< of this group, by row
};

/// A receipt from the tables alone, at any later time; the same bytes as the one given at acceptance.
std::optional<std::string> stored_receipt(connection& db, std::uint64_t row, std::string_view event_xml);

} // namespace truc::store
