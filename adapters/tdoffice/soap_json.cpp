#include "soap_json.hpp"

#include <truc/base/ascii.hpp>

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace truc::tdoffice {

namespace {

namespace json = boost::json;

constexpr std::size_t deepest = 16;
constexpr int most_layers = 4; ///< of {"d":…} and of JSON within a text of JSON

std::optional<json::value> parsed_json(std::string_view text) {
    text = trim(text, " \t\r\n");
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    json::parse_options options;
    options.max_depth = deepest;
    json::error_code failure;
    auto value = json::parse(text, failure, {}, options);
    if (failure) return std::nullopt;
    return value;
}

/// What lies within {"d":…} and within texts that are JSON themselves.
std::optional<json::value> unwrapped(json::value value) {
    for (int layer = 0; layer < most_layers; ++layer) {
        if (const auto* text = value.if_string()) {
            auto inner = parsed_json(*text);
            if (!inner) return std::nullopt;
            value = *std::move(inner);
            continue;
        }
        auto* object = value.if_object();
        if (!object || object->size() != 1 || !object->contains("d")) return value;
        auto inner = std::move(object->at("d"));
        value = std::move(inner);
    }
    return value;
}

/// Data may be JSON within a text once more; a text that is none stays one.
json::value data_of(json::value value) {
    const auto* text = value.if_string();
    if (!text) return value;
    const auto start = trim(std::string_view(*text), " \t\r\n").substr(0, 1);
    if (start != "{" && start != "[") return value;
    auto inner = parsed_json(*text);
    return inner ? *std::move(inner) : value;
}

bool is_among(const std::vector<std::string>& words, std::string_view word) {
    return std::ranges::any_of(words, [&](const auto& one) { return iequal(one, word); });
}

std::string member_text(const json::object& object, std::string_view name) {
    const auto* found = object.if_contains(name);
    return found ? scalar_text(*found).value_or("") : std::string();
}

} // namespace

result<json_answer> read_json(std::string_view text, const answer_words& words) {
    auto parsed = parsed_json(text);
    auto value = parsed ? unwrapped(*std::move(parsed)) : std::nullopt;
    auto* object = value ? value->if_object() : nullptr;
    if (!object || !object->contains(words.status))
        return fail(errc::bad_request, fmt::format("the answer is no JSON with a member {}", words.status));
    json_answer answer;
    const auto status = member_text(*object, words.status);
    using enum json_answer::verdict;
    answer.says = is_among(words.good, status)      ? good
                  : is_among(words.expired, status) ? expired
                  : is_among(words.busy, status)    ? busy
                                                    : refused;
    answer.message = member_text(*object, words.message);
    if (answer.message.empty() && answer.says == refused) answer.message = fmt::format("{} {}", words.status, status);
    if (auto* data = object->if_contains(words.data)) answer.data = data_of(std::move(*data));
    return answer;
}

std::optional<std::string> scalar_text(const json::value& v) {
    switch (v.kind()) {
    case json::kind::null:
        return std::string();
    case json::kind::string:
        return std::string(v.get_string());
    case json::kind::bool_:
        return v.get_bool() ? "true" : "false";
    case json::kind::int64:
        return std::to_string(v.get_int64());
    case json::kind::uint64:
        return std::to_string(v.get_uint64());
    case json::kind::double_: {
        // 12.0 is how some serialisers write the number 12.
        const auto number = v.get_double();
        constexpr double exact = 9007199254740992.0;
        if (number == std::floor(number) && std::abs(number) < exact)
            return std::to_string(static_cast<std::int64_t>(number));
        return fmt::format("{}", number);
    }
    default:
        return std::nullopt;
    }
}

const json::value* json_record::find(std::string_view member) const {
    const auto name = names_->of(member);
    return name.empty() ? nullptr : object_->if_contains(name);
}

result<std::string> json_record::text(std::string_view member) const {
    const auto* found = find(member);
    if (!found) return std::string();
    auto text = scalar_text(*found);
    if (!text) return fail(errc::record_invalid, fmt::format("{} is no text", name(member)));
    return std::string(trim(*text, " \t\r\n"));
}

result<std::vector<json_record>> json_record::list(std::string_view member) const {
    std::vector<json_record> all;
    const auto* found = find(member);
    if (!found || found->is_null()) return all;
    const auto* list = found->if_array();
    const auto no_list = [&] { return fail(errc::record_invalid, fmt::format("{} is no list", name(member))); };
    if (!list) return no_list();
    for (const auto& one : *list) {
        const auto* object = one.if_object();
        if (!object) return no_list();
        all.emplace_back(*object, *names_);
    }
    return all;
}

} // namespace truc::tdoffice
