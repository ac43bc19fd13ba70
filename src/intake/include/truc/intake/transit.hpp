#pragma once
#include <truc/base/alarms.hpp>
#include <truc/intake/pipeline.hpp>
#include <truc/ledger/receipt.hpp>
#include <truc/store/custody.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace truc::intake {

/// A leg while it arrives: envelope and origin's receipt in memory with narrow limits, content in a spool and through
/// the first look at its XML. One thread at a time.
class leg_reception {
  public:
    leg_reception(std::string neighbour, spool content);

    /// `section`: 0 the envelope, 1 the receipt, from 2 on the content, in pieces that follow each other. Errors after
    /// which reading on is pointless: too_large, no_space, internal. transit::examine() then gives the same error, and
    /// raises the alarm that it deserves.
    result<void> feed(std::size_t section, std::string_view piece);
    result<void> finish();

    const std::string& neighbour() const { return neighbour_; }

  private:
    friend class transit;
    result<void> feed_content(std::string_view piece);

    std::string neighbour_;
    std::string envelope_;
    std::string receipt_;
    spool content_;
    xml::first_pass first_pass_;
    std::size_t size_ = 0;           ///< of the content
    std::optional<error> fault_;     ///< it did not arrive
    std::optional<error> malformed_; ///< what the first look at the content found
};

/// A leg that passed the checks of custody rule 8. Only the transit makes one.
class verified_leg {
  public:
    verified_leg(verified_leg&&) = default;
    verified_leg& operator=(verified_leg&&) = default;
    const store::incoming_leg& leg() const { return leg_; }

  private:
    friend class transit;
    explicit verified_leg(store::incoming_leg l) : leg_(std::move(l)) {}
    store::incoming_leg leg_;
};

/// What nodes take from each other, and on which evidence. Threads: every member from any thread; examine(), take(),
/// judge_at_home() and examine_evidence() do CPU work and reads: call them on the CPU pool.
class transit {
  public:
    struct options {
        store::store* store = nullptr;
        pipeline* intake = nullptr; ///< its directory and verifier are the ones in force
        std::string node;
        std::shared_ptr<const trust::certificate_store> exchange; ///< vouches for nodes; see reload()
        const truc::clock* clock = &system_clock();
        alarm_board* alarms = nullptr;
        metrics_registry* metrics = nullptr;
        /// The version of a node's directory section in force here; 0 if none is known. Mandatory.
        std::function<std::uint64_t(std::string_view node)> section_version;
    };
    explicit transit(options o);
    ~transit();

    /// Other authorities or revocation lists vouch for nodes from now on.
    void reload(std::shared_ptr<const trust::certificate_store> exchange);

    /// Error: no_space.
    result<leg_reception> begin(std::string neighbour) const;
    /// Custody rule 8. A retryable error means the leg is released, any other that it is rejected; the latter raises an
    /// alarm that names the neighbour. Errors: those of xml::first_pass, schema, envelope_invalid, receipt_invalid,
    /// origin_not_home, content_differs, recipient_not_named, directory_behind (retryable), not_ready (retryable).
    result<verified_leg> examine(leg_reception& r) const;
    /// Commits it. The completion runs on the store's writer thread. Errors: as store::take_leg().
    void take(verified_leg leg, store::completion<store::leg_taken> done);

    /// The home node's checks (rule 8, last sentence) of a delivery that came from a neighbour and is queued here.
    /// What may be in order later is an error: certificate_unknown and certificate_of_other_agency (the sender's
    /// section may be on its way), what pack::read() refuses, not_found or corrupt when its content cannot be opened;
    /// internal.
    result<store::home_finding> judge_at_home(const store::outgoing_leg& leg) const;

    /// Checks what was read from a neighbour's feed (`from` is where reading began): `receipts` are verbatim, each with
    /// the cursor behind it. The batch holds those that may be taken; what is not true raises the alarm neighbour_lies
    /// and is passed over. It ends before the first that this node cannot judge yet because its directory is behind:
    /// the alarm evidence_waits stands until the feed goes on. What was waited for 15 minutes by the clock is passed
    /// over with the alarm evidence_refused (neighbour_lies where only a lie would explain it). That a delivery is
    /// still queued here (its acknowledgement was lost) or has since been passed to somebody else (its custody had come
    /// back) is no lie: whether it ends is decided by the store.
    struct fed_receipt {
        std::string xml;
        std::uint64_t cursor = 0;
    };
    store::evidence_batch examine_evidence(const std::string& neighbour, const std::string& log, std::uint64_t from,
                                           const std::vector<fed_receipt>& receipts) const;

  private:
    struct parts;
    std::unique_ptr<parts> parts_;
};

} // namespace truc::intake
