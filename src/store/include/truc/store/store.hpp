#pragma once
#include <truc/base/clock.hpp>
#include <truc/base/metrics.hpp>
#include <truc/ledger/receipt.hpp>
#include <truc/model/books.hpp>
#include <truc/store/administration.hpp>
#include <truc/store/custody.hpp>
#include <truc/store/recorded_event.hpp>
#include <truc/store/records.hpp>

#include <functional>
#include <memory>
#include <variant>
#include <vector>

namespace truc::store {

/// The name of a neighbour node as a reader of feeds, beside the codes of agencies.
std::string feed_of_node(std::string_view node);

/// Told after each commit, on the writer's thread: whose inbox and whose feed of evidence got something new, and what
/// waits to be passed on.
struct commit_notice {
    std::vector<std::string> inboxes;
    std::vector<std::string> feeds; ///< agencies' codes, or feed_of_node()
    std::vector<queued_delivery> queued;
    std::vector<std::int64_t> withheld; ///< rows that were queued and are held from now on: off their lanes
};

/// The neighbour to which a delivery for this recipient goes from here; empty when there is none, or it is at home
/// here.
using next_hop = std::function<std::string(const std::string& recipient)>;

class connection;

template <class T>
using completion = std::function<void(result<T>)>;

/// Everything one node keeps: documents, deliveries, the ledger. SQLite in WAL mode with synchronous=FULL beside a tree
/// of content files. One thread writes (and checkpoints); it takes whatever waits as one group: one transaction, one
/// signed tree head, one sync; only then are the completions called. When COMMIT or a sync fails the process stops at
/// once, without answering: the restart finds out what is true.
///
/// Threads: all members may be called from any thread; completions and notices run on the writer's thread and must be
/// short. Lifecycle: the constructor opens, migrates, sweeps orphaned content files and starts the writer, and throws
/// std::runtime_error when that cannot be done; one process at a time (lock file). The destructor finishes what was
/// queued.
class store {
  public:
    struct options {
        std::filesystem::path directory;
        std::string node;
        std::shared_ptr<const ledger::head_signer> signer;
        const truc::clock* clock = &system_clock();
        metrics_registry* metrics = nullptr; ///< must outlive the store
        std::function<void(const commit_notice&)> on_commit;
        /// Gets the events of each group, after everybody was answered, on the writer's thread. Null: nobody asks.
        std::function<void(recorded_events)> on_events;
        /// Bytes. New documents stop here, so that hand-overs, refusals and SQLite itself still find room.
        std::uint64_t keep_free = std::uint64_t{256} << 20;
        /// Whoever is asked first goes on record with the commit that queues a delivery. Called on the writer's thread.
        next_hop way;
        /// Whether the second agency is the first, or stands in its place today. Called on the writer's thread.
        std::function<bool(const std::string& earlier, const std::string& today)> stands_for{};
        /// To look into a store that nobody runs: no lock, no writer, no migration; commands answer not_ready.
        bool only_look = false;
    };
    explicit store(options o);
    ~store();

    // --- commands -------------------------------------------------------------------------------------------------

    /// What accept() would answer, without storing anything. Errors: status_not_recipient, no_space.
    result<forecast> foresee(const new_dispatch& dispatch) const;
    /// Accepts a dispatch, or recognises it. Errors: status_not_recipient; temporary: no_space, not_ready, internal.
    void accept(new_dispatch dispatch, completion<acceptance> done);
    /// Records a refusal. The same (client, digest, code) within a day gives the same receipt and is counted.
    void refuse(refusal r, completion<refusal_record> done);
    /// Ends a delivery. The first outcome wins. Errors: not_found (also for somebody else's), already_ended.
    void conclude(conclusion c, completion<conclusion_record> done);
    /// What the recipient's system says of a delivery that it has not ended. Errors: not_found (also for somebody
    /// else's), already_ended.
    void report(inbox_report r, completion<std::monostate> done);
    /// Keeps a proposal; the number is its answer. The same one of the same client, still open, keeps its number.
    void propose(proposal p, completion<std::int64_t> done);
    /// Decides it, once: the same decision again changes nothing. Errors: not_found, already_ended.
    void decide(std::int64_t number, proposal_state decision, std::string by, completion<proposal> done);

