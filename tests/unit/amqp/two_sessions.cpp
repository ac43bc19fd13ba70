#include "two_sessions.hpp"

#include <boost/asio/detached.hpp>
#include <fmt/format.h>

namespace truc::amqp::test {

namespace {

std::string text_of(const std::optional<condition>& why) {
    return why ? fmt::format(" {} {}", why->name, why->description) : std::string();
}

std::string text_of(const settlement& how) {
    constexpr const char* names[] = {"accepted", "released", "rejected", "modified", "lost"};
    std::string text = names[static_cast<std::size_t>(how.result)] + text_of(how.why);
    if (how.failed) text += " failed";
    if (how.not_here) text += " not_here";
    for (const auto& [key, value] : how.annotations)
        if (const auto* said = std::get_if<std::string>(&value)) text += fmt::format(" {}={}", key, *said);
    return text;
}

net::awaitable<void> dial_and_run(net::connection::strand strand, std::uint16_t port,
                                  std::shared_ptr<const trust::tls_context> tls, session_options options,
                                  recorder* handler, std::atomic<int>* running,
                                  std::function<void(std::shared_ptr<net::connection>)> made) {
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    auto peer = co_await net::dial(strand, "127.0.0.1", port, tls, deadline);
    if (peer) {
        made(*peer);
        auto s = session::make(*peer, options);
        handler->use(s);
        co_await s->run(*handler);
    } else {
        handler->closed(condition{"dial", std::string(describe(peer.error().code).name)});
    }
    --*running;
}

} // namespace

bool recorder::saw(const std::string& line) {
    std::unique_lock lock(mutex_);
    const bool found = changed_.wait_for(lock, 30s, [&] { return unseen_.contains(line); });
    if (found) unseen_.erase(unseen_.find(line));
    return found;
}

std::vector<std::string> recorder::lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
}

std::size_t recorder::count(const std::string& line) const {
    const std::lock_guard lock(mutex_);
    return static_cast<std::size_t>(std::count(lines_.begin(), lines_.end(), line));
}

void recorder::write(std::string line) {
    const std::lock_guard lock(mutex_);
    lines_.push_back(line);
    unseen_.emplace(std::move(line), true);
    changed_.notify_all();
}

void recorder::use(std::shared_ptr<session> s) {
    const std::lock_guard lock(mutex_);
    session_ = std::move(s);
    changed_.notify_all();
}

std::shared_ptr<session> recorder::get() {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, 10s, [&] { return session_ != nullptr; })) throw std::runtime_error("no session");
    return session_;
}

void recorder::accept_all(session& s, link_handle link, const link_request& request) {
    s.accept_link(link);
    if (request.role == link_role::we_receive) s.set_window(link, 10);
}

void recorder::opened(const peer_open& peer) {
    std::string properties;
    for (const auto& [key, value] : peer.properties) properties += " " + key;
    write(fmt::format("opened {} {}{}", peer.container, peer.mechanism, properties));
    if (on_opened) on_opened(*get());
}

void recorder::closed(const std::optional<condition>& why) { write("closed" + text_of(why)); }

void recorder::link_requested(link_handle link, const link_request& request) {
    write(fmt::format("requested {} {} {}", request.role == link_role::we_send ? "sender" : "receiver", request.name,
                      request.address));
    on_link(*get(), link, request);
}

void recorder::link_attached(link_handle) { write("attached"); }

void recorder::link_detached(link_handle, const std::optional<condition>& why) { write("detached" + text_of(why)); }

void recorder::credit_changed(link_handle link, std::size_t credit) {
    if (!quiet) write(fmt::format("credit {}", credit));
    if (on_credit) on_credit(*get(), link, credit);
}

void recorder::settled(message_handle message, const settlement& how) {
    if (!quiet || how.result != outcome::accepted) write(text_of(how));
    if (on_settled) on_settled(*get(), message, how.result);
}

void recorder::message_begun(link_handle, message_handle message, const message_head& head) {
    if (!quiet) {
        heads[message] = head;
        write("begun " + head.message_id);
    }
}

void recorder::message_data(message_handle message, std::size_t section, std::string_view bytes) {
    if (!quiet) {
        auto& body = bodies[message];
        if (body.size() <= section) body.resize(section + 1);
        body[section] += bytes;
    }
    if (on_data) on_data(*get(), message, bytes);
}

void recorder::message_complete(message_handle message) {
    last = message;
    if (!quiet) write("complete " + heads[message].message_id);
    if (on_complete) on_complete(*get(), message);
}

void recorder::message_lost(message_handle message) { write("lost message " + heads[message].message_id); }

two_sessions::two_sessions() {
    trust::tls_files files;
    files.certificate = node_a_.certificate;
    files.key = node_a_.key;
    files.authorities = {pki_.node_ca()};
    server_tls_ = std::make_unique<net::tls_holder>(trust::tls_context::make_server(files, pki_.now()));
    client_tls_ = client_tls(node_b_);
    server_options_.container = "node-a";
    client_options_.role = session_options::side::client;
    client_options_.container = "node-b";
}

two_sessions::~two_sessions() {
    if (const auto peer = dialled_.lock()) peer->abort();
    if (listener_) listener_->stop(0ms);
    for (int i = 0; i < 1000 && running_ > 0; ++i) std::this_thread::sleep_for(10ms);
    server_.use(nullptr); // a session holds a connection, which must not outlive the loop
    client_.use(nullptr);
}

std::shared_ptr<const trust::tls_context> two_sessions::client_tls(const truc::test::identity& who) const {
    trust::tls_files files;
    files.certificate = who.certificate;
    files.key = who.key;
    files.authorities = {pki_.node_ca()};
    return trust::tls_context::make_client(files, pki_.now());
}

std::shared_ptr<const trust::tls_context> two_sessions::client_tls_without_certificate() const {
    trust::tls_files files;
    files.authorities = {pki_.node_ca()};
    return trust::tls_context::make_client(files, pki_.now());
}

net::awaitable<void> two_sessions::serve(std::shared_ptr<net::connection> peer) {
    auto s = session::make(peer, server_options_);
    server_.use(s);
    co_await s->run(server_);
}

void two_sessions::listen() {
    net::listener_options options;
    options.name = "amqp";
    listener_ = std::make_unique<net::listener>(loop_, net::endpoint::tcp("127.0.0.1", 0), server_tls_.get(), *this,
                                                metrics_, options);
}

void two_sessions::connect() {
    auto strand = net::asio::make_strand(loop_.context());
    ++running_;
    auto keep = [this](std::shared_ptr<net::connection> peer) { dialled_ = peer; };
    net::asio::co_spawn(
        strand,
        dial_and_run(strand, listener_->port(), client_tls_, client_options_, &client_, &running_, std::move(keep)),
        net::asio::detached);
}

void two_sessions::open() {
    listen();
    connect();
    ASSERT_TRUE(server_.saw("opened node-b EXTERNAL")) << testing::PrintToString(server_.lines());
    ASSERT_TRUE(client_.saw("opened node-a EXTERNAL")) << testing::PrintToString(client_.lines());
}

link_handle two_sessions::sender(const std::string& target) {
    const auto link = client_.ask([&](session& s) { return s.attach_sender("legs", target); });
    EXPECT_TRUE(client_.saw("attached"));
    EXPECT_TRUE(client_.saw("credit 10"));
    return link;
}

message text_message(std::string id, std::string body) {
    message m;
    m.head.message_id = std::move(id);
    m.body.emplace_back(std::move(body));
    return m;
}

} // namespace truc::amqp::test
