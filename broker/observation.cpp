#include "observation.hpp"

namespace truc::broker {

observation::observation(const configuration& c, metrics_registry& metrics, alarm_board& alarms)
    : metrics_(metrics), alarms_(alarms), events_(&metrics), outlets_(make_outlets(c, metrics)) {
    adjust(c);
    alarms_.tell([this](const alarm_news& n) {
        for (const auto& o : outlets_) o->post(n);
    });
    metrics_.add_gauge("truc_alarms_open", "Alarms that stand",
                       [&alarms] { return static_cast<double>(alarms.list().size()); });
}

observation::~observation() { alarms_.tell(nullptr); }

void observation::begin(store::store& s, const configuration& c) {
    metrics_.add_gauge("truc_disk_free_bytes", "Free space where the store lies",
                       [&s] { return static_cast<double>(s.free_bytes()); });
    metrics_.add_gauge("truc_writer_waiting", "Items that wait for the store's writer",
                       [&s] { return static_cast<double>(s.queued()); });
    metrics_.add_gauge("truc_writer_oldest_seconds", "For how long what waits longest for the writer has waited",
                       [&s] { return static_cast<double>(s.health().oldest_wait.count()) / 1000; });
    node_watch::options o;
    o.store = &s;
    o.metrics = &metrics_;
    o.alarms = &alarms_;
    o.data_dir = c.data_dir;
    o.pause = c.figures_pause;
    watch_ = std::make_unique<node_watch>(std::move(o));
}

void observation::stop() {
    if (watch_) watch_->stop();
}

void observation::adjust(const configuration& c) { events_.enable(c.log_events); }

} // namespace truc::broker
