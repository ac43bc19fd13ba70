#pragma once
#include <truc/base/clock.hpp>
#include <truc/base/metrics.hpp>
#include <truc/ledger/receipt.hpp>
#include <truc/model/books.hpp>
#include <truc/store/records.hpp>

#include <functional>
#include <memory>
#include <vector>

namespace truc::store {

/// Told after each commit, on the writer's thread: whose inbox and whose feed of evidence got something new.
struct commit_notice {
    std::vector<std::string> inboxes;
    std::vector<std::string> feeds;
};

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
    /// The node's key was renewed: heads are signed with it from the next group on.
    void replace_signer(std::shared_ptr<const ledger::head_signer> signer);
    /// Writes what is queued, then refuses more with not_ready. Blocks.
    void drain();
    std::size_t queued() const;
    /// Whether new documents find room; what a node needs to go on delivering is kept free.
    bool has_space() const;
    /// Can commit: the last group was written, and there is space.
    bool ready() const;

    // --- content --------------------------------------------------------------------------------------------------

    /// An empty spool on the file system of the content files.
    spool new_spool() const;
    /// Gives a finished spool beyond the inline limit its durable name. Called before accept(), outside the writer's
    /// thread.
    result<void> link(spool& content) const;
    /// Errors: not_found, corrupt (the bytes do not have the digest they are named by: never served).
    result<content> open_content(const sha256_digest& digest) const;

    // --- reading --------------------------------------------------------------------------------------------------

    std::optional<dispatch_row> find_dispatch(const uuid& id) const;
    /// The dispatch that a delivery belongs to.
    std::optional<dispatch_row> find_dispatch_of_delivery(const uuid& delivery) const;
    struct dispatch_filter {
        std::string document_id; ///< empty: any
        std::string code;        ///< number/notation
        std::string from;
        /// Sender or recipient among these; nullopt: all dispatches, for administrators.
        std::optional<std::vector<std::string>> visible_to;
        std::optional<timestamp> since;
        std::int64_t after = 0; ///< seq
        std::size_t max = 100;
    };
    std::vector<dispatch_row> list_dispatches(const dispatch_filter& f) const;
    /// The answer that these bytes got when this agency, known by any of its codes, sent them.
    std::optional<acceptance> find_acceptance(const std::vector<std::string>& sender,
                                              const sha256_digest& digest) const;

    std::vector<inbox_item> read_inbox(const std::vector<std::string>& recipients, std::optional<dispatch_kind> kind,
                                       const inbox_cursor& after, std::size_t max) const;
    std::optional<inbox_item> find_inbox_item(const uuid& delivery) const;

    std::vector<trace_row> trace(const uuid& dispatch) const;
    std::vector<receipt_row> receipts_of(const uuid& dispatch) const;
    /// The feed of an agency, known by any of its codes.
    std::vector<receipt_row> read_feed(const std::vector<std::string>& reader, std::uint64_t after,
                                       std::size_t max) const;
    struct owned_receipt {
        receipt_row receipt;
        std::string reader;               ///< whose feed it is in
        std::vector<std::string> parties; ///< sender and recipients of the dispatch it is about
    };
    std::optional<owned_receipt> find_receipt(std::uint64_t leaf) const;

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

  private:
    struct parts;
    std::unique_ptr<parts> parts_;
};

} // namespace truc::store
