// An agency's system with Proton's C++ binding. What it does and prints is in amqp_clients_test.py.
#include <proton/connection.hpp>
#include <proton/connection_options.hpp>
#include <proton/container.hpp>
#include <proton/delivery.hpp>
#include <proton/error_condition.hpp>
#include <proton/message.hpp>
#include <proton/message_id.hpp>
#include <proton/messaging_handler.hpp>
#include <proton/receiver.hpp>
#include <proton/receiver_options.hpp>
#include <proton/reconnect_options.hpp>
#include <proton/sender.hpp>
#include <proton/source_options.hpp>
#include <proton/ssl.hpp>
#include <proton/tracker.hpp>
#include <proton/transfer.hpp>
#include <proton/transport.hpp>

#include <deque>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

using arguments = std::deque<std::string>;

std::string take(arguments& a) {
    if (a.empty())
        throw std::invalid_argument("URL CA certificate:FILE:KEY|password:NAME:WORD send FILE…|receive "
                                    "COUNT|attach ADDRESS");
    auto first = a.front();
    a.pop_front();
    return first;
}

proton::connection_options options_of(const std::string& authority, const std::string& identity) {
    std::stringstream in(identity);
    std::string kind, first, second;
    std::getline(in, kind, ':');
    std::getline(in, first, ':');
    std::getline(in, second);
    proton::connection_options options;
    const bool password = kind == "password";
    options.sasl_allowed_mechs(password ? "PLAIN" : "EXTERNAL").sasl_allow_insecure_mechs(password);
    if (password) {
        options.user(first).password(second);
        options.ssl_client_options(proton::ssl_client_options(authority, proton::ssl::VERIFY_PEER));
    } else {
        const proton::ssl_certificate own(first, second);
        options.ssl_client_options(proton::ssl_client_options(own, authority, proton::ssl::VERIFY_PEER));
    }
    proton::reconnect_options again;
    again.delay(proton::duration(50)).max_delay(proton::duration(500));
    return options.reconnect(again);
}

proton::binary content_of(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

class client : public proton::messaging_handler {
  public:
    client(std::string url, proton::connection_options options, arguments task)
        : url_(std::move(url)), options_(std::move(options)), verb_(take(task)), task_(std::move(task)) {}

    void on_container_start(proton::container& c) override { c.connect(url_, options_); }

    /// After a reconnect the binding opens the links again by itself. (It calls even the first connection a reconnect
    /// when it had to try twice.)
    void on_connection_open(proton::connection& c) override {
        if (std::exchange(begun_, true)) return;
        if (verb_ == "send") {
            c.open_sender("submit");
            left_ = task_.size();
        } else if (verb_ == "receive") {
            left_ = std::stoul(take(task_));
            c.open_receiver("inbox", proton::receiver_options().auto_accept(false).credit_window(1));
        } else {
            c.open_receiver(take(task_), proton::receiver_options().credit_window(0)); // whether it opens is all
        }
    }

    void on_sendable(proton::sender& s) override {
        while (s.credit() > 0 && !task_.empty()) {
            const auto file = take(task_);
            proton::message m(content_of(file));
            m.inferred(true); // a data section
            m.content_type("application/xml");
            const auto name = std::filesystem::path(file).stem().string();
            m.id(proton::message_id(name));
            sent_.emplace_back(s.send(m), name);
        }
    }

    void on_tracker_accept(proton::tracker& t) override { tell(name_of(t) + " accepted", t.connection()); }
    void on_tracker_release(proton::tracker& t) override { tell(name_of(t) + " released", t.connection()); }
    /// The binding does not show the condition of an outcome.
    void on_tracker_reject(proton::tracker& t) override { tell(name_of(t) + " rejected", t.connection()); }

    void on_message(proton::delivery& d, proton::message& m) override {
        const auto from = proton::get<std::string>(m.properties().get("truc-from"));
        const auto size = proton::get<proton::binary>(m.body()).size();
        d.accept();
        tell(m.subject() + " " + proton::get<std::string>(m.id()) + " " + from + " " + std::to_string(size),
             d.connection());
    }

    /// A link that is refused opens too, but without a source.
    void on_receiver_open(proton::receiver& r) override {
        if (verb_ == "attach" && !r.source().address().empty()) tell("attached", r.connection());
    }
    void on_receiver_error(proton::receiver& r) override {
        std::cout << "refused " << r.error().name() << std::endl;
        r.connection().close();
    }
    // Left alone, each of these would end the process with an exception.
    void on_transport_error(proton::transport& t) override { complain(t.error()); }
    void on_connection_error(proton::connection& c) override { complain(c.error()); }
    void on_error(const proton::error_condition& e) override { complain(e); }

  private:
    static void complain(const proton::error_condition& e) { std::cout << "lost " << e.name() << std::endl; }

    std::string name_of(const proton::tracker& t) const {
        for (const auto& [tracker, name] : sent_)
            if (tracker == t) return name;
        return "?";
    }
    void tell(const std::string& line, proton::connection c) {
        std::cout << line << std::endl;
        if (--left_ == 0) c.close();
    }

    const std::string url_;
    const proton::connection_options options_;
    const std::string verb_;
    arguments task_;
    std::vector<std::pair<proton::tracker, std::string>> sent_;
    std::size_t left_ = 1;
    bool begun_ = false;
};

} // namespace

int main(int argc, char** argv) {
    try {
        arguments given(argv + 1, argv + argc);
        const auto url = take(given);
        const auto authority = take(given);
        const auto identity = take(given);
        client c(url, options_of(authority, identity), std::move(given));
        proton::container(c).run();
        return 0;
    } catch (const std::exception& e) {
        std::cerr << e.what() << '\n';
        return 1;
    }
}
