#pragma once
/// Reading JSON that may have more or fewer members than expected: an absent one reads as empty.

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace truc::cli {

namespace json = boost::json;

std::string text_field(const json::object& o, std::string_view name);
std::int64_t number_field(const json::object& o, std::string_view name);
bool flag_field(const json::object& o, std::string_view name);
const json::array& array_field(const json::object& o, std::string_view name);
/// The texts of an array, separated by commas.
std::string list_field(const json::object& o, std::string_view name);
/// The objects of an array; what is no object is left out.
std::vector<json::object> objects_field(const json::object& o, std::string_view name);

} // namespace truc::cli
