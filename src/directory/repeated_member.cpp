#include "repeated_member.hpp"

#include <boost/json/basic_parser_impl.hpp>

#include <algorithm>
#include <set>
#include <vector>

namespace truc::directory {

namespace json = boost::json;

namespace {

using error_code = json::error_code;
using text = json::string_view;

/// Names of one object. They are few, unless somebody wants the search to take long.
class name_set {
  public:
    /// False if it is there already.
    bool add(std::string name) {
        constexpr std::size_t few = 32;
        if (!many_.empty()) return many_.insert(std::move(name)).second;
        if (std::find(few_.begin(), few_.end(), name) != few_.end()) return false;
        few_.push_back(std::move(name));
        if (few_.size() == few) many_.insert(few_.begin(), few_.end());
        return true;
    }

  private:
    std::vector<std::string> few_;
    std::set<std::string> many_;
};

/// Handler of Boost.JSON's event parser: keeps the names seen in each object that is open, and stops at the first
/// repetition. The shape of the functions is the library's.
class name_watch {
  public:
    static constexpr std::size_t max_object_size = std::size_t(-1);
    static constexpr std::size_t max_array_size = std::size_t(-1);
    static constexpr std::size_t max_key_size = std::size_t(-1);
    static constexpr std::size_t max_string_size = std::size_t(-1);

    bool on_object_begin(error_code&) {
        open_.emplace_back();
        return true;
    }
    bool on_object_end(std::size_t, error_code&) {
        open_.pop_back();
        return true;
    }
    bool on_key_part(text part, std::size_t, error_code&) {
        key_.append(part.data(), part.size());
        return true;
    }
    bool on_key(text rest, std::size_t, error_code& stop) {
        key_.append(rest.data(), rest.size());
        if (!open_.back().add(key_)) {
            repeated_ = key_;
            stop = json::error::syntax; // any code ends the parsing
            return false;
        }
        key_.clear();
        return true;
    }

    bool on_document_begin(error_code&) { return true; }
    bool on_document_end(error_code&) { return true; }
    bool on_array_begin(error_code&) { return true; }
    bool on_array_end(std::size_t, error_code&) { return true; }
    bool on_string_part(text, std::size_t, error_code&) { return true; }
    bool on_string(text, std::size_t, error_code&) { return true; }
    bool on_number_part(text, error_code&) { return true; }
    bool on_int64(std::int64_t, text, error_code&) { return true; }
    bool on_uint64(std::uint64_t, text, error_code&) { return true; }
    bool on_double(double, text, error_code&) { return true; }
    bool on_bool(bool, error_code&) { return true; }
    bool on_null(error_code&) { return true; }
    bool on_comment_part(text, error_code&) { return true; }
    bool on_comment(text, error_code&) { return true; }

    const std::optional<std::string>& repeated() const { return repeated_; }

  private:
    std::vector<name_set> open_;
    std::string key_;
    std::optional<std::string> repeated_;
};

} // namespace

std::optional<std::string> repeated_member(std::string_view json) {
    boost::json::basic_parser<name_watch> parser{boost::json::parse_options{}};
    error_code ignored;
    parser.write_some(false, json.data(), json.size(), ignored);
    return parser.handler().repeated();
}

} // namespace truc::directory
