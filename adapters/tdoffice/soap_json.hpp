#pragma once
/// The JSON that TD.Office puts into the text of a SOAP answer: {"Status":"OK","Data":…,"Message":…}. Found wrapped in
/// {"d":…}, encoded twice, with numbers where texts belong and the other way round. Pure functions.

#include "soap_settings.hpp"

#include <boost/json/value.hpp>

#include <optional>

namespace truc::tdoffice {

struct json_answer {
    enum class verdict {
        good,
        expired, ///< the session ended: nothing was done
        busy,    ///< the system says that it cannot at the moment
        refused  ///< it does not do what was asked
    };
    verdict says{};
    boost::json::value data; ///< null when there is none
    std::string message;     ///< for people
};

/// Error: bad_request (not JSON, too deep, or no such object).
result<json_answer> read_json(std::string_view text, const answer_words& words);

/// A text, number or truth value as text; null as empty; nullopt for an object or a list.
std::optional<std::string> scalar_text(const boost::json::value& v);

/// Reads members of one object by our names of them.
class json_record {
  public:
    json_record(const boost::json::object& o, const name_table& names) : object_(&o), names_(&names) {}

    bool has(std::string_view member) const { return find(member) != nullptr; }
    /// Empty when it is missing or null. Error: record_invalid when it is an object or a list.
    result<std::string> text(std::string_view member) const;
    /// The objects of a list; none when it is missing or null. Error: record_invalid.
    result<std::vector<json_record>> list(std::string_view member) const;
    std::string_view name(std::string_view member) const { return names_->of(member); }

  private:
    const boost::json::value* find(std::string_view member) const;

    const boost::json::object* object_;
    const name_table* names_;
};

} // namespace truc::tdoffice
