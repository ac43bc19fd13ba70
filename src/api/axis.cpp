#include "axis_door.hpp"
#include "identity.hpp"

#include <truc/api/axis.hpp>

namespace truc::api {

namespace {

std::vector<std::string> segments_of(std::string_view prefix) {
    http::request_head head;
    if (auto parsed = http::parse_target(prefix, head); !parsed)
        throw std::invalid_argument("path of the axis façade: " + std::string(prefix));
    return head.path;
}

/// Many requests have a body that says nothing ("{}"). Left unread, it would end the connection; a large one may.
net::awaitable<void> finish_body(http::request& r) {
    constexpr std::size_t small = 64 * 1024;
    for (std::size_t seen = 0; seen <= small;) {
        const auto piece = co_await r.read();
        if (!piece || piece->empty()) co_return;
        seen += piece->size();
    }
}

} // namespace

struct axis_facade::parts {
    parts(const services& all, std::string_view path) : s(all), door(s), prefix(segments_of(path)) {}

    using operation = axis_outcome (*)(parts&, http::request&, const axis_call&);
    struct named {
        std::string_view name;
        operation run;
    };
    static const named operations[];

    result<operation> find(const http::request_head& head) const;
    axis_outcome run(http::request& r, const operation& o, const axis_call& c);
    net::awaitable<http::response> answer(http::request& r);

    services s;
    axis_door door;
    std::vector<std::string> prefix;
    axis_agency_lists lists;
};

const axis_facade::parts::named axis_facade::parts::operations[] = {
    {"sendEdoc", [](parts& p, http::request& r, const axis_call& c) { return axis_send_edoc(p.s, r, c); }},
    {"getReceivedEdocList",
     [](parts& p, http::request& r, const axis_call& c) { return axis_received_list(p.s, r, c); }},
    {"getSentEdocList", [](parts& p, http::request& r, const axis_call& c) { return axis_sent_list(p.s, r, c); }},
    {"getEdoc", [](parts& p, http::request& r, const axis_call& c) { return axis_get_edoc(p.s, r, c); }},
    {"updateStatus", [](parts& p, http::request& r, const axis_call& c) { return axis_update_status(p.s, r, c); }},
    {"registerAgency", [](parts& p, http::request& r, const axis_call& c) { return axis_register_agency(p.s, r, c); }},
    {"deleteAgency", [](parts& p, http::request& r, const axis_call& c) { return axis_delete_agency(p.s, r, c); }},
    {"getAgenciesList", [](parts& p, http::request& r,
                           const axis_call&) { return p.lists.answer(p.s, r, axis_agency_lists::which::agencies); }},
    {"getSynchronizeUnit", [](parts& p, http::request& r,
                              const axis_call&) { return p.lists.answer(p.s, r, axis_agency_lists::which::units); }},
    {"getListUnit", // its name in later versions of the SDK
     [](parts& p, http::request& r, const axis_call&) {
         return p.lists.answer(p.s, r, axis_agency_lists::which::units);
     }},
};

result<axis_facade::parts::operation> axis_facade::parts::find(const http::request_head& head) const {
    const bool below =
        head.path.size() == prefix.size() + 1 && std::equal(prefix.begin(), prefix.end(), head.path.begin());
    const auto* found = std::find_if(std::begin(operations), std::end(operations),
                                     [&](const named& o) { return below && o.name == head.path.back(); });
    if (found == std::end(operations)) return fail(errc::not_found, head.target);
    if (head.verb != http::method::post) return fail(errc::method_not_allowed, head.target);
    return found->run;
}

axis_outcome axis_facade::parts::run(http::request& r, const operation& o, const axis_call& c) {
    const auto under_way = take_place(s, *c.channel.client);
    if (!under_way) {
        auto refused = axis_failure(under_way.error().why, &r.head());
        refused.add("Retry-After", std::to_string(under_way.error().retry_after.count()));
        co_return refused;
    }
    co_return co_await o(*this, r, c);
}

net::awaitable<http::response> axis_facade::parts::answer(http::request& r) {
    const auto wanted = find(r.head());
    if (!wanted) co_return axis_failure(wanted.error(), &r.head());
    const auto call = door.admit(r.head(), r.peer());
    if (!call) co_return axis_failure(call.error(), &r.head());
    auto answered = co_await run(r, *wanted, *call);
    co_await finish_body(r);
    if (!answered) co_return axis_failure(answered.error(), &r.head());
    co_return std::move(*answered);
}

http::server_options axis_server_options() {
    http::server_options o;
    o.long_header_limit = std::size_t{256} * 1024;
    o.long_headers = 64;
    // The SDK writes a whole file before it reads an answer, and sends one again whose refusal it never saw.
    o.linger_bytes = std::size_t{128} << 20;
    o.linger_time = std::chrono::seconds(30);
    return o;
}

axis_facade::axis_facade(const services& s, std::string prefix) : parts_(std::make_unique<parts>(s, prefix)) {}
axis_facade::~axis_facade() = default;

void axis_facade::use_secrets(std::shared_ptr<const directory::secret_book> book) { parts_->door.use(std::move(book)); }

net::awaitable<http::response> axis_facade::handle(http::request& r) { return parts_->answer(r); }

/// What is no HTTP gets no answer of the SDK's, which could not read it either.
http::response axis_facade::refuse(const error& e, const http::request_head* head) {
    auto said = axis_failure(e, head);
    if (!head) said.status = describe(e.code).http;
    return said;
}

} // namespace truc::api
