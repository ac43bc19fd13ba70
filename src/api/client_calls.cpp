#include "client_calls.hpp"

#include "client_keeping.hpp"
#include "client_wishes.hpp"

#include <truc/base/log.hpp>
#include <truc/directory/edit.hpp>

namespace truc::api {

namespace {

void add_kept(json::object& o, const std::string& name, const kept_by_client& kept, const std::string& id,
              timestamp now) {
    const auto found = kept.find(id);
    o[name] = found != kept.end() && found->second.current;
    const auto until = found == kept.end() ? std::nullopt : found->second.old_until;
    if (until && now < *until) o["old_" + name + "_until"] = to_rfc3339(*until);
}

json::object describe_made(const directory::client& c, const made_for_client& m) {
    auto o = describe_client(c);
    if (!m.password.empty()) o["new_password"] = m.password;
    if (!m.secret.empty()) o["new_secret"] = m.secret;
    return o;
}

void add_certificate(directory::client& c, const sha256_digest& digest, bool keep_old) {
    if (!keep_old) c.certificates.clear();
    if (std::find(c.certificates.begin(), c.certificates.end(), digest) == c.certificates.end())
        c.certificates.push_back(digest);
}

/// What a client gets has to open something: where it may use nothing that this is for, from now on it may. Who has a
/// certificate already keeps the entrances that were chosen for it. Tells those that are new.
json::array add_entrances(directory::client& c, const rotation& wish) {
    json::array added;
    if (wish.certificate && !c.certificates.empty()) return added;
    const auto usual = usual_entrances(wish.certificate.has_value(), wish.password, wish.secret);
    const auto is_for = [&usual](entrance e) {
        if (e == entrance::adapter) e = entrance::amqp; // by which adapters come
        return std::find(usual.begin(), usual.end(), e) != usual.end();
    };
    const bool opens = std::any_of(c.entrances.begin(), c.entrances.end(), is_for);
    if (opens) return added;
    for (const auto e : usual) {
        c.entrances.push_back(e);
        added.emplace_back(to_string(e));
    }
    return added;
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

json::object describe_kept(const directory::client& c, const kept_things& kept, timestamp now) {
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
    for (const auto& c : directory->clients()) items.push_back(describe_kept(c, *kept, services_.clock.now()));
    return answer(200, list_of(std::move(items)));
}

result<http::response> client_desk::show(const std::string& id) const {
    const auto directory = services_.intake.current_directory();
    const auto* c = directory->find_client(id);
    if (!c) return fail(errc::not_found, id);
    const auto kept = read_all_kept(services_.clients);
    if (!kept) return fail(kept.error());
    return answer(200, describe_kept(*c, *kept, services_.clock.now()));
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
    auto w = read_wanted_client(body);
    if (!w) return fail(w.error());
    const std::scoped_lock lock(changing_);
    client_keeping keeping(services_);
    made_for_client made;
    const auto written = file_.change([&](const std::string& text) -> result<std::string> {
        const auto file = directory::directory::parse(text, services_.directory_file.string());
        if (!file) return fail(file.error());
        if (file->find_client(w->client.id) || services_.intake.current_directory()->find_client(w->client.id))
            return fail(errc::bad_request, "id: a client " + w->client.id + " exists already");
        if (auto good = check_agencies(w->client, *file); !good) return fail(good.error());
        if (auto gone = keeping.forget(w->client.id); !gone) return fail(gone.error());
        auto fresh = keeping.make(w->client.id, w->password, w->secret, std::nullopt);
        if (!fresh) return fail(fresh.error());
        made = std::move(*fresh);
        return directory::with_clients(text, {w->client});
    });
    if (!written) return fail(written.error());
    keeping.keep();
    spdlog::info("administrator {} added the client {}", administrator, w->client.id);
    return answer(201, describe_made(w->client, made));
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
    client_keeping keeping(services_);
    made_for_client made;
    json::array new_entrances;
    const bool overlaps = wish->overlap.count() > 0;
    const auto old_until = overlaps ? std::optional(services_.clock.now() + wish->overlap) : std::nullopt;
    const auto renew = [&](directory::client& c) -> result<void> {
        new_entrances = add_entrances(c, *wish);
        if (wish->certificate) add_certificate(c, *wish->certificate, overlaps);
        auto fresh = keeping.make(c.id, wish->password, wish->secret, old_until);
        if (!fresh) return fail(fresh.error());
        made = std::move(*fresh);
        return {};
    };
    const auto changed = change_client(id, renew);
    if (!changed) return fail(changed.error());
    keeping.keep();
    auto told = describe_made(*changed, made);
    if (!new_entrances.empty()) told["new_entrances"] = std::move(new_entrances);
    return answer(200, std::move(told));
}

result<http::response> client_desk::drop(const std::string& id, const std::string& body) {
    const auto digest = read_dropped(body);
    if (!digest) return fail(digest.error());
    const std::scoped_lock lock(changing_);
    const auto changed = change_client(id, [&](directory::client& c) -> result<void> {
        if (std::erase(c.certificates, *digest) == 0) return fail(errc::not_found, digest->hex());
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
