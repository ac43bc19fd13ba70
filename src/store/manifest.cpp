// manifest.json of a copy.
#include "manifest.hpp"

#include <truc/base/durable.hpp>

#include <boost/json.hpp>

namespace truc::store {

namespace {

namespace json = boost::json;

constexpr std::size_t longest = 1 << 20;

tl::unexpected<error> unusable(std::string what) { return fail(errc::bad_backup, std::move(what)); }

} // namespace

std::string write_manifest(const backup_manifest& m) {
    json::array missing;
    for (const auto& digest : m.missing) missing.emplace_back(digest.hex());
    return json::serialize(json::object{{"node", m.node},
                                        {"log", m.log},
                                        {"ledger_size", m.record.ledger_size},
                                        {"head", m.record.head},
                                        {"contents", m.record.contents},
                                        {"bytes", m.record.bytes},
                                        {"missing", std::move(missing)},
                                        {"database", m.database.hex()},
                                        {"made_at", to_rfc3339(m.made_at)}}) +
           "\n";
}

result<backup_manifest> read_manifest(const std::filesystem::path& backup) {
    const auto text = read_file(backup / manifest_name, longest);
    if (!text) return unusable((backup / manifest_name).string() + " is missing: the copy did not come to its end");
    try {
        const auto parsed = json::parse(*text);
        const auto& o = parsed.as_object();
        const auto word = [&o](const char* name) { return std::string(std::string_view(o.at(name).as_string())); };
        const auto database = sha256_digest::from_hex(word("database"));
        const auto made_at = from_rfc3339(word("made_at"));
        if (!database || !made_at || !ledger::log_id::parse(word("log")))
            return unusable((backup / manifest_name).string());
        backup_manifest m;
        m.node = word("node");
        m.log = word("log");
        m.record.head = word("head");
        m.record.ledger_size = o.at("ledger_size").to_number<std::uint64_t>();
        m.record.contents = o.at("contents").to_number<std::uint64_t>();
        m.record.bytes = o.at("bytes").to_number<std::uint64_t>();
        m.database = *database;
        m.made_at = *made_at;
        if (const auto* missing = o.if_contains("missing"))
            for (const auto& hex : missing->as_array())
                m.missing.push_back(sha256_digest::from_hex(std::string_view(hex.as_string())).value());
        return m;
    } catch (const std::exception& e) {
        return unusable((backup / manifest_name).string() + ": " + e.what());
    }
}

} // namespace truc::store
