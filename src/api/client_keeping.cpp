#include "client_keeping.hpp"

#include <truc/base/durable.hpp>
#include <truc/base/log.hpp>
#include <truc/directory/password_book.hpp>
#include <truc/directory/secret_book.hpp>
#include <truc/trust/private_file.hpp>

namespace truc::api {

namespace {

constexpr unsigned owner_only = 0600;

result<void> require(const std::filesystem::path& file, std::string_view key) {
    if (!file.empty()) return {};
    return fail(errc::bad_configuration, std::string(key) + ": expected a file to keep it in, which may be empty");
}

} // namespace

result<void> client_keeping::put(const std::filesystem::path& file, const std::string& client, const std::string& line,
                                 std::optional<timestamp> old_until) {
    auto before = trust::read_private_file(file);
    if (!before) return fail(before.error());
    const auto text = directory::with_client_line(*before, client, line, old_until);
    if (!text) return fail(errc::bad_configuration, file.string() + ": " + text.error().what);
    if (*text == *before) return {};
    before_.emplace_back(file, std::move(*before));
    return write_file(file, *text, owner_only);
}

result<std::string> client_keeping::make_password(const std::string& client, std::optional<timestamp> old_until) {
    if (auto there = require(files_.passwords, "[amqp] passwords"); !there) return fail(there.error());
    auto password = trust::make_password();
    const auto line = directory::password_book::line_of(client, trust::password_hash::make(password));
    if (auto kept = put(files_.passwords, client, line, old_until); !kept) return fail(kept.error());
    return password;
}

result<std::string> client_keeping::make_secret(const std::string& client, std::optional<timestamp> old_until) {
    if (auto there = require(files_.secrets, "[vxp] secrets"); !there) return fail(there.error());
    const auto key = trust::sealing_key::load(files_.secrets_key);
    if (!key) return fail(key.error());
    auto secret = trust::make_password();
    const auto line = directory::secret_book::line_of(client, secret, *key);
    if (auto kept = put(files_.secrets, client, line, old_until); !kept) return fail(kept.error());
    return secret;
}

result<made_for_client> client_keeping::make(const std::string& client, bool password, bool secret,
                                             std::optional<timestamp> old_until) {
    made_for_client made;
    if (password) {
        auto one = make_password(client, old_until);
        if (!one) return fail(one.error());
        made.password = std::move(*one);
    }
    if (secret) {
        auto one = make_secret(client, old_until);
        if (!one) return fail(one.error());
        made.secret = std::move(*one);
    }
    return made;
}

result<void> client_keeping::forget(const std::string& client) {
    for (const auto& file : {files_.passwords, files_.secrets})
        if (!file.empty())
            if (auto gone = put(file, client, {}, {}); !gone) return gone;
    return {};
}

client_keeping::~client_keeping() {
    if (before_.empty()) return;
    try {
        take_back();
    } catch (const std::exception& e) {
        spdlog::error("what clients identify themselves by could not be taken back: {}", e.what());
    }
}

void client_keeping::take_back() {
    for (auto last = before_.rbegin(); last != before_.rend(); ++last)
        if (auto back = write_file(last->first, last->second, owner_only); !back)
            spdlog::error("{} keeps a line that is in force after the next reload: {}", last->first.string(),
                          explain(back.error(), language::english));
    static_cast<void>(services_.reload()); // it has said, or the one before it, what is wrong
}

result<kept_by_client> read_kept(const std::filesystem::path& file) {
    if (file.empty()) return kept_by_client();
    const auto text = trust::read_private_file(file);
    if (!text) return fail(text.error());
    return directory::kept_for_clients(*text, file.string());
}

} // namespace truc::api
