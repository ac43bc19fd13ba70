// registerAgency and deleteAgency: what a client asks for becomes a proposal, and an administrator decides.
#include "axis_questions.hpp"

#include <truc/base/ascii.hpp>
#include <truc/directory/json_lines.hpp>

namespace truc::api {

namespace {

constexpr std::uint64_t largest_form = 64 * 1024;
constexpr std::size_t longest_name = 500; // bytes
constexpr std::size_t longest_mail = 254; // RFC 5321

/// Members of the SDK's form that are texts of one line; others (it sends id, mobile and fax) have no place in the
/// directory. Errors: bad_request.
result<std::string> text_in(const json::object& form, std::string_view name, std::size_t longest) {
    const auto* member = form.if_contains(name);
    if (!member || member->is_null()) return std::string();
    const bool sound = member->is_string() && member->get_string().size() <= longest;
    const std::string text(sound ? std::string_view(member->get_string()) : std::string_view());
    const bool control = std::any_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
    if (!sound || control) return fail(errc::bad_request, fmt::format("{}: a text of at most {} bytes", name, longest));
    const auto begin = text.find_first_not_of(' ');
    return begin == std::string::npos ? std::string() : text.substr(begin, text.find_last_not_of(' ') - begin + 1);
}

result<json::object> form_in(const std::string& body) {
    json::error_code failure;
    auto parsed = json::parse(body, failure);
    if (failure || !parsed.is_object())
        return fail(errc::bad_request, R"({"id", "pcode", "code", "name", "mail", "mobile", "fax"})");
    return std::move(parsed.get_object());
}

result<agency_code> code_in(const json::object& form) {
    const auto text = text_in(form, "code", longest_name);
    if (!text) return fail(text.error());
    auto code = agency_code::parse(*text);
    if (!code) return fail(errc::bad_request, fmt::format("code={}", *text));
    return std::move(*code);
}

/// The parent's registered code; empty where the form names none. Error: not_found.
result<std::string> parent_in(const directory::directory& known, const json::object& form) {
    const auto text = text_in(form, "pcode", longest_name);
    if (!text) return fail(text.error());
    if (text->empty()) return std::string();
    const auto* parent = known.find_agency(*text);
    if (!parent) return fail(errc::not_found, fmt::format("pcode={}", *text));
    return parent->code.str();
}

result<directory::agency> agency_in(const services& s, const directory::directory& known, const json::object& form) {
    auto code = code_in(form);
    auto name = text_in(form, "name", longest_name);
    auto mail = text_in(form, "mail", longest_mail);
    auto parent = parent_in(known, form);
    if (!code) return fail(code.error());
    if (!name) return fail(name.error());
    if (!mail) return fail(mail.error());
    if (!parent) return fail(parent.error());
    if (name->empty()) return fail(errc::bad_request, "name=");
    directory::agency a(std::move(*code));
    a.name = std::move(*name);
    a.mail = std::move(*mail);
    a.parent = std::move(*parent);
    a.node = s.node;
    return a;
}

/// Whether the directory says of the agency what the form says. What administrators add to it later is theirs.
bool is_as_asked(const directory::directory& d, const directory::agency& known, const directory::agency& asked,
                 timestamp now) {
    const bool open = !known.valid_to || now < *known.valid_to;
    return open && known.code == asked.code && known.name == asked.name && known.node == asked.node &&
           d.find_agency(known.parent) == d.find_agency(asked.parent);
}

/// Systems register at each start, also long after somebody has confirmed it.
http::response told_there(const agency_code& code) {
    json::object members;
    members["ErrorDesc"] = fmt::format("Đơn vị {} đã có trong danh bạ", code.str());
    return axis_answer(std::move(members));
}

http::response told(std::int64_t number) {
    json::object members;
    members["ErrorDesc"] = fmt::format("Đã ghi nhận đề nghị số {}; có hiệu lực khi quản trị viên xác nhận", number);
    return axis_answer(std::move(members));
}

/// Errors: rate_limited (too many of this client wait already), and those of the store.
axis_outcome propose(const services& s, store::proposal p) {
    net::pending<result<std::int64_t>> kept;
    s.store.propose(std::move(p), kept.completer());
    const auto number = co_await kept.wait();
    if (!number) co_return fail(number.error());
    co_return told(*number);
}

/// `AgencyCode`, however its letters are written, or `code`.
std::string_view code_asked(const axis_call& c) {
    std::string_view found = c.parameter("code");
    for (const auto& [name, value] : c.parameters)
        if (iequal(name, "agencycode")) found = value;
    return found;
}

/// Errors: not_found, not_permitted (not the client's, or closed already).
result<agency_code> own_agency(const services& s, const axis_call& c) {
    const auto asked = code_asked(c);
    const auto* agency = c.channel.directory->find_agency(asked);
    if (!agency) return fail(errc::not_found, fmt::format("agency {}", asked));
    const bool own = c.channel.acts_for(agency->code) && agency->node == s.node;
    if (!own) return fail(errc::not_permitted, fmt::format("closing agency {}", agency->code.str()));
    if (agency->valid_to && *agency->valid_to <= s.clock.now())
        return fail(errc::not_permitted, fmt::format("agency {} is closed", agency->code.str()));
    return agency->code;
}

} // namespace

axis_outcome axis_register_agency(const services& s, http::request& r, const axis_call& c) {
    r.limit_body(largest_form);
    const auto body = co_await r.read_all();
    if (!body) co_return fail(body.error());
    const auto form = form_in(*body);
    if (!form) co_return fail(form.error());
    const auto agency = agency_in(s, *c.channel.directory, *form);
    if (!agency) co_return fail(agency.error());
    const auto& directory = *c.channel.directory;
    if (const auto* known = directory.find_agency(agency->code.str())) {
        if (is_as_asked(directory, *known, *agency, s.clock.now())) co_return told_there(known->code);
        co_return fail(errc::bad_request, fmt::format("agency {} is known", agency->code.str()));
    }
    store::proposal p;
    p.kind = store::proposal_kind::registration;
    p.client = c.channel.client->id;
    p.code = agency->code.str();
    p.details = directory::to_json_line(*agency);
    co_return co_await propose(s, std::move(p));
}

axis_outcome axis_delete_agency(const services& s, http::request& r, const axis_call& c) {
    const auto dropped = co_await drop_body(r);
    if (!dropped) co_return fail(dropped.error());
    const auto code = own_agency(s, c);
    if (!code) co_return fail(code.error());
    store::proposal p;
    p.kind = store::proposal_kind::closing;
    p.client = c.channel.client->id;
    p.code = code->str();
    co_return co_await propose(s, std::move(p));
}

} // namespace truc::api
