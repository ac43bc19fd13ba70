#pragma once
#include <truc/deliver/waiting_room.hpp>
#include <truc/store/store.hpp>

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace truc::deliver {

/// Hand-over at this node: what waits for an agency, who has taken it to look at, how it ends. Reading never locks; a
/// claim only hides items from other claims for a while and does not survive a restart. Thread-safe.
class inbox {
  public:
    inbox(store::store& s, const truc::clock& clock) : store_(s), clock_(clock) {}

    struct query {
        std::vector<std::string> recipients; ///< canonical codes
        std::optional<dispatch_kind> kind;
        store::inbox_cursor after;
        std::size_t max = 100;
        std::optional<milliseconds> claim; ///< hide what is returned from other claims for so long
        std::vector<uuid> leave_out;       ///< with a claim: not to be claimed now
    };
    /// A claim of somebody who gives it back himself, whatever happens: a link.
    static constexpr milliseconds until_given_back = std::chrono::hours(24 * 365);
    std::vector<store::inbox_item> read(const query& q);

    enum class outcome { accepted, released, rejected };
    struct answer {
        uuid delivery;
        std::vector<std::string> recipients; ///< the agencies the client acts for
        inbox::outcome outcome = inbox::outcome::accepted;
        std::string reason;
        std::string channel;
    };
    /// accepted and rejected end the delivery, the first wins; released ends the claim and nothing else. Errors:
    /// not_found, already_ended. Reads the store; the completion runs on the store's writer thread, or at once.
    void acknowledge(answer a, store::completion<store::conclusion_record> done);

    /// Ends a claim that read() made, without asking the store. Others who wait are not told.
    void give_back(const uuid& delivery) { unclaim(delivery); }

  private:
    std::vector<store::inbox_item> read_unclaimed(const query& q);
    bool claim(const uuid& delivery, timestamp now, milliseconds period);
    void unclaim(const uuid& delivery);
    void forget_expired(timestamp now);

    store::store& store_;
    const truc::clock& clock_;
    std::mutex mutex_;
    std::unordered_map<uuid, timestamp> claims_; ///< until when
};

} // namespace truc::deliver
