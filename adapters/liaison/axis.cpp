#include "axis.hpp"

#include "axis_inbox.hpp"
#include "axis_outbox.hpp"

#include <truc/base/ascii.hpp>
#include <truc/base/reachable.hpp>
#include <truc/model/agency_code.hpp>
#include <truc/trust/private_file.hpp>

namespace truc::liaison {

namespace {

constexpr const char* notes_file = "axis-sent.db";

/// What [axis] says.
struct axis_settings {
    axis_options axis;
    directory_options directory;
    milliseconds poll_least = std::chrono::seconds(2);
    milliseconds poll_most = std::chrono::seconds(60);
    milliseconds settle = std::chrono::seconds(30);
};

bool is_code(std::string_view text) { return agency_code::parse(text).has_value(); }

bool is_url(std::string_view text) {
    const auto where = client::server_address::parse(text);
    return where && !where->is_local();
}

/// Everybody on the way could read along over plain HTTP, and learn enough to be us for a day.
void read_endpoint(settings& t, axis_options& o) {
    std::string url;
    bool allow_plain_http = false;
    t.read_text("endpoint", url, true, is_url, "https://host[:port][/path] or http://host[:port][/path]");
    t.read("allow_plain_http", allow_plain_http);
    t.read_path("ca", o.http.authority, url.starts_with("https:"), settings::is::file);
    t.read_path("certificate", o.http.certificate, false, settings::is::file);
    t.read_path("key", o.http.key, !o.http.certificate.empty(), settings::is::file);
    auto where = client::server_address::parse(url);
    if (!where || where->is_local()) return;
    if (!where->is_tls() && !allow_plain_http && !is_private(where->host()))
        t.refuse("endpoint", "https, since everybody on the way could read along; or a loopback or private address for "
                             "plain HTTP, or allow_plain_http = true");
    o.endpoint = std::move(*where);
}

void read_secret(settings& t, axis_options& o) {
    t.read_text("system_id", o.system_id, true);
    std::filesystem::path file;
    t.read_path("secret_file", file, true, settings::is::file);
    if (file.empty()) return;
    const auto secret = trust::read_private_file(file);
    if (!secret) return t.refuse("secret_file", "a file that only its owner may read (mode 600)");
    o.secret = trim(*secret, " \t\r\n");
    if (o.secret.empty()) t.refuse("secret_file", "a file with the secret that the axis gave out");
}

void read_times(settings& t, axis_settings& s) {
    t.read_number("poll_least_ms", s.poll_least, 100, 3'600'000);
    t.read_number("poll_most_ms", s.poll_most, 100, 86'400'000);
    if (s.poll_most < s.poll_least) t.refuse("poll_most_ms", "not less than poll_least_ms");
    t.read_number("settle_ms", s.settle, 0, 3'600'000);
    std::chrono::seconds answer = std::chrono::seconds(60);
    t.read_number("answer_seconds", answer, 1, 3600);
    s.axis.http.answer_time = answer;
    std::chrono::seconds connect = std::chrono::seconds(10);
    t.read_number("connect_seconds", connect, 1, 600);
    s.axis.http.connect_time = connect;
}

void read_directory(settings& t, directory_options& d) {
    std::chrono::minutes every = std::chrono::hours(24);
    t.read_number("directory_minutes", every, 1, 7 * 24 * 60);
    d.every = every;
    t.read("close_many", d.close_many);
    for (auto& one : t.tables("register")) {
        axis_agency a;
        one.read_text("code", a.code, true, is_code, "an agency's code");
        one.read_text("name", a.name, true);
        one.read_text("parent", a.parent, false, is_code, "an agency's code");
        one.read_text("mail", a.mail, false);
        if (const auto code = agency_code::parse(a.code)) a.code = code->str();
        d.ours.push_back(std::move(a));
    }
}

axis_settings read(settings& t) {
    axis_settings s;
    read_endpoint(t, s.axis);
    read_secret(t, s.axis);
    read_times(t, s);
    std::size_t megabytes = 64;
    t.read_number("largest_megabytes", megabytes, 1, 1024);
    s.axis.largest_document = megabytes << 20;
    t.read("padded_hash", s.axis.padded_hash);
    read_directory(t, s.directory);
    return s;
}

/// Otherwise settings::finish() tells why, and nothing need be made.
bool is_whole(const axis_options& o) {
    const bool vouched_for = !o.endpoint.is_tls() || !o.http.authority.empty();
    return !o.endpoint.host().empty() && !o.secret.empty() && vouched_for &&
           o.http.certificate.empty() == o.http.key.empty();
}

} // namespace

adapter::legacy_system make_axis(settings axis, const adapter::adapter_context& context) {
    auto s = read(axis);
    adapter::legacy_system system;
    if (!is_whole(s.axis)) return system;
    s.directory.node = context.node;
    const auto notes = context.data_dir / notes_file;
    system.inbox = std::make_unique<axis_inbox>(s.axis, s.settle, notes, context.clock, context.metrics);
    auto directory = std::make_unique<directory_sync>(s.axis, s.directory, context.clock, context.metrics);
    system.outbox = std::make_unique<axis_outbox>(s.axis, poll_pace(s.poll_least, s.poll_most), notes, context.clock,
                                                  context.metrics, std::move(directory));
    return system;
}

} // namespace truc::liaison
