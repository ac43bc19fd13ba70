#pragma once
/// What administrators do with deliveries, and what time does with content: values.

#include <truc/store/records.hpp>

#include <filesystem>
#include <functional>

namespace truc::store {

/// Stands in the event of every action; `by` is the administrator's name as the socket's peer told it.
struct by_administrator {
    std::string by;
    std::string reason;
};

/// Deliveries to hold, release, expire or try at once. Those that are not in this node's custody, or stand so already,
/// are left as they are.
struct administration {
    std::vector<std::int64_t> rows;
    by_administrator who;
    /// by_truc: of a hold, a neighbour refused it for good; of an expiry, its deadline has passed while it was held.
    held_kind kind = held_kind::by_person;
};

/// A new delivery for one that has ended; only its origin makes one.
struct resend_order {
    uuid delivery;
    by_administrator who;
    /// Until its deadline, by the priority of its document.
    std::function<milliseconds(priority)> time_to_deliver;
};

/// Of all content of a dispatch at this node.
struct legal_hold_order {
    uuid dispatch;
    bool hold = true;
    by_administrator who;
};

/// What retention removes: content none of whose deliveries is open. A legal hold on any dispatch of it wins.
struct purge_order {
    timestamp ended_before;    ///< all its deliveries ended before this
    timestamp recalled_before; ///< NĐ 30/2020 App. VI III.8: at recipients' nodes, what was recalled before this
    std::size_t most = 500;    ///< contents at once
};
struct purge_result {
    std::size_t contents = 0;
    std::uint64_t bytes = 0;
    bool more = false;
};

/// Which deliveries an administrator looks for; empty members mean any.
struct delivery_filter {
    std::string recipient; ///< canonical code
    std::string sender;
    std::optional<delivery_state> state;
    bool held_only = false;
    std::string lane;                      ///< the neighbour that they wait for
    std::optional<timestamp> since, until; ///< of acceptance at this node: since <= t < until
    std::int64_t after = 0;                ///< seq
    std::size_t max = 100;
};
struct found_delivery {
    delivery_row delivery;
    uuid dispatch_id;
    dispatch_kind kind{};
    std::string document_id;
    std::string code;
    std::string sender;
    timestamp accepted_at;
};

/// A status that came about one delivery of a document sent here.
struct reported_status {
    uuid delivery;
    uuid dispatch; ///< the status itself
    std::string code;
    timestamp at;
};

/// A certificate that was seen in use.
struct seen_certificate {
    sha256_digest sha256;
    std::string subject;
    timestamp not_after;
    timestamp seen_at;
};

/// What a backup reports while it is made: bytes done of all.
using progress = std::function<void(std::uint64_t done, std::uint64_t all)>;
struct backup_record {
    std::string head; ///< the signed tree head that the copy ends with
    std::uint64_t ledger_size = 0;
    std::uint64_t contents = 0;
    std::uint64_t bytes = 0;
};

/// How far a neighbour knew a log of this node, as it said when it met the next one.
struct told_size {
    std::string log;
    std::string neighbour;
    std::uint64_t size = 0;
};

/// A log of this node that a restored copy has ended.
struct former_log {
    std::uint32_t epoch = 0;
    std::uint64_t size = 0;
    std::string head; ///< the last one known when the copy was made
};

} // namespace truc::store