    // Custody. All of them are idempotent: what is done already is not done again, so a lost answer means asking again.

    /// Takes a leg: custody of every delivery in it, or of none. A delivery id that is held already decides alone
    /// (custody rule 4) and changes nothing, but for three things that a directory change or a lost answer may bring.
    /// Custody that was passed on comes back with a larger custody number than it left with, whichever way. Where
    /// custody is here, a larger number is kept, so that the next passing exceeds it. A neighbour that gives it for the
    /// first time reads the evidence about it from then on, what there is already included. Errors: envelope_invalid
    /// (another delivery id for the same recipient and dispatch, an id of another document); temporary: no_space,
    /// not_ready, internal.
    void take_leg(incoming_leg leg, completion<leg_taken> done);
    /// The neighbour has committed this leg: queued → relayed. Deliveries that have moved since it was offered stay as
    /// they are; those of them that are queued are told in the commit's notice once more.
    void pass_on(passing p, completion<std::monostate> done);
    /// Kept for those who ask why; changes no state.
    void note_attempt(failed_attempt attempt, completion<std::monostate> done);
    /// Ends those of the deliveries that are still in this node's custody.
    void end_deliveries(ending e, completion<std::monostate> done);
    /// The recipient's home is another node by now: what lies in its inbox here is queued again.
    void send_away(std::string recipient, completion<std::monostate> done);
    /// The recipient's home is this node by now: queued deliveries go into its inbox, or end undeliverable.
    void arrive(arrival a, completion<std::monostate> done);
    /// Receipts and the cursor behind them, in one transaction, in their order; what is about no delivery known here is
    /// passed over. A new receipt goes into the feed of every hop before (a delivery whose custody came back has
    /// several) but the one it comes from. An end that is stated ends what was passed to this neighbour, or is queued:
    /// then the answer of the neighbour was lost. So it was when its own RelayAcceptance of a queued delivery comes,
    /// which becomes relayed by it, unless that neighbour had it earlier on its way. The first end wins.
    void take_evidence(evidence_batch batch, completion<std::monostate> done);
    /// The last known head of each log stays: one that a restored copy has ended may have to be shown.
    void remember_head(std::string neighbour, known_head head, completion<std::monostate> done);
    /// All that was passed on to this neighbour before this log of it was opened has been asked about.
    void note_asked(std::string neighbour, std::string log, completion<std::monostate> done);
    /// One text for each version: a second one changes nothing. Errors: no_space, not_ready, internal.
    void keep_section(kept_section section, completion<std::monostate> done);
    /// What was kept as not counting counts from now on.
    void count_section(std::string node, std::uint64_t version, completion<std::monostate> done);

    // What administrators do. Each leaves an event that names them. The completions get how many deliveries it
    // concerned.

    void hold(administration a, completion<std::size_t> done);
    void release(administration a, completion<std::size_t> done);
    /// Ends them as expired now. Errors: not_in_custody, when none of them is here.
    void expire(administration a, completion<std::size_t> done);
    /// They are tried at once by whoever asks for it; this leaves the event.
    void note_retry(administration a, completion<std::size_t> done);
    /// Errors: not_found; not_in_custody (another node is its origin); not_permitted (it has not ended); withdrawn;
    /// purged.
    void resend(resend_order o, completion<recipient_delivery> done);
    /// Errors: not_found.
    void set_legal_hold(legal_hold_order o, completion<std::monostate> done);

    // What time does.

    /// Their sender is told that they will expire; once each.
    void warn_expiry(std::vector<std::int64_t> rows, completion<std::monostate> done);
    void purge(purge_order o, completion<purge_result> done);
    /// The directory leads elsewhere: these queued deliveries wait in that lane from now on, a neighbour's, this node's
    /// own (their home is here) or that of nobody (empty). They are told in the commit's notice. Only of those that no
    /// neighbour may have taken: the lane's goes on record as the one that is asked first.
    void move_lane(std::vector<std::int64_t> rows, std::string lane, completion<std::monostate> done);
    void remember_certificate(seen_certificate c, completion<std::monostate> done);
    /// A neighbour tells how far it knew a log of this node that a restored copy has ended.
    void note_told(told_size t, completion<std::monostate> done);

