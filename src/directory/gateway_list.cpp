#include "record_sorter.hpp"

#include <truc/directory/edit.hpp>
#include <truc/directory/gateway_list.hpp>
#include <truc/directory/section.hpp>

#include <boost/json/stream_parser.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

namespace truc::directory {

namespace json = boost::json;

namespace {

constexpr std::size_t longest_name = 1000; ///< bytes
constexpr std::size_t longest_mail = 320;  ///< RFC 3696, erratum 1690, with some room

/// Takes the objects of a list apart, one at a time, so that a large list needs no tree of all of it.
class object_reader {
  public:
    explicit object_reader(std::string_view text) : text_(text) {
        constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
        if (text_.starts_with(byte_order_mark)) text_.remove_prefix(byte_order_mark.size());
        skip_space();
        is_array_ = take('[');
    }

    std::size_t entry() const { return entry_; } ///< from 1

    /// nullopt at the end. Error: bad_request.
    result<std::optional<json::object>> next() {
        if (at_end()) return end();
        if (is_array_ && entry_ > 0 && !take(',')) return wrong("expected ',' or ']'");
        ++entry_;
        skip_space();
        if (text_.empty() || text_.front() != '{') return wrong(R"(expected an object such as {"code": …, "name": …})");
        parser_.reset();
        json::error_code failure;
        const auto used = parser_.write_some(text_.data(), text_.size(), failure);
        if (failure) return wrong("expected JSON: " + failure.message());
        if (!parser_.done()) return wrong("the text breaks off");
        text_.remove_prefix(used);
        skip_space();
        return std::move(parser_.release().get_object());
    }

  private:
    bool at_end() const { return text_.empty() ? !is_array_ : is_array_ && text_.front() == ']'; }
    result<std::optional<json::object>> end() {
        if (!is_array_) return std::nullopt;
        text_.remove_prefix(1);
        skip_space();
        if (!text_.empty()) return wrong("expected nothing behind the list");
        is_array_ = false;
        return std::nullopt;
    }
    bool take(char c) {
        if (text_.empty() || text_.front() != c) return false;
        text_.remove_prefix(1);
        skip_space();
        return true;
    }
    void skip_space() { text_.remove_prefix(std::min(text_.find_first_not_of(" \t\r\n"), text_.size())); }
    tl::unexpected<error> wrong(std::string_view what) const {
        return fail(errc::bad_request, fmt::format("entry {}: {}", entry_, what));
    }

    std::string_view text_;
    json::stream_parser parser_;
    std::size_t entry_ = 0;
    bool is_array_ = false;
};

/// Empty where it is absent or something else.
std::string_view text_member(const json::object& o, std::string_view name) {
    const auto* value = o.if_contains(name);
    return value && value->is_string() ? std::string_view(value->get_string()) : std::string_view();
}

result<declared_agency> read_entry(const json::object& o) {
    const auto written = text_member(o, "code");
    auto code = agency_code::parse(written);
    if (!code) return fail(errc::bad_request, fmt::format("code: expected an agency's code, found \"{}\"", written));
    const auto name = text_member(o, "name");
    if (name.find_first_not_of(" \t\r\n") == std::string_view::npos || name.size() > longest_name)
        return fail(errc::bad_request,
                    fmt::format("{}: name: expected a text of at most {} bytes", code->str(), longest_name));
    declared_agency a{std::move(*code), std::string(name), {}, {}};
    if (const auto parent = agency_code::parse(text_member(o, "parent"))) a.parent = parent->str();
    if (const auto mail = text_member(o, "mail"); mail.size() <= longest_mail) a.mail = mail;
    return a;
}

} // namespace

result<gateway_list> read_gateway_list(std::string_view text) {
    if (text.size() > gateway_list::largest_text)
        return fail(errc::too_large, fmt::format("more than {} MiB", gateway_list::largest_text >> 20));
    gateway_list list;
    std::unordered_set<std::string> codes;
    object_reader reader(text);
    for (;;) {
        const auto object = reader.next();
        if (!object) return fail(object.error());
        if (!*object) return list;
        auto entry = read_entry(**object);
        if (!entry) {
            ++list.not_understood;
            if (list.remarks.size() < gateway_list::most_remarks)
                list.remarks.push_back(fmt::format("entry {}: {}", reader.entry(), entry.error().what));
        } else if (codes.insert(entry->code.str()).second) {
            if (codes.size() > gateway_list::most_agencies)
                return fail(errc::too_large, fmt::format("more than {} agencies", gateway_list::most_agencies));
            list.agencies.push_back(std::move(*entry));
        }
    }
}

// --- what changes ------------------------------------------------------------------------------------------------

namespace {

class planner {
  public:
    planner(const directory& file, const directory& in_force, const client& gateway, timestamp now,
            const std::unordered_set<std::string>& in_use)
        : file_(file),
          in_force_(in_force),
          gateway_(gateway),
          home_(file.home_of(gateway)),
          now_(now),
          in_use_(in_use) {}

