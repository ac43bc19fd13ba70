#include "axis_answer.hpp"

#include <truc/base/ascii.hpp>

#include <boost/json/basic_parser_impl.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>

namespace truc::liaison {

namespace json = boost::json;

namespace {

constexpr std::size_t longest_text = 64 * 1024; // but `data`
constexpr std::size_t longest_name = 128;
constexpr std::size_t most_members = 60;
constexpr std::size_t most_rows = 1'000'000;
constexpr std::size_t deepest = 16;

/// Handler of Boost.JSON's event parser; the shape of the functions is the library's. Knows where it stands: in the
/// answer itself, among the rows, in a row, or in something nested that nobody asked for.
class answer_handler {
  public:
    using error_code = json::error_code;
    using text = json::string_view;
    static constexpr std::size_t max_object_size = most_rows;
    static constexpr std::size_t max_array_size = most_rows;
    static constexpr std::size_t max_key_size = longest_name;
    static constexpr std::size_t max_string_size = std::numeric_limits<std::size_t>::max(); // counted by keep()

    bool on_document_begin(error_code&) { return true; }
    bool on_document_end(error_code&) { return true; }
    bool on_object_begin(error_code& stop) {
        if (places_.empty()) return enter(place::answer);
        if (places_.back() != place::rows) return enter(place::elsewhere);
        row_.members.clear();
        return enter(place::row) || refuse(stop);
    }
    bool on_object_end(std::size_t, error_code& stop) {
        const auto left = places_.back();
        places_.pop_back();
        if (left != place::row || !rows) return true;
        const auto taken = rows(row_);
        return taken ? true : refuse(stop, taken.error());
    }
    bool on_array_begin(error_code& stop) {
        if (places_.empty()) return refuse(stop);
        return enter(places_.back() == place::answer && name_ == "data" ? place::rows : place::elsewhere);
    }
    bool on_array_end(std::size_t, error_code&) {
        places_.pop_back();
        return true;
    }
    bool on_key_part(text part, std::size_t, error_code&) {
        key_.append(part.data(), part.size());
        return true;
    }
    bool on_key(text rest, std::size_t, error_code&) {
        key_.append(rest.data(), rest.size());
        name_ = std::move(key_);
        key_.clear();
        return true;
    }
    bool on_string_part(text part, std::size_t, error_code& stop) { return keep({part.data(), part.size()}, stop); }
    bool on_string(text rest, std::size_t, error_code& stop) {
        return keep({rest.data(), rest.size()}, stop) && end_value(stop);
    }
    bool on_number_part(text, error_code&) { return true; }
    bool on_int64(std::int64_t n, text, error_code& stop) { return value(fmt::to_string(n), stop); }
    bool on_uint64(std::uint64_t n, text, error_code& stop) { return value(fmt::to_string(n), stop); }
    bool on_double(double n, text, error_code& stop) { return value(fmt::to_string(n), stop); }
    bool on_bool(bool b, error_code& stop) { return value(b ? "true" : "false", stop); }
    bool on_null(error_code& stop) { return value({}, stop); }
    bool on_comment_part(text, error_code& stop) { return refuse(stop); }
    bool on_comment(text, error_code& stop) { return refuse(stop); }

    answer_reader::row_taker rows;
    answer_reader::content_taker content;
    std::optional<error> fault; ///< a taker's, or a limit
    axis_row answer;

  private:
    enum class place : std::uint8_t { answer, rows, row, elsewhere };

    bool enter(place p) {
        places_.push_back(p);
        return true;
    }
    bool refuse(error_code& stop) {
        stop = json::error::syntax; // any code ends the parsing
        return false;
    }
    bool refuse(error_code& stop, error why) {
        fault = std::move(why);
        return refuse(stop);
    }
    bool is_content() const { return content && places_.back() == place::answer && name_ == "data"; }
    bool keep(std::string_view piece, error_code& stop) {
        if (places_.empty()) return refuse(stop);
        if (is_content()) {
            const auto taken = content(piece);
            return taken ? true : refuse(stop, taken.error());
        }
        if (places_.back() == place::elsewhere || places_.back() == place::rows) return true;
        if (value_.size() + piece.size() > longest_text)
            return refuse(stop, error(errc::legacy_away, fmt::format("{} of more than {} bytes", name_, longest_text)));
        value_.append(piece);
        return true;
    }
    bool value(std::string_view whole, error_code& stop) { return keep(whole, stop) && end_value(stop); }
    bool end_value(error_code& stop) {
        if (places_.back() == place::elsewhere || places_.back() == place::rows || is_content()) return true;
        auto& members = places_.back() == place::row ? row_.members : answer.members;
        if (members.size() == most_members) return refuse(stop, error(errc::legacy_away, "too many members"));
        members.emplace_back(name_, std::move(value_));
        value_.clear();
        return true;
    }

    std::vector<place> places_;
    axis_row row_;
    std::string key_;   ///< while it arrives
    std::string name_;  ///< of the member whose value comes
    std::string value_; ///< while it arrives
};

json::parse_options tolerant() {
    json::parse_options options;
    options.max_depth = deepest;
    options.allow_invalid_utf8 = true; // one agency's broken name must not hide all others
    return options;
}

} // namespace

std::string_view axis_row::operator[](std::string_view name) const {
    for (const auto& [key, value] : members)
        if (key == name) return value;
    return {};
}

struct answer_reader::state {
    json::basic_parser<answer_handler> parser{tolerant()};

    /// `more`: that is not all.
    result<void> parse(std::string_view piece, bool more) {
        json::error_code ec;
        const auto used = parser.write_some(more, piece.data(), piece.size(), ec);
        auto& handler = parser.handler();
        if (handler.fault) return fail(*handler.fault);
        if (ec || used != piece.size()) return fail(errc::legacy_away, "the axis' answer is not the JSON of its SDK");
        return {};
    }
};

answer_reader::answer_reader(row_taker rows, content_taker content) : state_(std::make_unique<state>()) {
    auto& handler = state_->parser.handler();
    handler.rows = std::move(rows);
    handler.content = std::move(content);
}

answer_reader::~answer_reader() = default;

result<void> answer_reader::feed(std::string_view piece) { return state_->parse(piece, true); }
result<void> answer_reader::finish() { return state_->parse({}, false); }

bool answer_reader::is_good() const {
    const auto number = code();
    return iequal(state_->parser.handler().answer["status"], "OK") && (number.empty() || number == "0");
}

std::string_view answer_reader::code() const { return state_->parser.handler().answer["ErrorCode"]; }
std::string_view answer_reader::description() const { return state_->parser.handler().answer["ErrorDesc"]; }
std::string_view answer_reader::doc_id() const { return state_->parser.handler().answer["DocId"]; }

} // namespace truc::liaison
