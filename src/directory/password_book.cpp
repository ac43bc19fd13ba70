#include "client_book.hpp"
#include "member_reader.hpp"

#include <truc/directory/password_book.hpp>
#include <truc/trust/private_file.hpp>

#include <boost/json/serialize.hpp>

namespace truc::directory {

namespace json = boost::json;

namespace {

constexpr std::string_view hex_digits = "hexadecimal digits";

result<trust::password_hash> read_password(const json::object& members) {
    const auto* scrypt = members.if_contains("scrypt");
    if (!scrypt || !scrypt->is_object()) return fail(errc::bad_configuration, "password/scrypt: expected an object");
    trust::password_hash::cost cost;
    std::string salt, key;
    member_reader read("scrypt", scrypt->get_object());
    read.number("n", cost.n);
    read.number("r", cost.r);
    read.number("p", cost.p);
    read.one("salt", need::mandatory, hex_digits, from_hex, salt);
    read.one("key", need::mandatory, hex_digits, from_hex, key);
    if (auto whole = read.finish(); !whole) return fail(errc::bad_configuration, whole.error().what);
    return trust::password_hash::from(cost, salt, key);
}

} // namespace

result<password_book> password_book::load(const std::filesystem::path& file) {
    const auto text = trust::read_private_file(file);
    if (!text) return fail(text.error());
    return parse(*text, file.string());
}

result<password_book> password_book::parse(std::string_view text, std::string_view name_for_errors) {
    password_book book;
    const auto take = [&](const client_line& l) -> result<void> {
        auto password = read_password(l.members);
        if (!password) return fail(password.error());
        return put_entry(book.by_client_, l.client, entry{std::move(*password), l.until});
    };
    auto read =
        for_each_record(text, name_for_errors, [&](std::string_view line) { return read_client_line(line, take); });
    if (!read) return fail(read.error());
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

std::vector<const trust::password_hash*> password_book::passwords_of(std::string_view client, timestamp at) const {
    std::vector<const trust::password_hash*> good;
    const auto found = by_client_.find(client);
    if (found == by_client_.end()) return good;
    for (const auto& e : found->second)
        if (is_good(e, at)) good.push_back(&e.password);
    return good;
}

const client* password_book::who(const directory& d, std::string_view name) const {
    const auto found = clients_called(d, name, by_client_);
    return found.size() == 1 ? found.front() : nullptr;
}

} // namespace truc::directory