    gateway_change plan(const std::vector<declared_agency>& list) {
        std::vector<wanted> taken;
        for (const auto& said : list)
            if (auto w = judge(said)) taken.push_back(*w);
        for (auto& w : taken) parents_[w.code()] = w.parent = parent_of(w);
        for (auto& w : taken) {
            break_circle(w);
            write(w);
        }
        close_the_rest();
        count_records();
        forget_the_oldest();
        return std::move(made_);
    }

  private:
    /// An entry that counts, and what the file has of it.
    struct wanted {
        const declared_agency* said;
        const agency* known;
        std::string parent;

        const std::string& code() const { return known ? known->code.str() : said->code.str(); }
    };

    bool is_mine(const agency& a) const { return a.gateway == gateway_.id; }
    bool is_closed(const agency& a) const { return a.valid_to && *a.valid_to <= now_; }

    std::optional<wanted> judge(const declared_agency& said) {
        const agency* known = file_.find_agency(said.code.str());
        const agency* others = known ? known : in_force_.find_agency(said.code.str());
        const bool is_free = !others || is_mine(*others);
        // Who has successors was closed by people who know where its mail goes.
        if (!is_free || (known && is_closed(*known) && !known->successors.empty())) {
            ++made_.left_out;
            return std::nullopt;
        }
        wanted w{&said, known, {}};
        if (!parents_.emplace(w.code(), std::string()).second) return std::nullopt; // named by an alias as well
        return w;
    }

    /// In its proper form; empty where nobody would know it.
    std::string parent_of(const wanted& w) const {
        const auto* known = file_.find_agency(w.said->parent);
        const auto& parent = known ? known->code.str() : w.said->parent;
        return known || parents_.contains(parent) ? parent : std::string();
    }

    void break_circle(wanted& w) {
        constexpr int most_levels = 32; // of 64 that the directory takes: there may be some above
        std::string_view at = w.parent;
        for (int level = 0; !at.empty() && level < most_levels; ++level) at = parent_at(at);
        if (at.empty()) return;
        w.parent.clear();
        parents_[w.code()].clear();
    }
    std::string_view parent_at(std::string_view code) const {
        const auto declared = parents_.find(std::string(code));
        if (declared != parents_.end()) return declared->second;
        const auto* known = file_.find_agency(code);
        return known ? std::string_view(known->parent) : std::string_view();
    }

    void write(const wanted& w) {
        agency a = w.known ? *w.known : agency(w.said->code);
        const bool is_same = a.name == w.said->name && a.parent == w.parent && a.mail == w.said->mail;
        const bool was_closed = w.known && is_closed(*w.known);
        if (w.known && is_same && !was_closed) {
            ++made_.kept;
            return;
        }
        ++(!w.known ? made_.added : was_closed ? made_.reopened : made_.changed);
        a.name = w.said->name;
        a.parent = w.parent;
        a.mail = w.said->mail;
        if (was_closed) a.valid_to.reset();
        if (!w.known) {
            a.node = home_;
            a.gateway = gateway_.id;
            a.documents = a.statuses = signature_policy::if_present; // what other networks send was never signed
        }
        made_.to_write.push_back(std::move(a));
    }

