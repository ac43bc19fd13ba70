#include "upkeep.hpp"

#include <fmt/format.h>

namespace truc::broker {

class upkeep::noting_handler final : public net::connection_handler {
  public:
    noting_handler(net::connection_handler& inner, api::certificate_watch& watch) : inner_(inner), watch_(watch) {}

    net::awaitable<void> serve(std::shared_ptr<net::connection> peer) override {
        const auto& who = peer->peer();
        if (who.certificate) watch_.shown(*who.certificate, who.certificate_der);
        return inner_.serve(std::move(peer));
    }

  private:
    net::connection_handler& inner_;
    api::certificate_watch& watch_;
};

upkeep::upkeep(const options& o, const loaded& l)
    : c_(*o.c),
      runs_(o.runs),
      keep_free_(c_.keep_free),
      agencies_(l.agencies),
      exchange_(l.exchange),
      certificates_({c_.node,
                     {c_.certificate, c_.exchange_ca, c_.agency_ca, c_.crl},
                     o.store,
                     &system_clock(),
                     o.alarms,
                     o.directory,
                     [this] { return take_used(); }}),
      clocks_({o.store, &system_clock(), o.alarms, l.clocks, c_.clocks.look_back}) {
    chores_.add("watching certificates", [this] { return certificates_.look(); });
    chores_.add("watching legal clocks", [this] { return clocks_.look(); });
    add_metrics(*o.metrics);
}

std::vector<std::shared_ptr<const trust::trusted_certificate>> upkeep::take_used() const {
    auto all = agencies_.load()->take_used();
    for (auto& one : exchange_->take_used()) all.push_back(std::move(one));
    return all;
}

void upkeep::add_metrics(metrics_registry& metrics) {
    metrics.add_gauges("truc_certificate_expiry_seconds",
                       "Until the first certificate or revocation list of each use ends; negative when it has", [this] {
                           std::vector<gauge_line> lines;
                           for (const auto use : api::all_certificate_uses)
                               if (const auto left = certificates_.left(use))
                                   lines.push_back({fmt::format("which=\"{}\"", api::to_string(use)),
                                                    static_cast<double>(left->count())});
                           return lines;
                       });
}

api::upkeep upkeep::shown() const {
    return {&certificates_, &clocks_, c_.data_dir, [this] { return keep_free_.load(); }, runs_};
}

net::connection_handler& upkeep::watched(net::connection_handler& inner) {
    return *handlers_.emplace_back(std::make_unique<noting_handler>(inner, certificates_));
}

void upkeep::use(const loaded& l) {
    agencies_ = l.agencies;
    clocks_.use(l.clocks);
}

} // namespace truc::broker
