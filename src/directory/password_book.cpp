#include "member_reader.hpp"
#include "repeated_member.hpp"

#include <truc/base/durable.hpp>
#include <truc/directory/password_book.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <sys/stat.h>

namespace truc::directory {

namespace json = boost::json;

namespace {

constexpr std::string_view an_id = "a client's id";
constexpr std::string_view hex_digits = "hexadecimal digits";

struct entry {
    std::string client;
    trust::password_hash password;
};

std::optional<std::string> any_text(std::string_view text) { return std::string(text); }

result<entry> read_line(std::string_view line) {
    boost::system::error_code ec;
    const auto value = json::parse(line, ec);
    if (ec || !value.is_object()) return fail(errc::bad_configuration, "expected a JSON object");
    if (const auto twice = repeated_member(line)) return fail(errc::bad_configuration, *twice + " stands there twice");
    const auto& members = value.get_object();
    std::string client;
    member_reader of_line("password", members);
    of_line.one("client", need::mandatory, an_id, any_text, client);
    const auto* scrypt = members.if_contains("scrypt");
    if (!scrypt || !scrypt->is_object()) return fail(errc::bad_configuration, "password/scrypt: expected an object");
    trust::password_hash::cost cost;
    std::string salt, key;
    member_reader of_scrypt("scrypt", scrypt->get_object());
    of_scrypt.number("n", cost.n);
    of_scrypt.number("r", cost.r);
    of_scrypt.number("p", cost.p);
    of_scrypt.one("salt", need::mandatory, hex_digits, from_hex, salt);
    of_scrypt.one("key", need::mandatory, hex_digits, from_hex, key);
    for (const auto& read : {of_line.finish(), of_scrypt.finish()})
        if (!read) return fail(errc::bad_configuration, read.error().what);
    auto password = trust::password_hash::from(cost, salt, key);
    if (!password) return fail(password.error());
    return entry{std::move(client), std::move(*password)};
}

/// Like a private key, it is of use to whoever can read it.
result<void> check_owner(const std::filesystem::path& file) {
    struct stat s = {};
    if (::stat(file.c_str(), &s) != 0) return fail(errc::bad_configuration, file.string() + ": cannot be read");
    if (s.st_mode & (S_IRWXG | S_IRWXO))
        return fail(errc::bad_configuration, file.string() + ": others than its owner may open it (expected mode 600)");
    return {};
}

} // namespace

result<password_book> password_book::load(const std::filesystem::path& file) {
    if (auto own = check_owner(file); !own) return fail(own.error());
    const auto text = read_file(file);
    if (!text) return fail(errc::bad_configuration, text.error().what);
    return parse(*text, file.string());
}

result<password_book> password_book::parse(std::string_view text, std::string_view name_for_errors) {
    password_book book;
    for (std::size_t number = 1; !text.empty(); ++number) {
        const auto end = text.find('\n');
        const auto line = text.substr(0, end);
        text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
        if (line.find_first_not_of(" \t\r") == std::string_view::npos || line.front() == '#') continue;
        auto read = read_line(line);
        const auto place = fmt::format("{}:{}: ", name_for_errors, number);
        if (!read) return fail(errc::bad_configuration, place + read.error().what);
        if (book.by_client_.contains(read->client))
            return fail(errc::bad_configuration, place + read->client + " stands there twice");
        book.by_client_.emplace(std::move(read->client), std::move(read->password));
    }
    return book;
}

std::string password_book::line_of(std::string_view client, const trust::password_hash& password) {
    const auto& cost = password.effort();
    return json::serialize(json::object{{"client", client},
                                        {"scrypt", json::object{{"n", cost.n},
                                                                {"r", cost.r},
                                                                {"p", cost.p},
                                                                {"salt", to_hex(password.salt())},
                                                                {"key", to_hex(password.key())}}}});
}

const trust::password_hash* password_book::find(std::string_view client) const {
    const auto at = by_client_.find(client);
    return at == by_client_.end() ? nullptr : &at->second;
}

const client* password_book::who(const directory& d, std::string_view name) const {
    if (const auto* c = d.find_client(name)) return find(c->id) ? c : nullptr;
    const auto* agency = d.find_agency(name);
    if (!agency) return nullptr;
    const client* only = nullptr;
    for (const auto& [id, password] : by_client_) {
        const auto* c = d.find_client(id);
        if (!c || std::find(c->agencies.begin(), c->agencies.end(), agency->code) == c->agencies.end()) continue;
        if (only) return nullptr;
        only = c;
    }
    return only;
}

} // namespace truc::directory
