#include "runtime.hpp"

#include "admin.hpp"
#include "evidence_reader.hpp"
#include "inbound.hpp"
#include "instance_lock.hpp"

#include <truc/base/log.hpp>

#include <thread>

namespace truc::adapter {

namespace {

std::map<std::string, std::string> cursors_of(const journal& j, const configuration& c) {
    std::map<std::string, std::string> all;
    for (const auto& a : c.agencies) all.emplace(a.code, j.cursor(a.code));
    return all;
}

client::exchange_options options_of(const configuration& c) {
    auto o = c.exchange;
    o.window = inbound::batch;
    return o;
}

} // namespace

struct runtime::parts {
    parts(const configuration& c, const adapter_context& x, metrics_registry& m, legacy_system l,
          std::function<void()> death)
        : legacy(std::move(l)),
          on_death(std::move(death)),
          desk(c.signing, x.clock),
          lock(c.data_dir),
          records(c.data_dir / "journal.db", x.clock),
          link(make_exchange(options_of(c), cursors_of(records, c))),
          out({c.name, records, *link, desk, outbox_side, x.clock, m}, *legacy.outbox),
          in({c.name, records, *link, desk, inbox_side, x.clock, m}, x, *legacy.inbox,
             {c.report_arrival, [this] { out.wake(); }}),
          evidence(records, *link, [this] { out.wake(); }),
          watching({c, records, *link, outbox_side, inbox_side, desk, x.clock, m, [this] { out.wake(); }}) {}
    ~parts() {
        out.stop();
        in.stop();
        evidence.stop();
        link->interrupt();
        for (auto& t : threads) t.join();
    }

    /// An exception out of a worker means that the journal cannot be relied on: all stop, and begin anew from it.
    template <class Work>
    void start(const char* name, Work& work) {
        threads.emplace_back([this, name, &work] {
            try {
                work.run();
            } catch (const std::exception& e) {
                spdlog::critical("{}: {}", name, e.what());
                dead = true;
                on_death();
            }
        });
    }

    legacy_system legacy;
    std::function<void()> on_death;
    signing_desk desk;
    instance_lock lock;
    journal records;
    std::unique_ptr<exchange> link;
    condition outbox_side, inbox_side;
    outbound out;
    inbound in;
    evidence_reader evidence;
    observation watching;
    std::atomic<bool> dead{false};
    std::vector<std::thread> threads;
};

runtime::runtime(const configuration& c, const adapter_context& context, metrics_registry& metrics,
                 legacy_system legacy, std::function<void()> on_death)
    : parts_(std::make_unique<parts>(c, context, metrics, std::move(legacy), std::move(on_death))) {
    parts_->desk.validity();
    parts_->start("outbound", parts_->out);
    parts_->start("inbound", parts_->in);
    parts_->start("evidence", parts_->evidence);
}

runtime::~runtime() = default;

bool runtime::is_dead() const { return parts_->dead; }

} // namespace truc::adapter
