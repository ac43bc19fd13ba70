#include "scripted_node.hpp"

#include <fmt/format.h>

namespace truc::client::test {

namespace {

std::shared_ptr<const trust::tls_context> tls_of(const truc::test::test_pki& pki, const truc::test::identity& as) {
    trust::tls_files files;
    files.certificate = as.certificate;
    files.key = as.key;
    files.authorities = {pki.agency_ca()};
    return trust::tls_context::make_server(files, truc::test::test_pki::now());
}

std::string text_of(const amqp::settlement& how) {
    constexpr const char* names[] = {"accepted", "released", "rejected", "modified", "lost"};
    std::string text = names[static_cast<std::size_t>(how.result)];
    if (how.why) text += fmt::format(" {}: {}", how.why->name, how.why->description);
    if (how.failed) text += " failed";
    if (how.not_here) text += " not_here";
    if (const auto* reason = amqp::find<std::string>(how.annotations, "x-opt-truc-reason")) text += " " + *reason;
    return text;
}

} // namespace

served::served(scripted_node& n, std::shared_ptr<net::connection> p)
    : node(n), peer(p), session(amqp::session::make(std::move(p), {})) {}

void served::opened(const amqp::peer_open& who) { node.write("opened " + who.container); }

void served::closed(const std::optional<amqp::condition>& why) { node.write(why ? "lost" : "closed"); }

void served::link_requested(amqp::link_handle link, const amqp::link_request& request) {
    if (const auto no = node.refused.find(request.address); no != node.refused.end()) {
        node.write("refused " + request.address);
        return session->refuse_link(link, no->second);
    }
    links[request.address] = link;
    session->accept_link(link);
    if (request.address == "submit") session->set_window(link, node.submit_window);
    const auto* after = amqp::find<std::int64_t>(request.properties, "truc-after");
    node.write(request.address + (after ? fmt::format(" after {}", *after) : ""));
}

void served::link_detached(amqp::link_handle, const std::optional<amqp::condition>&) { node.write("detached"); }

void served::settled(amqp::message_handle message, const amqp::settlement& how) {
    node.write(sent[message] + " " + text_of(how));
}

void served::message_begun(amqp::link_handle, amqp::message_handle message, const amqp::message_head& head) {
    arriving_[message].first = head;
}

void served::message_data(amqp::message_handle message, std::size_t, std::string_view bytes) {
    arriving_[message].second += bytes;
}

void served::message_complete(amqp::message_handle message) {
    auto one = arriving_.extract(message);
    const auto& [head, content] = one.mapped();
    const auto* behalf = amqp::find<bool>(head.properties, "truc-signed-on-behalf");
    node.write(fmt::format("{} {}{}", head.message_id, content.substr(0, 20), behalf && *behalf ? " on behalf" : ""));
    if (!node.judge) return session->accept(message);
    const auto text = content;
    submissions.emplace(message, std::move(one.mapped()));
    node.judge(*this, message, text);
}

void served::message_lost(amqp::message_handle message) {
    node.write("incomplete " + arriving_[message].first.message_id);
    arriving_.erase(message);
}

scripted_node::scripted_node(const truc::test::test_pki& pki, const truc::test::identity& as)
    : tls_(tls_of(pki, as)),
      listener_(std::make_unique<net::listener>(loop_, net::endpoint::tcp("127.0.0.1", 0), &tls_, *this, metrics_)) {}

scripted_node::~scripted_node() {
    listener_->stop(0ms);
    current_.reset(); // a session holds a connection, which must not outlive the loop
}

net::awaitable<void> scripted_node::serve(std::shared_ptr<net::connection> peer) {
    const auto s = std::make_shared<served>(*this, std::move(peer));
    {
        const std::scoped_lock lock(mutex_);
        current_ = s;
    }
    co_await s->session->run(*s);
}

std::shared_ptr<served> scripted_node::current() const {
    const std::scoped_lock lock(mutex_);
    if (!current_) throw std::runtime_error("no client has connected");
    return current_;
}

bool scripted_node::saw(const std::string& line) {
    std::unique_lock lock(mutex_);
    const bool found = changed_.wait_for(lock, 30s, [&] { return unseen_.contains(line); });
    if (found) unseen_.erase(unseen_.find(line));
    return found;
}

bool scripted_node::never_saw(const std::string& line, std::chrono::milliseconds within) {
    std::unique_lock lock(mutex_);
    return !changed_.wait_for(lock, within, [&] { return unseen_.contains(line); });
}

std::vector<std::string> scripted_node::lines() const {
    const std::scoped_lock lock(mutex_);
    return lines_;
}

void scripted_node::write(std::string line) {
    const std::scoped_lock lock(mutex_);
    lines_.push_back(line);
    unseen_.emplace(std::move(line), true);
    changed_.notify_all();
}

void scripted_node::deliver(const uuid& id, std::string content, const std::string& subject) {
    amqp::message m;
    m.head.message_id = id.str();
    m.head.correlation_id = "000.00.00.G22,2026/07/15,17/VPCP";
    m.head.subject = subject;
    m.head.properties["truc-id"] = uuid::make(truc::test::test_pki::now()).str();
    m.head.properties["truc-from"] = std::string("000.00.00.G22");
    m.head.properties["truc-to"] = std::string("000.00.12.H43");
    m.head.properties["truc-priority"] = std::string("express");
    m.body.emplace_back(std::move(content));
    ask([&](served& s) {
        const auto handle = s.session->send(s.links.at("inbox"), std::move(m));
        if (handle) s.sent[*handle] = id.str();
        return 0;
    });
}

void scripted_node::feed(const std::string& agency, std::int64_t cursor, std::string submission) {
    amqp::message m;
    m.head.properties["truc-cursor"] = cursor;
    if (!submission.empty()) m.head.properties["truc-submission"] = std::move(submission);
    m.body.emplace_back(fmt::format("<Receipt>{}</Receipt>", cursor));
    ask([&](served& s) {
        const auto handle = s.session->send(s.links.at("receipts/" + agency), std::move(m));
        if (handle) s.sent[*handle] = fmt::format("{} {}", agency, cursor);
        return 0;
    });
}

void scripted_node::cut() { current()->peer->abort(); }

} // namespace truc::client::test
