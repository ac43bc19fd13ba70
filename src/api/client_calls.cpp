#include "client_calls.hpp"

#include "client_keeping.hpp"

#include <truc/base/log.hpp>
#include <truc/directory/edit.hpp>
#include <truc/trust/certificate_text.hpp>

#include <tuple>

namespace truc::api {

namespace {

constexpr std::int64_t usual_overlap = 24;        // hours
constexpr std::int64_t longest_overlap = 24 * 90; // hours

result<json::object> read_object(const std::string& body) {
    boost::system::error_code ec;
    auto parsed = json::parse(body.empty() ? "{}" : body, ec);
    if (ec || !parsed.is_object()) return fail(errc::bad_request, "body");
    return std::move(parsed.get_object());
}

result<bool> read_flag(const json::object& o, std::string_view name) {
    const auto* value = o.if_contains(name);
    if (value && !value->is_bool()) return fail(errc::bad_request, std::string(name) + ": expected true or false");
    return value && value->get_bool();
}

result<std::vector<std::string>> read_texts(const json::object& o, std::string_view name) {
    std::vector<std::string> texts;
    const auto* value = o.if_contains(name);
    if (!value) return texts;
    const auto wrong = fail(errc::bad_request, std::string(name) + ": expected a list of texts");
    if (!value->is_array()) return wrong;
    for (const auto& item : value->get_array()) {
        if (!item.is_string()) return wrong;
        texts.emplace_back(std::string_view(item.get_string()));
    }
    return texts;
}

result<std::string> read_text(const json::object& o, std::string_view name) {
    const auto* value = o.if_contains(name);
    if (value && !value->is_string()) return fail(errc::bad_request, std::string(name) + ": expected a text");
    return value ? std::string(std::string_view(value->get_string())) : std::string();
}

/// As it can stand in a URL, a log line and a header.
bool is_client_id(std::string_view id) {
    constexpr std::size_t longest = 64;
    constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
    return !id.empty() && id.size() <= longest && id.find_first_not_of(allowed) == std::string_view::npos;
}

result<sha256_digest> read_certificate(const std::string& pem) {
    const auto digest = trust::digest_of_certificate(pem);
    if (!digest) return fail(errc::bad_request, "certificate: expected a certificate in PEM form");
    return *digest;
}

/// What a new client is to be.
struct wanted {
    directory::client client;
    bool password = false;
    bool secret = false;
};

/// Those that what it gets is for.
std::vector<entrance> usual_entrances(const wanted& w) {
    std::vector<entrance> all;
    if (!w.client.certificates.empty()) all.push_back(entrance::http);
    if (!w.client.certificates.empty() || w.password) all.push_back(entrance::amqp);
    if (w.secret) all.push_back(entrance::axis);
    return all;
}

std::optional<entrance> entrance_of_clients(std::string_view name) {
    for (const auto e : {entrance::http, entrance::amqp, entrance::axis, entrance::adapter})
        if (to_string(e) == name) return e;
    return std::nullopt;
}

result<void> read_entrances(const json::object& o, wanted& w) {
    const auto names = read_texts(o, "entrances");
    if (!names) return fail(names.error());
    for (const auto& name : *names) {
        const auto e = entrance_of_clients(name);
        if (!e) return fail(errc::bad_request, "entrances: expected http, amqp, axis, adapter");
        w.client.entrances.push_back(*e);
    }
    if (w.client.entrances.empty()) w.client.entrances = usual_entrances(w);
    if (w.client.entrances.empty()) return fail(errc::bad_request, "expected a certificate, password or secret");
    return {};
}

result<void> read_certificates(const json::object& o, wanted& w) {
    const auto texts = read_texts(o, "certificates");
    if (!texts) return fail(texts.error());
    for (const auto& pem : *texts) {
        const auto digest = read_certificate(pem);
        if (!digest) return fail(digest.error());
        w.client.certificates.push_back(*digest);
    }
    return {};
}

result<wanted> read_wanted(const std::string& body) {
    const auto o = read_object(body);
    if (!o) return fail(o.error());
    const auto id = read_text(*o, "id");
    const auto codes = read_texts(*o, "agencies");
    const auto password = read_flag(*o, "password"), secret = read_flag(*o, "secret");
    for (const auto* wrong : {id ? nullptr : &id.error(), codes ? nullptr : &codes.error(),
                              password ? nullptr : &password.error(), secret ? nullptr : &secret.error()})
        if (wrong) return fail(*wrong);
    wanted w;
    w.client.id = *id;
    w.password = *password;
    w.secret = *secret;
    if (!is_client_id(*id)) return fail(errc::bad_request, "id: expected 1 to 64 letters, digits, '-', '_' and '.'");
    if (codes->empty()) return fail(errc::bad_request, "agencies: expected the code of an agency");
    for (const auto& text : *codes) {
        auto code = agency_code::parse(text);
        if (!code) return fail(errc::bad_request, "agencies: expected the code of an agency");
        w.client.agencies.push_back(std::move(*code));
    }
    if (auto read = read_certificates(*o, w); !read) return fail(read.error());
    if (auto read = read_entrances(*o, w); !read) return fail(read.error());
    return w;
}

void add_kept(json::object& o, const std::string& name, const kept_by_client& kept, const std::string& id,
              timestamp now) {
    const auto found = kept.find(id);
    o[name] = found != kept.end() && found->second.current;
    const auto until = found == kept.end() ? std::nullopt : found->second.old_until;
    if (until && now < *until) o["old_" + name + "_until"] = to_rfc3339(*until);
}

/// What a call has made, in the only answer that ever shows it.
struct made {
    std::string password;
    std::string secret;
};

json::object describe(const directory::client& c, const made& m) {
    auto o = describe_client(c);
    if (!m.password.empty()) o["new_password"] = m.password;
    if (!m.secret.empty()) o["new_secret"] = m.secret;
    return o;
}

/// What becomes of a client's means; one of the three.
struct rotation {
    std::optional<sha256_digest> certificate;
    bool password = false;
    bool secret = false;
    std::chrono::hours overlap{usual_overlap}; ///< for which the old one is still good
};

result<std::chrono::hours> read_overlap(const json::object& o) {
    const auto* value = o.if_contains("keep_old_hours");
    if (!value) return std::chrono::hours(usual_overlap);
    const auto* hours = value->if_int64();
    if (!hours || *hours < 0 || *hours > longest_overlap)
        return fail(errc::bad_request, "keep_old_hours: expected a whole number from 0 to 2160");
    return std::chrono::hours(*hours);
}

result<rotation> read_rotation(const std::string& body) {
    const auto o = read_object(body);
    if (!o) return fail(o.error());
    const auto pem = read_text(*o, "certificate");
    const auto password = read_flag(*o, "password"), secret = read_flag(*o, "secret");
    const auto overlap = read_overlap(*o);
    for (const auto* wrong : {pem ? nullptr : &pem.error(), password ? nullptr : &password.error(),
                              secret ? nullptr : &secret.error(), overlap ? nullptr : &overlap.error()})
        if (wrong) return fail(*wrong);
    if (int{!pem->empty()} + int{*password} + int{*secret} != 1)
        return fail(errc::bad_request, "expected one of certificate, password, secret");
    rotation r;
    r.password = *password;
    r.secret = *secret;
    r.overlap = *overlap;
    if (pem->empty()) return r;
    const auto digest = read_certificate(*pem);
    if (!digest) return fail(digest.error());
    r.certificate = *digest;
    return r;
}

result<void> add_certificate(directory::client& c, const sha256_digest& digest, bool keep_old) {
    if (!keep_old) c.certificates.clear();
    if (std::find(c.certificates.begin(), c.certificates.end(), digest) == c.certificates.end())
        c.certificates.push_back(digest);
    return {};
}

/// What is kept beside the directory, for one look.
struct kept_things {
    kept_by_client passwords;
    kept_by_client secrets;
};

result<kept_things> read_all_kept(const client_files& files) {
    auto passwords = read_kept(files.passwords);
    if (!passwords) return fail(passwords.error());
    auto secrets = read_kept(files.secrets);
    if (!secrets) return fail(secrets.error());
    return kept_things{std::move(*passwords), std::move(*secrets)};
}

json::object describe(const directory::client& c, const kept_things& kept, timestamp now) {
    auto o = describe_client(c);
    add_kept(o, "password", kept.passwords, c.id, now);
    add_kept(o, "secret", kept.secrets, c.id, now);
    return o;
}

} // namespace

result<http::response> client_desk::show() const {
    const auto kept = read_all_kept(services_.clients);
    if (!kept) return fail(kept.error());
    const auto directory = services_.intake.current_directory();
    json::array items;
    for (const auto& c : directory->clients()) items.push_back(describe(c, *kept, services_.clock.now()));
    return answer(200, list_of(std::move(items)));
}

result<http::response> client_desk::show(const std::string& id) const {
    const auto directory = services_.intake.current_directory();
    const auto* c = directory->find_client(id);
    if (!c) return fail(errc::not_found, id);
    const auto kept = read_all_kept(services_.clients);
    if (!kept) return fail(kept.error());
    return answer(200, describe(*c, *kept, services_.clock.now()));
}

/// Under their own codes, and at home here: elsewhere nobody would hear them.
result<void> client_desk::check_agencies(directory::client& c, const directory::directory& file) const {
    const auto in_force = services_.intake.current_directory();
    for (auto& code : c.agencies) {
        const auto* own = file.find_agency(code.str());
        const auto* known = own ? own : in_force->find_agency(code.str());
        if (!known) return fail(errc::not_found, code.str());
        if (known->node != services_.node)
            return fail(errc::wrong_node, known->node + ", the home of " + known->code.str());
        code = known->code;
    }
    return {};
}

result<http::response> client_desk::add(const std::string& body, const std::string& administrator) {
    auto w = read_wanted(body);
    if (!w) return fail(w.error());
    const std::scoped_lock lock(changing_);
    client_keeping keeping(services_.clients);
    made m;
    const auto make = [&]() -> result<void> {
        if (auto gone = keeping.forget(w->client.id); !gone) return gone;
        for (const auto& [asked, text, make_one] :
             {std::tuple(w->password, &m.password, &client_keeping::make_password),
              std::tuple(w->secret, &m.secret, &client_keeping::make_secret)}) {
            if (!asked) continue;
            auto one = (keeping.*make_one)(w->client.id, std::nullopt);
            if (!one) return fail(one.error());
            *text = std::move(*one);
        }
        return {};
    };
    const auto written = file_.change([&](const std::string& text) -> result<std::string> {
        const auto file = directory::directory::parse(text, services_.directory_file.string());
        if (!file) return fail(file.error());
        if (file->find_client(w->client.id) || services_.intake.current_directory()->find_client(w->client.id))
            return fail(errc::bad_request, "id: a client " + w->client.id + " exists already");
        if (auto good = check_agencies(w->client, *file); !good) return fail(good.error());
        if (auto done = make(); !done) return fail(done.error());
        return directory::with_clients(text, {w->client});
    });
    if (!written) {
        keeping.take_back();
        return fail(written.error());
    }
    spdlog::info("administrator {} added the client {}", administrator, w->client.id);
    return answer(201, describe(w->client, m));
}

/// In the file, and in force when this returns.
result<directory::client> client_desk::change_client(const std::string& id, const change& make) {
    std::optional<directory::client> changed;
    const auto written = file_.change([&](const std::string& text) -> result<std::string> {
        const auto file = directory::directory::parse(text, services_.directory_file.string());
        if (!file) return fail(file.error());
        const auto* found = file->find_client(id);
        if (!found) return fail(errc::not_found, id);
        changed = *found;
        if (auto done = make(*changed); !done) return fail(done.error());
        return directory::with_clients(text, {*changed});
    });
    if (!written) return fail(written.error());
    return *changed;
}

result<http::response> client_desk::rotate(const std::string& id, const std::string& body) {
    const auto wish = read_rotation(body);
    if (!wish) return fail(wish.error());
    const std::scoped_lock lock(changing_);
    client_keeping keeping(services_.clients);
    made m;
    const auto renew = [&](directory::client& c) -> result<void> {
        if (wish->certificate) return add_certificate(c, *wish->certificate, wish->overlap.count() > 0);
        std::optional<timestamp> old_until;
        if (wish->overlap.count() > 0) old_until = services_.clock.now() + wish->overlap;
        auto fresh = wish->password ? keeping.make_password(c.id, old_until) : keeping.make_secret(c.id, old_until);
        if (!fresh) return fail(fresh.error());
        (wish->password ? m.password : m.secret) = std::move(*fresh);
        return {};
    };
    const auto changed = change_client(id, renew);
    if (changed) return answer(200, describe(*changed, m));
    keeping.take_back();
    return fail(changed.error());
}

result<http::response> client_desk::drop(const std::string& id, const std::string& body) {
    const auto o = read_object(body);
    if (!o) return fail(o.error());
    const auto text = read_text(*o, "certificate");
    if (!text) return fail(text.error());
    const auto digest = sha256_digest::from_hex(*text);
    if (!digest) return fail(errc::bad_request, "certificate: expected its SHA-256 in hexadecimal digits");
    const std::scoped_lock lock(changing_);
    const auto changed = change_client(id, [&](directory::client& c) -> result<void> {
        if (std::erase(c.certificates, *digest) == 0) return fail(errc::not_found, *text);
        return {};
    });
    if (!changed) return fail(changed.error());
    return answer(200, describe_client(*changed));
}

result<http::response> client_desk::set_disabled(const std::string& id, bool disabled) {
    const std::scoped_lock lock(changing_);
    const auto changed = change_client(id, [&](directory::client& c) -> result<void> {
        c.disabled = disabled;
        return {};
    });
    if (!changed) return fail(changed.error());
    return answer(200, describe_client(*changed));
}

} // namespace truc::api
