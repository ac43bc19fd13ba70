#include "fields.hpp"

#include <boost/json/serialize.hpp>

namespace truc::cli {

std::string text_field(const json::object& o, std::string_view name) {
    const auto* v = o.if_contains(name);
    if (!v || v->is_null()) return {};
    if (v->is_string()) return std::string(std::string_view(v->get_string()));
    return json::serialize(*v);
}

std::int64_t number_field(const json::object& o, std::string_view name) {
    const auto* v = o.if_contains(name);
    if (!v) return 0;
    if (v->is_uint64()) return static_cast<std::int64_t>(v->get_uint64());
    return v->is_int64() ? v->get_int64() : 0;
}

bool flag_field(const json::object& o, std::string_view name) {
    const auto* v = o.if_contains(name);
    return v && v->is_bool() && v->get_bool();
}

const json::array& array_field(const json::object& o, std::string_view name) {
    static const json::array none;
    const auto* v = o.if_contains(name);
    return v && v->is_array() ? v->get_array() : none;
}

std::string list_field(const json::object& o, std::string_view name) {
    std::string all;
    for (const auto& v : array_field(o, name)) {
        if (!all.empty()) all += ", ";
        all += v.is_string() ? std::string(std::string_view(v.get_string())) : json::serialize(v);
    }
    return all;
}

std::vector<json::object> objects_field(const json::object& o, std::string_view name) {
    std::vector<json::object> all;
    for (const auto& v : array_field(o, name))
        if (v.is_object()) all.push_back(v.get_object());
    return all;
}

} // namespace truc::cli
