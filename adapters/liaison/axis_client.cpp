#include "axis_client.hpp"

#include "../runtime/sentences.hpp"

#include <truc/base/ascii.hpp>
#include <truc/base/axis_signing.hpp>
#include <truc/base/bytes.hpp>
#include <truc/base/printable.hpp>
#include <truc/base/utf8.hpp>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <unordered_set>

namespace truc::liaison {

namespace {

namespace json = boost::json;

constexpr const char* service_type = "eDoc";
constexpr std::size_t longest_doc_id = 200;
constexpr std::size_t longest_sentence = 300;
constexpr std::size_t page_size = 200;
constexpr std::size_t most_pages = 100;
constexpr auto longest_rest = std::chrono::hours(1);
/// A server may close a connection that was idle for so long just when a document is on its way into it.
constexpr auto fresh_for = std::chrono::seconds(5);

std::string kind_text(dispatch_kind kind) { return std::string(to_string(kind)); }

/// It goes into a header.
bool is_usable(std::string_view doc_id) {
    const auto plain = [](char c) { return c > ' ' && c < '\x7f'; };
    return !doc_id.empty() && doc_id.size() <= longest_doc_id && std::all_of(doc_id.begin(), doc_id.end(), plain);
}

std::string day_text(timestamp t) {
    const std::chrono::year_month_day d(std::chrono::floor<std::chrono::days>(t + std::chrono::hours(7)));
    return fmt::format("{:04}/{:02}/{:02}", static_cast<int>(d.year()), static_cast<unsigned>(d.month()),
                       static_cast<unsigned>(d.day()));
}

/// What is wrong with the document is wrong for good. 15 says that nobody knows us: no document is to blame, so all
/// wait until somebody has put it right. 20, 21 and whatever nobody has heard of may pass.
errc code_of(std::string_view axis_code) {
    constexpr std::array<std::string_view, 5> final_codes = {"10", "18", "19", "22", "23"};
    const bool is_final = std::find(final_codes.begin(), final_codes.end(), axis_code) != final_codes.end();
    return is_final ? errc::legacy_refused : errc::legacy_away;
}

tl::unexpected<error> refusal(const answer_reader& answer) {
    return fail(code_of(answer.code()), fmt::format("axis error {}: {}", printable(answer.code(), longest_sentence),
                                                    printable(answer.description(), longest_sentence)));
}

tl::unexpected<error> http_failure(unsigned status) {
    if (status == 413) return fail(errc::too_large, "the axis says so (HTTP 413)");
    return fail(errc::legacy_away, fmt::format("the axis answers with HTTP {}", status));
}

/// The connection's own errors speak of a node.
error of_the_axis(const error& e) { return describe(e.code).retryable ? adapter::about_legacy(e) : e; }

axis_sent_row sent_row(const axis_row& row) {
    axis_sent_row r;
    r.doc_id = row["senderDocId"];
    r.from = row["fromCode"];
    r.to = row["toCode"];
    r.notation = row["notation"];
    r.sent_at = parse_axis_row_time(row["sentTime"]);
    return r;
}

} // namespace

std::optional<timestamp> parse_axis_row_time(std::string_view text) {
    if (const auto t = from_rfc3339(text)) return t;
    if (text.size() != 19 || text[10] != ' ') return std::nullopt;
    std::string iso(text);
    if (text[2] == '/')
        iso = fmt::format("{}-{}-{} {}", text.substr(6, 4), text.substr(3, 2), text.substr(0, 2), text.substr(11));
    std::replace(iso.begin(), iso.end(), '/', '-');
    iso[10] = 'T';
    return from_rfc3339(iso + "+07:00");
}

axis_client::axis_client(axis_options options, const clock& c, metrics_registry& metrics)
    : options_(std::move(options)),
      clock_(c),
      calls_(metrics.get_counter("truc_axis_calls_total", "Calls to the national axis")),
      failures_(metrics.get_counter("truc_axis_failures_total", "Calls to the national axis that did not succeed")),
      unusable_(metrics.get_counter("truc_axis_unusable_entries_total", "Entries of its lists that name no document")),
      http_(options_.endpoint, options_.http) {}

result<std::vector<axis_entry>> axis_client::received(dispatch_kind kind) {
    std::vector<axis_entry> entries;
    std::unordered_set<std::string> seen;
    answer_reader reader([&](const axis_row& row) -> result<void> {
        const auto doc_id = row["docId"];
        if (!is_usable(doc_id)) {
            unusable_.add();
            return {};
        }
        const bool ended = iequal(row["status"], "done") || iequal(row["status"], "fail");
        if (ended || !seen.emplace(doc_id).second) return {};
        entries.push_back({std::string(doc_id), kind, to_valid_utf8(row["from"]), to_valid_utf8(row["to"])});
        return {};
    });
    call c;
    c.operation = "getReceivedEdocList";
    c.parameters = {{"servicetype", service_type}, {"messagetype", kind_text(kind)}};
    c.limit = options_.largest_list;
    if (auto done = exchange(c, reader); !done) return fail(std::move(done.error()));
    return entries;
}

result<std::string> axis_client::content(const std::string& doc_id) {
    std::string bytes;
    base64_decoder decoder;
    bool sound = true; // the rest of a broken text is read, so that the answer's end can tell what it is
    answer_reader reader(nullptr, [&](std::string_view piece) -> result<void> {
        sound = sound && decoder.feed(piece, bytes);
        if (bytes.size() <= options_.largest_document) return {};
        return fail(errc::too_large,
                    fmt::format("docId {} is larger than {} bytes", doc_id, options_.largest_document));
    });
    call c;
    c.operation = "getEdoc";
    c.parameters = {{"docId", doc_id}, {"filePath", "/tmp"}};
    c.body = "{}";
    c.limit = options_.largest_document * 2; // base64 with line ends
    if (auto done = exchange(c, reader); !done) return fail(std::move(done.error()));
    if (!sound || !decoder.finish() || bytes.empty())
        return fail(errc::record_invalid, fmt::format("the axis gives no base64 for docId {}", doc_id));
    return bytes;
}

result<void> axis_client::update_status(const std::string& doc_id, std::string_view status) {
    answer_reader reader(nullptr);
    call c;
    c.operation = "updateStatus";
    c.parameters = {{"docId", doc_id}, {"status", std::string(status)}};
    c.body = "{}";
    return exchange(c, reader);
}

result<std::string> axis_client::send(dispatch_kind kind, const std::string& from, const std::string& to,
                                      std::string_view content) {
    const auto digest = sha256(content);
    std::string body;
    body.reserve(content.size() + 2);
    body.append(content).append("\r\n"); // as the SDK does; hash-file does not cover it
    call c;
    c.operation = "sendEdoc";
    c.parameters = {{"servicetype", service_type},
                    {"messagetype", kind_text(kind)},
                    {"hash-file", options_.padded_hash ? digest.hex() : hex_of_sdk(digest)},
                    {"from", from},
                    {"to", fmt::format("[{}]", json::serialize(json::string(to)))}};
    c.content_type = "application/octet-stream";
    c.body = body;
    c.repeatable = false;
    answer_reader reader(nullptr);
    if (auto done = exchange(c, reader); !done) return fail(std::move(done.error()));
    return is_usable(reader.doc_id()) ? std::string(reader.doc_id()) : std::string();
}

result<void> axis_client::sent(dispatch_kind kind, timestamp since,
                               const std::function<void(const axis_sent_row&)>& take) {
    std::string first_of_last;
    for (std::size_t page = 1; page <= most_pages; ++page) {
        std::string first;
        const auto rows = sent_page(kind, since, page, first, take);
        if (!rows) return fail(rows.error());
        // An axis that knows no pages gives all, again and again.
        if (*rows < page_size || *rows > page_size || first == first_of_last) return {};
        first_of_last = std::move(first);
    }
    return {};
}

result<std::size_t> axis_client::sent_page(dispatch_kind kind, timestamp since, std::size_t page, std::string& first,
                                           const std::function<void(const axis_sent_row&)>& take) {
    std::size_t rows = 0;
    answer_reader reader([&](const axis_row& row) -> result<void> {
        if (rows++ == 0) first = std::string(row["senderDocId"]) + " " + std::string(row["toCode"]);
        take(sent_row(row));
        return {};
    });
    call c;
    c.operation = "getSentEdocList";
    c.parameters = {{"servicetype", service_type},           {"messagetype", kind_text(kind)},
                    {"fromDate", day_text(since)},           {"toDate", day_text(clock_.now() + std::chrono::days(1))},
                    {"pageSize", fmt::to_string(page_size)}, {"pageIndex", fmt::to_string(page)}};
    c.limit = options_.largest_list;
    if (auto done = exchange(c, reader); !done) return fail(std::move(done.error()));
    return rows;
}

result<void> axis_client::agencies(const answer_reader::row_taker& take) {
    answer_reader reader(take);
    call c;
    c.operation = "getAgenciesList";
    c.limit = options_.largest_list;
    return exchange(c, reader);
}

result<void> axis_client::register_agency(const axis_agency& a) {
    const json::object form{{"id", a.code},   {"pcode", a.parent}, {"code", a.code}, {"name", a.name},
                            {"mail", a.mail}, {"mobile", ""},      {"fax", ""}};
    const auto body = json::serialize(form);
    answer_reader reader(nullptr);
    call c;
    c.operation = "registerAgency";
    c.body = body;
    c.repeatable = false;
    return exchange(c, reader);
}

result<void> axis_client::exchange(const call& c, answer_reader& into) {
    calls_.add();
    auto done = [&]() -> result<void> {
        const auto response = ask(c, into);
        if (!response) return fail(of_the_axis(response.error()));
        if (auto good = judge(*response); !good) return good;
        if (auto whole = into.finish(); !whole) return whole;
        if (!into.is_good()) return refusal(into);
        return {};
    }();
    if (!done) failures_.add();
    return done;
}

result<client::http_response> axis_client::ask(const call& c, answer_reader& into) {
    const auto now = clock_.now();
    if (now < not_before_)
        return fail(errc::legacy_away, "the axis wants to be left alone until " + to_rfc3339(not_before_));
    if (!c.repeatable && now - last_call_ > fresh_for) http_.disconnect();
    last_call_ = now;

    auto parameters = c.parameters;
    parameters.insert(parameters.begin(), {"systemid", options_.system_id});
    parameters.emplace_back("timestamp", to_axis_time(now));
    parameters.emplace_back("Content-Type", c.content_type);

    client::http_request r;
    r.method = "POST";
    r.target = "/" + c.operation;
    r.fields = signed_fields(std::move(parameters), options_.secret);
    r.fields.insert(r.fields.begin(), {"Content-Type", std::string(c.content_type)});
    r.fields.push_back({"User-Agent", "JAVASDKAgent/1.0.0 XRoad/VPCP"});
    r.fields.push_back({std::string(axis_header_prefix) + "version", "3.0.201608"});
    r.body = c.body;
    r.repeatable = c.repeatable;
    std::size_t taken = 0;
    r.sink = [&](std::string_view piece) -> result<void> {
        taken += piece.size();
        if (taken > c.limit) return fail(errc::legacy_away, c.operation + ": the answer has no end");
        return into.feed(piece);
    };
    return http_.send(r);
}

/// What HTTP itself says.
result<void> axis_client::judge(const client::http_response& response) {
    const auto rest = trim(response.header("Retry-After"));
    unsigned seconds = 0;
    const auto [end, ec] = std::from_chars(rest.data(), rest.data() + rest.size(), seconds);
    if (!rest.empty() && ec == std::errc() && end == rest.data() + rest.size())
        not_before_ = clock_.now() + std::min<milliseconds>(std::chrono::seconds(seconds), longest_rest);
    if (response.status / 100 != 2) return http_failure(response.status);
    return {};
}

} // namespace truc::liaison
