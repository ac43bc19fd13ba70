#pragma once
#include <truc/base/result.hpp>

#include <boost/json/value.hpp>
#include <fmt/format.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace truc::directory {

enum class need { optional, mandatory };

/// Takes the members of one JSON object one by one into values and keeps the first thing that is wrong with them.
class member_reader {
  public:
    /// `kind` is the object's name in messages. The object must outlive the reader.
    member_reader(std::string_view kind, const boost::json::object& members) : kind_(kind), members_(members) {}

    /// A text that `parse` (string_view → optional) understands. An absent optional member leaves `target` as it is.
    template <class Parse, class Target>
    void one(std::string_view name, need n, std::string_view expected, Parse parse, Target& target) {
        const auto* value = find(name, n);
        if (value) take(*value, name, expected, parse, [&](auto&& read) { target = std::move(read); });
    }

    /// An array of such texts.
    template <class Parse, class Value>
    void many(std::string_view name, std::string_view expected, Parse parse, std::vector<Value>& target) {
        const auto* value = find(name, need::optional);
        if (!value) return;
        if (!value->is_array()) return complain(name, "an array of texts");
        for (const auto& item : value->get_array())
            take(item, name, expected, parse, [&](auto&& read) { target.push_back(std::move(read)); });
    }

    void flag(std::string_view name, bool& target) {
        const auto* value = find(name, need::optional);
        if (!value) return;
        if (!value->is_bool()) return complain(name, "true or false");
        target = value->get_bool();
    }

    /// A whole number from 1.
    void number(std::string_view name, std::uint64_t& target) {
        const auto* value = find(name, need::mandatory);
        if (!value) return;
        boost::system::error_code inexact;
        const auto read = value->to_number<std::uint64_t>(inexact);
        if (inexact || value->is_double() || read == 0) return complain(name, "a whole number from 1");
        target = read;
    }

    result<void> finish() const {
        if (problem_) return fail(errc::bad_directory, *problem_);
        return {};
    }

  private:
    const boost::json::value* find(std::string_view name, need n) {
        const auto* value = members_.if_contains(name);
        if (!value && n == need::mandatory) complain(name, "a value: the member is mandatory");
        return value;
    }

    template <class Parse, class Store>
    void take(const boost::json::value& value, std::string_view name, std::string_view expected, Parse parse,
              Store store) {
        if (!value.is_string()) return complain(name, expected);
        const std::string_view text = value.get_string();
        auto read = parse(text);
        if (!read) return complain(name, fmt::format("{}, found \"{}\"", expected, text));
        store(std::move(*read));
    }

    void complain(std::string_view name, std::string_view expected) {
        if (!problem_) problem_ = fmt::format("{}/{}: expected {}", kind_, name, expected);
    }

    std::string_view kind_;
    const boost::json::object& members_;
    std::optional<std::string> problem_;
};

} // namespace truc::directory
