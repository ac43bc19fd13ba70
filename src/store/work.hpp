#pragma once
/// One item of a group: what is done inside the transaction, and how its sender is answered afterwards.

#include "transaction.hpp"

namespace truc::store {

class work {
  public:
    virtual ~work() = default;
    /// Bytes that this item adds to the group's transaction.
    virtual std::size_t size() const { return 0; }
    /// The content file whose directory must be synced before COMMIT; null if none.
    virtual const sha256_digest* content_file() const { return nullptr; }
    /// Decides and writes. An error means that nothing is to be kept of it; sqlite_error may be thrown.
    virtual result<void> apply(transaction& t) = 0;
    /// After COMMIT: answers.
    virtual void committed(transaction& t) = 0;
    /// Instead of committed(): this item, or its whole group, was not kept.
    virtual void failed(error e) = 0;
};

std::unique_ptr<work> make_accept(new_dispatch d, completion<acceptance> done);
std::unique_ptr<work> make_refuse(refusal r, completion<refusal_record> done);
std::unique_ptr<work> make_conclude(conclusion c, completion<conclusion_record> done);
std::unique_ptr<work> make_report(inbox_report r, completion<std::monostate> done);
std::unique_ptr<work> make_propose(proposal p, completion<std::int64_t> done);
std::unique_ptr<work> make_decide(std::int64_t number, proposal_state decision, std::string by,
                                  completion<proposal> done);
std::unique_ptr<work> make_take_leg(incoming_leg leg, completion<leg_taken> done);
std::unique_ptr<work> make_pass_on(passing p, completion<std::monostate> done);
std::unique_ptr<work> make_move_lane(std::vector<std::int64_t> rows, std::string lane, completion<std::monostate> done);
std::unique_ptr<work> make_warn_expiry(std::vector<std::int64_t> rows, completion<std::monostate> done);
std::unique_ptr<work> make_note_attempt(failed_attempt a, completion<std::monostate> done);
std::unique_ptr<work> make_end(ending e, completion<std::monostate> done);
std::unique_ptr<work> make_send_away(std::string recipient, completion<std::monostate> done);
std::unique_ptr<work> make_arrive(arrival a, completion<std::monostate> done);
std::unique_ptr<work> make_take_evidence(evidence_batch b, completion<std::monostate> done);
std::unique_ptr<work> make_remember_head(std::string neighbour, known_head head, completion<std::monostate> done);
std::unique_ptr<work> make_open_log(completion<std::monostate> done);
/// Nothing to do: everything that was handed in before it is committed, or given up, when it is done.
std::unique_ptr<work> make_barrier(completion<std::monostate> done);
std::unique_ptr<work> make_keep_section(kept_section section, completion<std::monostate> done);
std::unique_ptr<work> make_count_section(std::string node, std::uint64_t version, completion<std::monostate> done);

/// The dispatch of these bytes that an agency sent, known by any of its codes.
struct same_dispatch {
    std::int64_t seq = 0;
    uuid id;
    std::uint64_t leaf = 0;
};
std::optional<same_dispatch> find_same(connection& db, const sha256_digest& digest,
                                       const std::vector<std::string>& sender);
/// Decides as the transaction would whether this dispatch may be accepted, and what its sender is warned of.
result<std::vector<std::string>> judge_against(connection& db, const standing_in* stands_for, const new_dispatch& d);

/// What was answered when this dispatch was accepted. Shared by the writer (repetitions) and by readers.
acceptance load_acceptance(connection& db, std::int64_t dispatch);
std::vector<std::string> split_words(std::string_view text);
/// Who holds a delivery, of four columns: held, held_by, held_reason, held_at.
held_mark held_in(const statement& q, int first_column);
std::string join_words(const std::vector<std::string>& words);
/// What strangers wrote, as much of it as is kept: cut between two characters.
std::string clipped(std::string text);
/// The row of these bytes, made if they are new here.
std::int64_t keep_content(connection& db, const spool& content);

} // namespace truc::store
