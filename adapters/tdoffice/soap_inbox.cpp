#include "soap_inbox.hpp"

#include <boost/json.hpp>

#include <thread>

namespace truc::tdoffice {

namespace {

/// What TD.Office calls what it has; empty: it has nothing. Found as null, false, "", {} and {"Id":…}.
std::string reference_in(const boost::json::value& data, const name_table& members) {
    const auto* object = data.if_object();
    const auto* id = object ? object->if_contains(members.of("Id")) : &data;
    if (!id || (id->is_bool() && !id->get_bool())) return {};
    return scalar_text(*id).value_or("");
}

} // namespace

soap_inbox::soap_inbox(std::shared_ptr<const soap_settings> settings) : session_(std::move(settings)) {}

result<soap_call> soap_inbox::call_for(const adapter::incoming_item& item) const {
    const auto record = pack::read_edxml(item.edxml);
    if (!record) return fail(record.error());
    const auto& s = session_.settings();
    soap_call c;
    c.incoming = true;
    c.repeatable = false;
    if (const auto* document = std::get_if<pack::edxml_document>(&*record)) {
        c.method = "NhanVanBanDen";
        c.parameters = {{"maGiaoNhan", item.delivery_id.str()},
                        {"maTruc", item.dispatch_id.str()},
                        {"vanBan", write_document(*document, item, s)}};
        c.with_content = true;
        return c;
    }
    auto parameters = write_status(std::get<pack::edxml_status>(*record), item, s);
    if (!parameters) return fail(parameters.error());
    c.method = "CapNhatTrangThai";
    c.parameters = *std::move(parameters);
    return c;
}

/// What TD.Office calls the delivery; empty when it has not got it.
tl::expected<std::string, soap_failure> soap_inbox::look(const adapter::incoming_item& item) {
    soap_call c;
    c.incoming = true;
    c.method = "KiemTraVanBanDen";
    c.parameters = {{"maGiaoNhan", item.delivery_id.str()}};
    const auto data = session_.call(c);
    if (!data) return tl::unexpected(data.error());
    return reference_in(*data, session_.settings().members);
}

result<std::string> soap_inbox::deliver(const adapter::incoming_item& item) {
    if (item.perhaps_there) {
        // What a process before this one sent may still be under way.
        std::this_thread::sleep_until(started_ + session_.settings().settle_time);
        const auto there = look(item);
        if (!there) return fail(errc::legacy_away, there.error().why.what);
        if (!there->empty()) return *there;
    }
    const auto call = call_for(item);
    if (!call) return fail(call.error());
    return give(*call, item);
}

/// After every call that did not succeed TD.Office is asked what it has. What it refuses is tried once more before it
/// counts as refused; what may still be under way is left to the next attempt, which begins with that question.
result<std::string> soap_inbox::give(const soap_call& c, const adapter::incoming_item& item) {
    for (int round = 0;; ++round) {
        const auto got = session_.call(c);
        if (got) {
            auto reference = reference_in(*got, session_.settings().members);
            return reference.empty() ? item.delivery_id.str() : reference;
        }
        const auto& failure = got.error();
        if (!failure.answered) std::this_thread::sleep_for(session_.settings().settle_time);
        const auto there = look(item);
        if (!there) return fail(errc::legacy_away, failure.why.what);
        if (!there->empty()) return *there;
        if (failure.what == soap_failure::cause::away || round == 1) return fail(item_error(failure));
    }
}

} // namespace truc::tdoffice
