#include "client_book.hpp"
#include "member_reader.hpp"
#include "repeated_member.hpp"

#include <truc/directory/client_lines.hpp>
#include <truc/directory/text_lines.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace truc::directory {

namespace json = boost::json;

namespace {

std::optional<std::string> any_text(std::string_view text) { return std::string(text); }

} // namespace

result<void> for_each_record(std::string_view text, std::string_view name_for_errors,
                             const std::function<result<void>(std::string_view line)>& take) {
    for (std::size_t number = 1; !text.empty(); ++number) {
        const auto line = take_line(text);
        if (!is_record(line)) continue;
        if (auto taken = take(line); !taken)
            return fail(errc::bad_configuration, fmt::format("{}:{}: {}", name_for_errors, number, taken.error().what));
    }
    return {};
}

result<void> read_client_line(std::string_view line, const std::function<result<void>(const client_line&)>& take) {
    boost::system::error_code ec;
    const auto value = json::parse(line, ec);
    if (ec || !value.is_object()) return fail(errc::bad_configuration, "expected a JSON object");
    if (const auto twice = repeated_member(line)) return fail(errc::bad_configuration, *twice + " stands there twice");
    client_line read{{}, {}, value.get_object()};
    member_reader members("line", read.members);
    members.one("client", need::mandatory, "a client's id", any_text, read.client);
    members.one("until", need::optional, "a time such as 2025-07-01T00:00:00.000+07:00", from_rfc3339, read.until);
    if (auto whole = members.finish(); !whole) return fail(errc::bad_configuration, whole.error().what);
    return take(read);
}

result<std::map<std::string, kept_for_client, std::less<>>> kept_for_clients(std::string_view text,
                                                                             std::string_view name_for_errors) {
    std::map<std::string, kept_for_client, std::less<>> all;
    const auto take = [&](const client_line& l) -> result<void> {
        auto& kept = all[l.client];
        kept.current = kept.current || !l.until;
        if (l.until) kept.old_until = l.until;
        return {};
    };
    auto read =
        for_each_record(text, name_for_errors, [&](std::string_view line) { return read_client_line(line, take); });
    if (!read) return fail(read.error());
    return all;
}

result<std::string> with_client_line(std::string_view text, std::string_view client, std::string_view line,
                                     std::optional<timestamp> old_until) {
    std::string out;
    bool written = false;
    const auto write_new = [&] {
        if (!std::exchange(written, true) && !line.empty()) out.append(line).append("\n");
    };
    while (!text.empty()) {
        const auto old = take_line(text);
        bool theirs = true;
        const auto replace = [&](const client_line& l) -> result<void> {
            if (l.client != client) return {};
            theirs = false;
            write_new();
            if (l.until || !old_until) return {};
            auto ending = l.members;
            ending["until"] = to_rfc3339(*old_until);
            out.append(json::serialize(ending)).append("\n");
            return {};
        };
        if (is_record(old))
            if (auto read = read_client_line(old, replace); !read) return fail(read.error());
        if (theirs) out.append(old).append("\n");
    }
    write_new();
    return out;
}

} // namespace truc::directory
