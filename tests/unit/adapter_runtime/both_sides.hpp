#pragma once
/// A legacy system and an exchange that outlive the adapter between them, as the real ones do, and keep books of what
/// reached them; and a power cut at the n-th step.

#include "runtime/evidence_reader.hpp"
#include "runtime/inbound.hpp"
#include "test_pki.hpp"

#include <deque>
#include <set>

namespace truc::test {

using namespace truc::adapter;

/// No std::exception: nothing in the runtime may survive it.
struct power_cut {};

/// Counts what would be lost by a crash: each commit, each call to the outside, before and after.
struct fuse {
    std::size_t passed = 0;
    std::size_t blows_at = 0; ///< 0: never
    void step() {
        if (++passed == blows_at) throw power_cut();
    }
};

class hand_clock final : public truc::clock {
  public:
    timestamp now() const override { return now_; }
    void pass(std::chrono::seconds s) { now_ += s; }

  private:
    timestamp now_ = test_pki::now();
};

class fake_outbox final : public legacy_outbox {
  public:
    struct record {
        std::string content;
        std::optional<error> fault; ///< of load()
        unsigned loads = 0;
    };
    explicit fake_outbox(fuse& f) : fuse_(f) {}

    result<std::vector<waiting_item>> list(std::size_t max) override;
    result<std::string> load(const std::string& key) override;
    result<void> report(const outgoing_report& r) override;
    void wait(std::chrono::milliseconds) override {}
    void interrupt() override {}

    std::vector<outgoing_report::stage> stages_of(const std::string& key) const;

    std::map<std::string, record> waiting;
    std::map<std::string, std::vector<outgoing_report>> told; ///< each thing once
    std::optional<error> down;                                ///< the system as a whole
    std::optional<error> refuses_reports;
    std::size_t asked = 0;

  private:
    fuse& fuse_;
};

class fake_inbox final : public legacy_inbox {
  public:
    explicit fake_inbox(fuse& f) : fuse_(f) {}
    result<std::string> deliver(const incoming_item& item) override;

    std::map<std::string, std::string> has; ///< content by delivery id
    std::map<std::string, error> faults;    ///< by delivery id
    std::optional<error> down;
    std::size_t twice = 0; ///< was given what it has, without a word that it may be there
    std::size_t attempts = 0;

  private:
    fuse& fuse_;
};

class fake_exchange final : public exchange {
  public:
    fake_exchange(fuse& f, const truc::clock& c) : fuse_(f), clock_(c) {}

    bool is_connected() const override { return connected; }
    std::string last_fault() const override { return connected ? "" : "away"; }
    std::optional<timestamp> away_since() const override {
        return connected ? std::nullopt : std::optional(clock_.now());
    }
    std::vector<client::submission_answer> submit(const std::vector<client::submission>& all,
                                                  std::chrono::milliseconds patience) override;
    std::vector<client::inbox_delivery> receive(std::size_t max, std::chrono::milliseconds wait) override;
    void accept(const uuid& delivery) override;
    void release(const uuid& delivery) override;
    void set_aside(const uuid& delivery, const std::string& why) override;
    void ask_again() override { aside.clear(); }
    std::vector<fact> read_evidence(std::size_t max, std::chrono::milliseconds wait) override;
    void interrupt() override {}

    /// The adapter died: what was lent comes again, and evidence is read from behind `cursor`.
    void reconnect(const std::string& cursor);
    void add_delivery(const std::string& content, const std::string& to);
    /// About the bytes that came last under this name, or others than any that came.
    void add_fact(const std::string& submission, event_name name, const std::string& reason = {});

    std::map<std::string, std::string> accepted; ///< content by the name it came with first
    std::map<std::string, std::string> seen;     ///< by name: what came last, whatever the answer
    std::map<std::string, bool> on_behalf;       ///< by name
    std::deque<client::inbox_delivery> inbox;
    std::set<uuid> lent, handed_over;
    std::map<uuid, std::string> aside;
    std::vector<fact> feed;
    std::map<std::string, client::submission_answer> answers; ///< by name: instead of accepting
    bool connected = true;
    std::size_t submissions = 0;

  private:
    client::submission_answer submit_one(const client::submission& s);
    std::size_t read_ = 0;
    std::map<uuid, timestamp> given_back_; ///< a node rests before it sends those again
    fuse& fuse_;
    const truc::clock& clock_;
};

/// Both sides, and the adapter as often as it is started.
class both_sides {
  public:
    static constexpr const char* ours = "000.00.00.H43";
    static constexpr const char* theirs = "000.00.12.H43";

    both_sides();

    /// Everything that can be done now, in all three threads' turn; false: a power cut. Throws when it never ends.
    bool settle();
    void start();
    void restart();

    std::string document(const std::string& number, const std::string& from = ours, const std::string& to = theirs,
                         const std::string& subject = "V/v kết nối") const;
    /// The names under which the exchange accepted something that mentions this.
    std::vector<std::string> accepted_with(std::string_view mention) const;

    test_pki pki;
    identity agency = pki.agency("ours");
    temporary_directory place;
    fuse wire;
    hand_clock clock;
    metrics_registry metrics;
    fake_outbox outbox{wire};
    fake_inbox inbox{wire};
    fake_exchange middle{wire, clock};
    sign_policy policy = sign_policy::if_unsigned;
    bool sign_statuses = true;
    bool report_arrival = true;
    adapter_context context{"td", {{ours, "UBND tỉnh"}}, place.path(), clock, metrics};

    // One life of the adapter.
    std::unique_ptr<adapter::journal> journal;
    std::unique_ptr<signing_desk> desk;
    condition outbox_side{clock}, inbox_side{clock};
    std::unique_ptr<outbound> out;
    std::unique_ptr<inbound> in;
    std::unique_ptr<evidence_reader> evidence;
};

} // namespace truc::test