    /// The node's key was renewed: heads are signed with it from the next group on.
    void replace_signer(std::shared_ptr<const ledger::head_signer> signer);
    /// Writes what is queued, then refuses more with not_ready. Blocks.
    void drain();
    std::size_t queued() const;
    /// Whether new documents find room; what a node needs to go on delivering is kept free.
    bool has_space() const;
    void keep_free(std::uint64_t bytes); ///< from now on
    std::uint64_t free_bytes() const;    ///< of the file system; 0 when it cannot be asked
    /// Can commit: the last group was written, and there is space.
    bool ready() const;
    store_health health() const;

    // --- content --------------------------------------------------------------------------------------------------

    /// An empty spool on the file system of the content files.
    spool new_spool() const;
    /// Gives a finished spool beyond the inline limit its durable name. Called before accept(), outside the writer's
    /// thread.
    result<void> link(spool& content) const;
    /// Errors: not_found, corrupt (the bytes do not have the digest they are named by: never served).
    result<content> open_content(const sha256_digest& digest) const;

    // --- copies ---------------------------------------------------------------------------------------------------

    /// A consistent copy of everything into a directory that does not exist yet, while the node runs; nothing is purged
    /// meanwhile. Blocks. Errors: no_space, bad_configuration, internal.
    result<backup_record> back_up(const std::filesystem::path& to, const progress& told) const;
    /// The logs that restored copies have ended, oldest first.
    std::vector<former_log> former_logs() const;

    // --- reading --------------------------------------------------------------------------------------------------

    std::vector<found_delivery> list_deliveries(const delivery_filter& f) const;
    /// What recipients have reported on the deliveries of this dispatch, in the order of arrival.
    std::vector<reported_status> statuses_about(const uuid& dispatch) const;
    std::vector<seen_certificate> seen_certificates() const;

    std::optional<dispatch_row> find_dispatch(const uuid& id) const;
    /// The dispatch that a delivery belongs to.
    std::optional<dispatch_row> find_dispatch_of_delivery(const uuid& delivery) const;
    struct dispatch_filter {
        std::string document_id; ///< empty: any
        std::string code;        ///< number/notation
        std::string from;
        /// Sender or recipient among these; nullopt: all dispatches, for administrators.
        std::optional<std::vector<std::string>> visible_to;
        std::string recipient;                 ///< one of them
        std::optional<timestamp> since, until; ///< of acceptance at this node: since <= t < until
        std::int64_t after = 0;                ///< seq
        std::size_t max = 100;
    };
    std::vector<dispatch_row> list_dispatches(const dispatch_filter& f) const;
    /// The answer that these bytes got when this agency, known by any of its codes, sent them.
    std::optional<acceptance> find_acceptance(const std::vector<std::string>& sender,
                                              const sha256_digest& digest) const;

    std::vector<inbox_item> read_inbox(const std::vector<std::string>& recipients, std::optional<dispatch_kind> kind,
                                       const inbox_cursor& after, std::size_t max) const;
    std::optional<inbox_item> find_inbox_item(const uuid& delivery) const;
    /// What waits for these agencies for systems that cannot page: urgent first, but what their systems said anything
    /// of already comes behind all that is new, so that it never stands in the way; what failed comes last.
    std::vector<inbox_item> read_inbox_fresh_first(const std::vector<std::string>& recipients,
                                                   std::optional<dispatch_kind> kind, std::size_t max) const;
    struct sent_filter {
        std::vector<std::string> senders; ///< codes
        std::optional<dispatch_kind> kind;
        std::optional<timestamp> since, until; ///< of acceptance: since <= t < until
        std::size_t skip = 0;
        std::size_t max = 1000;
    };
    /// Deliveries of what these agencies submitted here, newest first.
    std::vector<sent_row> list_sent(const sent_filter& f) const;
    std::optional<proposal> find_proposal(std::int64_t number) const;
    /// Those with a number above `after`, oldest first.
    std::vector<proposal> list_proposals(bool open_only, std::int64_t after, std::size_t max) const;