    void close_the_rest() {
        for (const auto& a : file_.agencies()) {
            const bool is_open = file_.is_valid(a, now_);
            if (!is_mine(a) || !is_open) continue;
            ++made_.known;
            if (parents_.contains(a.code.str())) continue;
            ++made_.closed;
            made_.to_write.push_back(a);
            made_.to_write.back().valid_to = now_;
        }
    }

    void count_records() {
        const auto at_home = [this](const auto& record) { return record.node == home_; };
        const auto agencies = std::count_if(file_.agencies().begin(), file_.agencies().end(), at_home);
        made_.records =
            static_cast<std::size_t>(agencies) + made_.added + file_.clients().size() + file_.nodes().size();
    }

    /// What other records name has to stay, or the file could not be read.
    std::unordered_set<std::string> named_by_others() const {
        std::unordered_set<std::string> named = in_use_;
        const auto add = [&named](const agency& a) {
            named.insert(a.parent);
            for (const auto& code : a.successors) named.insert(code.str());
        };
        for (const auto& a : file_.agencies()) add(a);
        for (const auto& a : made_.to_write) add(a);
        for (const auto& c : file_.clients())
            for (const auto& code : c.agencies) named.insert(code.str());
        return named;
    }

    /// Those that were closed by earlier lists, and that nothing needs any more; oldest first.
    std::vector<const agency*> forgettable() const {
        const auto named = named_by_others();
        std::vector<const agency*> closed;
        for (const auto& a : file_.agencies())
            if (is_mine(a) && is_closed(a) && a.successors.empty() && !parents_.contains(a.code.str()) &&
                !named.contains(a.code.str()))
                closed.push_back(&a);
        std::sort(closed.begin(), closed.end(), [](const agency* a, const agency* b) {
            return std::pair(*a->valid_to, a->code.str()) < std::pair(*b->valid_to, b->code.str());
        });
        return closed;
    }

    void forget_the_oldest() {
        const auto closed = forgettable();
        auto left = closed.size() + made_.closed;
        for (const auto* a : closed) {
            const bool old = *a->valid_to <= now_ - remembered_closed;
            if (!old && left <= most_closed && made_.records <= most_records) return;
            made_.to_forget.push_back(a->code.str());
            --made_.records;
            --left;
        }
    }

    const directory& file_;
    const directory& in_force_;
    const client& gateway_;
    const std::string home_;
    const timestamp now_;
    const std::unordered_set<std::string>& in_use_;
    gateway_change made_;
    std::unordered_map<std::string, std::string> parents_; ///< of what was declared and counts, by code
};

} // namespace

bool gateway_change::closes_too_many() const {
    constexpr std::size_t few = 10;
    const bool nothing_left = closed > 0 && declared() == 0;
    return nothing_left || (closed > few && closed * 5 > known);
}

gateway_change plan_gateway_change(const directory& file, const directory& in_force, const client& gateway,
                                   const std::vector<declared_agency>& list, timestamp now,
                                   const std::unordered_set<std::string>& in_use) {
    return planner(file, in_force, gateway, now, in_use).plan(list);
}

result<std::string> with_change(std::string_view text, const gateway_change& change) {
    if (change.records > most_records)
        return fail(errc::bad_directory, fmt::format("the node's section would have {} records, and may have {}",
                                                     change.records, most_records));
    auto after = with_agencies(text, change.to_write, change.to_forget);
    if (after && after->size() > section::largest_text)
        return fail(errc::bad_directory,
                    fmt::format("the node's section would have more than {} MiB", section::largest_text >> 20));
    return after;
}

} // namespace truc::directory
