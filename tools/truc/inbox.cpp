#include "inbox.hpp"

#include "fields.hpp"

#include <truc/base/bytes.hpp>

#include <boost/json/serialize.hpp>

namespace truc::cli {

outcome<uuid> delivery_of(const json::object& item) {
    const auto id = uuid::parse(text_field(item, "delivery_id"));
    if (!id) return stop(error(errc::bad_request, "delivery_id"));
    return *id;
}

outcome<std::string> fetch(session& s, const json::object& item) {
    const auto id = delivery_of(item);
    if (!id) return stop(id.error());
    auto bytes = s.get_bytes(target("/v1/inbox/" + id->str() + "/content"));
    if (bytes && sha256(*bytes).hex() != text_field(item, "sha256")) return stop(error(errc::corrupt, id->str()));
    return bytes;
}

outcome<void> acknowledge(session& s, const json::object& item) {
    const auto id = delivery_of(item);
    if (!id) return stop(id.error());
    const auto said = s.post(target("/v1/inbox/" + id->str() + "/ack"), "application/json",
                             json::serialize(json::object{{"outcome", "accepted"}}), true);
    if (!said) return stop(said.error());
    return {};
}

} // namespace truc::cli
