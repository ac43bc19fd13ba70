#include "client_book.hpp"
#include "member_reader.hpp"

#include <truc/directory/secret_book.hpp>
#include <truc/trust/private_file.hpp>

#include <boost/json/serialize.hpp>

namespace truc::directory {

namespace json = boost::json;

result<secret_book> secret_book::load(const std::filesystem::path& file, const std::filesystem::path& key_file) {
    const auto key = trust::sealing_key::load(key_file);
    if (!key) return fail(key.error());
    const auto text = trust::read_private_file(file);
    if (!text) return fail(text.error());
    return parse(*text, file.string(), *key);
}

result<secret_book> secret_book::parse(std::string_view text, std::string_view name_for_errors,
                                       const trust::sealing_key& key) {
    secret_book book;
    const auto take = [&](const client_line& l) -> result<void> {
        const auto* sealed = l.members.if_contains("sealed");
        if (!sealed || !sealed->is_string())
            return fail(errc::bad_configuration, "secret/sealed: expected what was sealed, in base64");
        auto secret = key.open(std::string_view(sealed->get_string()), l.client);
        if (!secret) return fail(errc::bad_configuration, "secret/sealed: " + secret.error().what);
        return put_entry(book.by_client_, l.client, entry{std::move(*secret), l.until});
    };
    auto read =
        for_each_record(text, name_for_errors, [&](std::string_view line) { return read_client_line(line, take); });
    if (!read) return fail(read.error());
    return book;
}

std::string secret_book::line_of(std::string_view client, std::string_view secret, const trust::sealing_key& key) {
    return json::serialize(json::object{{"client", client}, {"sealed", key.seal(secret, client)}});
}

std::vector<std::string_view> secret_book::secrets_of(std::string_view client, timestamp at) const {
    std::vector<std::string_view> good;
    const auto found = by_client_.find(client);
    if (found == by_client_.end()) return good;
    for (const auto& e : found->second)
        if (is_good(e, at)) good.emplace_back(e.secret);
    return good;
}

std::vector<const client*> secret_book::candidates(const directory& d, std::string_view name) const {
    auto found = clients_called(d, name, by_client_);
    if (found.size() > most_candidates) found.clear();
    return found;
}

} // namespace truc::directory
