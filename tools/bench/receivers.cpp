#include "receivers.hpp"

#include <algorithm>
#include <thread>

namespace truc::bench {

namespace {

using std::chrono::steady_clock;

constexpr std::size_t window = 16; // messages
constexpr auto patience = std::chrono::seconds(60);

} // namespace

class receivers::receiver final : public dialled_session {
  public:
    receiver(const std::string& client, receivers& of) : dialled_session(client), of_(of) {}

    bool waits() const { return attached_; }

    void link_attached(amqp::link_handle link) override {
        session().set_window(link, window);
        attached_ = true;
    }
    void message_begun(amqp::link_handle, amqp::message_handle, const amqp::message_head& head) override {
        delivery_ = head.message_id;
    }
    void message_complete(amqp::message_handle message) override {
        of_.note(delivery_);
        session().accept(message);
    }

  private:
    void begin() override { session().attach_receiver("inbox", "inbox"); }

    receivers& of_;
    std::string delivery_; ///< that arrives: there is one link, and on a link one message at a time
    std::atomic<bool> attached_{false};
};

receivers::receivers(std::uint16_t port) : port_(port) {}

receivers::~receivers() { loop_.stop(); }

void receivers::add(const std::string& client, std::shared_ptr<const trust::tls_context> tls) {
    all_.push_back(std::make_unique<receiver>(client, *this));
    all_.back()->start(loop_, port_, std::move(tls));
}

void receivers::await_links() const {
    const auto until = steady_clock::now() + patience;
    while (!std::all_of(all_.begin(), all_.end(), [](const auto& r) { return r->waits(); })) {
        demand_health(all_);
        if (steady_clock::now() > until) throw failure("not every receiver was let in");
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
}

void receivers::note(const std::string& delivery) {
    const auto now = steady_clock::now();
    const std::scoped_lock lock(mutex_);
    if (!arrived_.emplace(delivery, now).second) twice_ = delivery;
    changed_.notify_all();
}

steady_clock::time_point receivers::await_delivery(const std::string& id) {
    std::unique_lock lock(mutex_);
    const bool there = changed_.wait_for(lock, patience, [&] { return arrived_.contains(id); });
    if (!twice_.empty()) throw failure("a delivery came twice: " + twice_);
    if (!there) throw failure("a delivery did not arrive: " + id);
    return arrived_.at(id);
}

} // namespace truc::bench
