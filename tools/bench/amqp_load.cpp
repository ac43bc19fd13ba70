#include "amqp_load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

namespace truc::bench {

namespace {

constexpr auto patience = std::chrono::seconds(60); ///< for sessions to open, and for the last outcomes
constexpr auto look_every = std::chrono::milliseconds(5);

} // namespace

class amqp_load::submitter final : public dialled_session {
  public:
    submitter(const std::string& client, account& a, document_queue& documents, std::size_t window)
        : dialled_session(client), account_(a), documents_(documents), window_(window) {}

    bool may_send() const { return credit_; }
    void submit();

    void credit_changed(amqp::link_handle, std::size_t) override {
        credit_ = true;
        submit();
    }
    void settled(amqp::message_handle message, const amqp::settlement& how) override;

  private:
    void begin() override { link_ = session().attach_sender("submit", "submit"); }
    void send_one();

    account& account_;
    document_queue& documents_;
    const std::size_t window_;
    amqp::link_handle link_{};
    std::unordered_map<amqp::message_handle, steady_time> under_way_; ///< when each was sent
    std::atomic<bool> credit_{false};
};

void amqp_load::submitter::submit() {
    while (account_.running && is_open() && under_way_.size() < window_ && session().credit(link_) > 0) {
        if (documents_.empty()) {
            account_.dry = true;
            return;
        }
        send_one();
    }
}

void amqp_load::submitter::send_one() {
    amqp::message m;
    m.head.content_type = "application/xml";
    m.body.emplace_back(std::move(documents_.front()));
    documents_.pop_front();
    const auto handle = session().send(link_, std::move(m));
    if (!handle) return fail("a document could not be sent");
    under_way_.emplace(*handle, std::chrono::steady_clock::now());
    ++account_.under_way;
}

void amqp_load::submitter::settled(amqp::message_handle message, const amqp::settlement& how) {
    const auto now = std::chrono::steady_clock::now();
    const auto at = under_way_.find(message);
    if (how.result == amqp::outcome::accepted) {
        account_.seen.completed.push_back(now - account_.start);
        account_.seen.took.push_back(now - at->second);
    } else {
        fail(fmt::format("a document was not accepted ({}): {}", static_cast<int>(how.result), in_words(how.why)));
    }
    under_way_.erase(at);
    submit();
    --account_.under_way; // last, so that it is 0 only when nothing follows
}

amqp_load::amqp_load(std::uint16_t port) : port_(port) {}

amqp_load::~amqp_load() { loop_.stop(); }

void amqp_load::add(const std::string& client, std::shared_ptr<const trust::tls_context> tls, document_queue& documents,
                    std::size_t window) {
    submitters_.push_back(std::make_unique<submitter>(client, account_, documents, window));
    submitters_.back()->start(loop_, port_, std::move(tls));
}

/// Returns in any case when so much time has passed.
template <class Condition>
void amqp_load::wait_until(std::chrono::nanoseconds most, const Condition& reached) const {
    for (const auto until = std::chrono::steady_clock::now() + most; !reached();) {
        if (std::chrono::steady_clock::now() > until) return;
        demand_health(submitters_);
        std::this_thread::sleep_for(look_every);
    }
    demand_health(submitters_);
}

/// The loop has one thread, so that one turn of it is seen by all sessions.
void amqp_load::tell_all(bool running) {
    net::asio::post(loop_.context(), [this, running] {
        account_.running = running;
        if (!running) return;
        account_.start = std::chrono::steady_clock::now();
        for (const auto& s : submitters_) s->submit();
    });
}

observation amqp_load::run(std::chrono::nanoseconds time) {
    const auto ready = [this] {
        return std::all_of(submitters_.begin(), submitters_.end(), [](const auto& s) { return s->may_send(); });
    };
    wait_until(patience, ready);
    if (!ready()) throw failure("not every session was opened");
    tell_all(true);
    const auto start = std::chrono::steady_clock::now();
    wait_until(time, [this] { return account_.dry.load(); });
    const auto length = std::chrono::steady_clock::now() - start;
    tell_all(false);
    wait_until(patience, [this] { return account_.under_way == 0; });
    if (account_.under_way != 0) throw failure("documents were left without an outcome");
    loop_.stop();
    account_.seen.length = length;
    return std::move(account_.seen);
}

} // namespace truc::bench
