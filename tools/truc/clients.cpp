// client: the systems that connect to a node, as its administrators see and change them.
#include "fields.hpp"
#include "members.hpp"
#include "session.hpp"
#include "verbs.hpp"
#include "words.hpp"

#include <truc/base/durable.hpp>
#include <truc/trust/certificate_text.hpp>

#include <boost/json/serialize.hpp>

namespace truc::cli {

namespace {

target path_of(const std::string& id, const char* verb = "") {
    return target("/admin/clients/" + client::percent_encode(id) + verb);
}

/// What it identifies itself by, in a word each.
std::string means_of(const json::object& o) {
    std::string all;
    const auto add = [&](bool has, const std::string& what) {
        if (has) all += (all.empty() ? "" : ", ") + what;
    };
    const auto certificates = array_field(o, "certificates").size();
    add(certificates == 1, words("certificate", "chứng thư"));
    add(certificates > 1, words("{} certificates", "{} chứng thư", certificates));
    add(flag_field(o, "password"), words("password", "mật khẩu"));
    add(flag_field(o, "secret"), words("secret", "khóa bí mật"));
    return all;
}

void show_all(const context& c, const std::vector<json::object>& items) {
    table t({{words("CLIENT", "HỆ THỐNG")},
             {words("AGENCIES", "CƠ QUAN"), 0, true},
             {words("KNOWN BY", "NHẬN BIẾT BẰNG"), 0, true},
             {words("ENTRANCES", "CỬA VÀO"), 1}});
    for (const auto& i : items)
        t.add({text_field(i, "id"), list_field(i, "agencies"), means_of(i), list_field(i, "entrances")},
              flag_field(i, "disabled") ? words("disabled: gets in nowhere", "đang bị khóa: không vào được đâu") : "");
    c.show(items, t);
}

outcome<std::string> read_pem(const std::filesystem::path& file) {
    auto pem = read_file(file);
    if (!pem) return stop(pem.error());
    return std::move(*pem);
}

outcome<json::object> post(const context& c, const target& t, const json::object& body) {
    auto s = connect_as_administrator(c);
    if (!s) return stop(s.error());
    return s->post(t, "application/json", json::serialize(body), false);
}

/// Where systems of the axis SDK reach the node, when the network's file says so.
std::string facade_of(const context& c) {
    const auto n = network_of(c);
    if (!n || !*n || !c.options().socket.empty()) return {};
    const auto& at = c.options().at;
    const auto* node = at.empty() ? &(*n)->nodes.front() : (*n)->find_node(at);
    return node ? node->vxp : std::string();
}

/// What was made is told once; nobody can ask for it again.
void tell_what_was_made(const context& c, const json::object& o) {
    const auto id = text_field(o, "id");
    const auto password = text_field(o, "new_password");
    const auto secret = text_field(o, "new_secret");
    if (!password.empty())
        c.line(words("AMQP 1.0 with SASL PLAIN:\n  user      {}\n  password  {}",
                     "AMQP 1.0 với SASL PLAIN:\n  tên       {}\n  mật khẩu  {}", id, password));
    if (!secret.empty()) {
        const auto known = facade_of(c);
        const auto endpoint = known.empty() ? words("<http(s)://host:port/path of the node's [vxp] listener>",
                                                    "<http(s)://máy:cổng/đường-dẫn [vxp] của nút>")
                                            : known;
        c.line(words("What the agency enters into the configuration of its axis SDK:",
                     "Cơ quan điền vào cấu hình SDK của trục:"));
        c.line(fmt::format("  service.endpoint={}\n  systemid={}\n  secret={}", endpoint, id, secret));
    }
    if (!password.empty() || !secret.empty())
        c.line(words("It is shown only now. Pass it on by a way that nobody else can read.",
                     "Chỉ hiện lần này. Hãy chuyển đi bằng cách không ai khác đọc được."));
}

outcome<exit_code> set_disabled(const context& c, const std::string& id, bool disabled) {
    const auto done = post(c, path_of(id, disabled ? "/disable" : "/enable"), {});
    if (!done) return stop(done.error());
    c.object(*done);
    c.line(disabled ? words("{} gets in nowhere from now on.", "{} bị khóa từ bây giờ.", id)
                    : words("{} may connect again.", "{} lại được kết nối.", id));
    return exit_code::done;
}

} // namespace

outcome<exit_code> client_list(const context& c, const client_options&) {
    auto s = connect_as_administrator(c);
    if (!s) return stop(s.error());
    const auto items = s->get_list(target("/admin/clients"));
    if (!items) return stop(items.error());
    show_all(c, *items);
    return exit_code::done;
}

outcome<exit_code> client_show(const context& c, const client_options& o) {
    if (o.id.empty()) return client_list(c, o);
    auto s = connect_as_administrator(c);
    if (!s) return stop(s.error());
    const auto found = s->get_object(path_of(o.id));
    if (!found) return stop(found.error());
    show_members(c, *found);
    return exit_code::done;
}

outcome<exit_code> client_add(const context& c, const client_add_options& o) {
    json::object body{{"id", o.id}, {"password", o.password}, {"secret", o.secret}};
    body["agencies"] = json::array(o.agencies.begin(), o.agencies.end());
    if (o.gateway) body["gateway"] = true;
    if (!o.entrances.empty()) body["entrances"] = json::array(o.entrances.begin(), o.entrances.end());
    json::array certificates;
    for (const auto& file : o.certificates) {
        auto pem = read_pem(file);
        if (!pem) return stop(pem.error());
        certificates.emplace_back(*pem);
    }
    body["certificates"] = std::move(certificates);
    const auto done = post(c, target("/admin/clients"), body);
    if (!done) return stop(done.error());
    c.object(*done);
    c.line(words("{} acts for {} and may use: {}.", "{} đại diện {} và được dùng: {}.", o.id,
                 list_field(*done, "agencies"), list_field(*done, "entrances")));
    if (o.gateway)
        c.line(words("It is a gateway: it says itself which agencies outside the exchange it speaks for as well.",
                     "Đây là cổng nối: nó tự khai báo các cơ quan ngoài hệ thống mà nó đại diện thêm."));
    tell_what_was_made(c, *done);
    return exit_code::done;
}

outcome<exit_code> client_rotate(const context& c, const client_rotate_options& o) {
    if (int{!o.certificate.empty()} + int{o.password} + int{o.secret} != 1)
        return stop(usage_failure(words("say what is new: --cert FILE, --password or --secret",
                                        "hãy chọn cái cần đổi: --cert TỆP, --password hoặc --secret")));
    json::object body{{"keep_old_hours", o.keep_old}};
    if (o.password) body["password"] = true;
    if (o.secret) body["secret"] = true;
    if (!o.certificate.empty()) {
        auto pem = read_pem(o.certificate);
        if (!pem) return stop(pem.error());
        body["certificate"] = *pem;
    }
    const auto done = post(c, path_of(o.id, "/rotate"), body);
    if (!done) return stop(done.error());
    c.object(*done);
    if (o.keep_old == 0)
        c.line(words("The old one is good no more.", "Cái cũ hết hiệu lực ngay."));
    else if (!o.certificate.empty())
        c.line(words("The old certificates stay good until: truc client drop {} --cert SHA256",
                     "Các chứng thư cũ còn hiệu lực đến khi: truc client drop {} --cert SHA256", o.id));
    else
        c.line(words("The old one is good for {} hours yet.", "Cái cũ còn hiệu lực {} giờ.", o.keep_old));
    if (const auto entrances = list_field(*done, "new_entrances"); !entrances.empty())
        c.line(words("{} may use from now on as well: {}.", "{} từ nay được dùng thêm: {}.", o.id, entrances));
    tell_what_was_made(c, *done);
    return exit_code::done;
}

outcome<exit_code> client_drop(const context& c, const client_drop_options& o) {
    auto digest = o.certificate;
    if (std::error_code ec; std::filesystem::is_regular_file(digest, ec)) {
        auto pem = read_pem(digest);
        if (!pem) return stop(pem.error());
        if (const auto read = trust::digest_of_certificate(*pem)) digest = read->hex();
    }
    const auto done = post(c, path_of(o.id, "/drop"), {{"certificate", digest}});
    if (!done) return stop(done.error());
    c.object(*done);
    c.line(words("{} is known by so many certificates now: {}.", "Số chứng thư của {} hiện nay: {}.", o.id,
                 array_field(*done, "certificates").size()));
    return exit_code::done;
}

outcome<exit_code> client_disable(const context& c, const client_options& o) { return set_disabled(c, o.id, true); }
outcome<exit_code> client_enable(const context& c, const client_options& o) { return set_disabled(c, o.id, false); }

} // namespace truc::cli