    /// What waits to be passed on (or for its recipient's home to become known) and is not held, urgent first. Looks at
    /// all of it, page by page: lanes read theirs (truc/store/lanes.hpp).
    std::vector<queued_delivery> read_queued(const queue_cursor& after, std::size_t max) const;
    /// What goes to a neighbour together; deliveries that are not in this state any more (queued; or relayed, to ask
    /// the neighbour again), or that came by other hops than the first, are left out. nullopt when none is left.
    std::optional<outgoing_leg> load_leg(const std::vector<std::int64_t>& rows,
                                         delivery_state state = delivery_state::queued) const;
    /// Deliveries in this state (queued, relayed or consigned) whose deadline has passed, oldest deadline first;
    /// `after_seq` is the last one of the page before, whatever its deadline.
    std::vector<dated_delivery> read_overdue(delivery_state state, timestamp now, std::size_t max,
                                             std::int64_t after_seq = 0) const;
    /// Each recipient that has deliveries in this state.
    std::vector<std::string> recipients_in(delivery_state state) const;
    std::optional<passed_delivery> find_passed(const uuid& delivery) const;
    /// Where to read on in that neighbour's feed; 0 for a log that was never read.
    std::uint64_t cursor_of(std::string_view neighbour, std::string_view log) const;
    std::optional<known_head> head_of(std::string_view neighbour) const;
    /// Every version kept, in the order in which they came; the texts are read one at a time.
    std::vector<section_version> section_versions() const;
    std::optional<std::string> read_section(std::string_view node, std::uint64_t version) const;

    /// Own events and those that other nodes proved, in the order of their times.
    std::vector<trace_row> trace(const uuid& dispatch) const;
    std::vector<receipt_row> receipts_of(const uuid& dispatch) const;
    /// A feed from a position on, in its order. Readers are the codes of an agency, or feed_of_node() of a neighbour.
    std::vector<feed_entry> read_feed(const std::vector<std::string>& readers, std::uint64_t from,
                                      std::size_t max) const;
    struct owned_receipt {
        receipt_row receipt;
        std::string reader;               ///< whose feed it is in
        std::vector<std::string> parties; ///< sender and recipients of the dispatch it is about
    };
    /// By event id, also another node's.
    std::optional<owned_receipt> find_receipt(std::string_view event_id) const;

    /// For readers that have a header of their own beside this one: lends a read-only connection for one call.
    void look(const std::function<void(connection&)>& at) const;

    const ledger::log_id& log() const;
    std::string head_xml() const;
    std::uint64_t ledger_size() const;
    /// Empty when leaf or size lie outside the log.
    std::optional<std::vector<sha256_digest>> inclusion(std::uint64_t leaf, std::uint64_t size) const;
    std::optional<std::vector<sha256_digest>> consistency(std::uint64_t from, std::uint64_t to) const;
    /// Recomputes the whole log from the events: every subtree, every signed head. Error: corrupt, naming the first
    /// leaf or head that does not fit.
    result<std::uint64_t> check_ledger(const trust::certificate_store& exchange) const;

    truc::books read_books() const;
    struct books_line {
        std::string agency;
        std::uint64_t sent = 0, received = 0, handed_over = 0, rejected = 0, open = 0;
    };
    /// Deliveries by sending and receiving agency; `day` is the first moment of the 24 hours in which they were
    /// accepted.
    std::vector<books_line> books_by_agency(std::optional<timestamp> day) const;
    std::vector<queue_row> queue() const;
    /// How deliveries that were submitted here ended or stand, end to end, by evidence (promise 6).
    truc::origin_books read_origin_books() const;

  private:
    struct parts;
    std::unique_ptr<parts> parts_;
};

} // namespace truc::store
