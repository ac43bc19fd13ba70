#include "arrival_status.hpp"

#include "outbound.hpp"

#include <truc/base/log.hpp>
#include <truc/pack/edxml.hpp>
#include <truc/pack/edxml_record.hpp>

namespace truc::adapter {

namespace {

constexpr std::string_view arrived = "01";

pack::edxml_party our_side(const client::inbox_delivery& d, const adapter_context& context) {
    pack::edxml_party us;
    us.code = d.to;
    for (const auto& a : context.agencies)
        if (agency_code::parse(a.code) == agency_code::parse(d.to)) us.name = a.name;
    return us;
}

/// What cannot be read here has arrived all the same: the node says what it thinks of a status that names it by its id.
auto original(const client::inbox_delivery& d) -> decltype(pack::edxml_status::about) {
    const auto m = pack::read_in_transit(d.content);
    if (m) return {m->from->written_id, m->code_number + "/" + m->code_notation, m->promulgation_date, m->document_id};
    spdlog::warn("the status 01 about {} says little of the document: {}", d.delivery_id.str(),
                 explain(m.error(), language::english));
    return {d.from, {}, {}, d.document_id};
}

} // namespace

new_submission arrival_status(const client::inbox_delivery& d, const adapter_context& context,
                              const signing_desk& desk) {
    pack::edxml_status s;
    s.from = our_side(d, context);
    s.about = original(d);
    s.staff.staff = context.name;
    s.status_code = arrived;
    s.description = "Văn bản đã đến";
    s.time = pack::edxml_time(context.clock.now());
    auto text = pack::write_edxml(s);
    auto ready = desk.prepare(text);
    if (!ready) {
        // The node says what it thinks of one without a signature; the document itself has arrived in any case.
        spdlog::warn("status 01 about {} goes without a signature: {}", d.delivery_id.str(),
                     explain(ready.error(), language::english));
        ready = prepared{std::move(text), false};
    }
    const auto key = "arrived:" + d.delivery_id.str();
    return new_submission{key, "01 " + d.document_id, submission_name(context.name, key), std::move(ready->edxml),
                          ready->signed_on_behalf};
}

} // namespace truc::adapter
