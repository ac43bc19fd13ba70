// From the options to a connection.
#include "session.hpp"
#include "stopped_node.hpp"
#include "words.hpp"

#include <stdexcept>

namespace truc::cli {

namespace {

outcome<session> open(std::string_view url, client::http_options options, std::string agency) {
    auto where = client::server_address::parse(url);
    if (!where)
        return stop(usage_failure(words("{} is no address of a node; expected https://host:port",
                                        "{} không phải địa chỉ nút; cần dạng https://máy:cổng", url)));
    try {
        return session(std::move(*where), std::move(options), std::move(agency));
    } catch (const std::runtime_error& e) {
        return stop(usage_failure(
            words("the certificate files cannot be used: {}", "không dùng được các tệp chứng thư: {}", e.what())));
    }
}

std::string names_in(const network& n) {
    std::string names;
    for (const auto& node : n.nodes) names += (names.empty() ? "" : ", ") + node.name;
    return names;
}

/// --at, or the only node there is.
outcome<network_node> node_of(const network& n, const std::string& at) {
    const auto* found = at.empty() ? nullptr : n.find_node(at);
    if (at.empty() && n.nodes.size() == 1) found = &n.nodes.front();
    if (found) return *found;
    return stop(usage_failure(at.empty() ? words("say which node by --at; the network has: {}",
                                                 "hãy chọn nút bằng --at; mạng có: {}", names_in(n))
                                         : words("there is no node {} in this network; it has: {}",
                                                 "mạng không có nút {}; các nút là: {}", at, names_in(n))));
}

bool names_an_agency(const global_options& o) { return !o.as.empty() || !o.certificate.empty(); }

} // namespace

outcome<std::optional<network>> network_of(const context& c) {
    const auto& file = c.options().network;
    if (file.empty()) return std::optional<network>();
    auto n = network::load(file);
    if (!n) return stop(n.error());
    return std::optional<network>(std::move(*n));
}

outcome<identity> identity_of(const context& c) {
    const auto& o = c.options();
    identity who{o.as, o.certificate, o.key};
    if (who.certificate.empty() != who.key.empty())
        return stop(usage_failure(words("--cert and --key go together", "--cert và --key phải đi cùng nhau")));
    if (!who.certificate.empty()) return who;
    const auto n = network_of(c);
    if (!n) return stop(n.error());
    const auto* agency = *n ? (*n)->find_agency(o.as) : nullptr;
    if (!agency)
        return stop(usage_failure(
            o.as.empty() ? words("say who you are: --as CODE with --network FILE, or --cert FILE --key FILE",
                                 "hãy cho biết bạn là ai: --as MÃ cùng --network TỆP, hoặc --cert TỆP --key TỆP")
                         : words("the network file has no agency {}; give --cert and --key",
                                 "tệp mạng không có cơ quan {}; hãy dùng --cert và --key", o.as)));
    who.certificate = agency->certificate;
    who.key = agency->key;
    return who;
}

outcome<session> connect_as_agency(const context& c, std::chrono::seconds longest_poll) {
    const auto& o = c.options();
    auto who = identity_of(c);
    if (!who) return stop(who.error());
    const auto n = network_of(c);
    if (!n) return stop(n.error());
    client::http_options options;
    options.certificate = who->certificate;
    options.key = who->key;
    options.authority = o.authority;
    options.answer_time += longest_poll;
    if (*n && options.authority.empty()) options.authority = (*n)->authority;
    std::string url = o.node;
    if (url.empty() && *n) {
        const auto* agency = (*n)->find_agency(o.as);
        const auto node = node_of(**n, !o.at.empty() || !agency ? o.at : agency->node);
        if (!node) return stop(node.error());
        url = node->http;
        // The client that serves the agency opens its connections; its own certificate may be another one.
        const auto* client = agency && o.certificate.empty() ? (*n)->find_client(agency->client) : nullptr;
        if (client) options.certificate = client->certificate, options.key = client->key;
    }
    if (url.empty())
        return stop(usage_failure(words("say which node: --network FILE --at NODE, or --node URL",
                                        "hãy chọn nút: --network TỆP --at NÚT, hoặc --node URL")));
    if (options.authority.empty() && url.starts_with("https:"))
        return stop(usage_failure(words("--ca FILE is needed to know the node by its certificate",
                                        "cần --ca TỆP để kiểm tra chứng thư của nút")));
    return open(url, std::move(options), std::move(who->agency));
}

namespace {

/// Where a node's administrators get in, and how its store is found while it does not run.
struct administration_door {
    std::string node; ///< for people
    std::filesystem::path socket;
    std::filesystem::path config; ///< empty: not known
};

outcome<administration_door> door_of(const context& c) {
    const auto& o = c.options();
    if (!o.socket.empty()) return administration_door{o.socket.string(), o.socket, o.config};
    if (!o.config.empty()) {
        auto socket = socket_in(o.config);
        if (!socket) return stop(socket.error());
        return administration_door{o.config.string(), std::move(*socket), o.config};
    }
    const auto n = network_of(c);
    if (!n) return stop(n.error());
    if (!*n)
        return stop(usage_failure(
            words("administrators' verbs need --network FILE --at NODE, --config FILE (of trucd) or --socket PATH",
                  "lệnh quản trị cần --network TỆP --at NÚT, --config TỆP (của trucd) hoặc --socket ĐƯỜNG_DẪN")));
    const auto node = node_of(**n, o.at);
    if (!node) return stop(node.error());
    return administration_door{node->name, node->admin, node->config};
}

failure closed_to_us(const administration_door& d) {
    return advised(
        failure{exit_code::unreachable,
                {{"code", "not_permitted"},
                 {"detail", words("you may not open {}: whoever may is an administrator",
                                  "bạn không có quyền mở {}: ai mở được là quản trị viên", d.socket.string())}}},
        words("call truc as the user of trucd or as root: sudo truc …",
              "chạy truc bằng tài khoản của trucd hoặc root: sudo truc …"));
}

failure nobody_answers(const administration_door& d) {
    return advised(failure_of(error(errc::unreachable, d.socket.string())),
                   words("see whether trucd runs; with --config FILE (of trucd) the store of a stopped node can be "
                         "looked at",
                         "kiểm tra trucd có chạy không; dùng --config TỆP (của trucd) để xem dữ liệu của nút đã dừng"));
}

outcome<session> show_stopped(const context& c, const administration_door& d) {
    auto shown = stopped_node::show(d.config);
    if (!shown) return stop(shown.error());
    c.note(
        words("{} is not running; this is what it has stored.", "{} không chạy; đây là dữ liệu nút đã lưu.", d.node));
    auto where = client::server_address::parse("unix:" + (*shown)->socket().string());
    if (!where) return stop(where.error());
    return session(std::move(*shown), std::move(*where));
}

/// Who asks a node that stands still has to learn that, and soon.
outcome<session> open_as_administrator(const std::filesystem::path& socket) {
    client::http_options options;
    options.answer_time = std::chrono::seconds(20);
    auto s = open("unix:" + socket.string(), std::move(options), {});
    if (s) s->speak_to_administrator();
    return s;
}

} // namespace

outcome<session> connect_as_administrator(const context& c) {
    const auto d = door_of(c);
    if (!d) return stop(d.error());
    const auto answer = knock(d->socket);
    if (answer == door::closed_to_us) return stop(closed_to_us(*d));
    if (answer == door::open) return open_as_administrator(d->socket);
    return d->config.empty() ? stop(nobody_answers(*d)) : show_stopped(c, *d);
}

outcome<session> connect_to_look(const context& c) {
    return names_an_agency(c.options()) ? connect_as_agency(c) : connect_as_administrator(c);
}

} // namespace truc::cli
