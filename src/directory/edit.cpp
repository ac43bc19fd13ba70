#include <truc/directory/edit.hpp>
#include <truc/directory/json_lines.hpp>
#include <truc/directory/text_lines.hpp>

#include <set>

namespace truc::directory {

namespace {

const std::string& key_of(const agency& a) { return a.code.str(); }
const std::string& key_of(const client& c) { return c.id; }

/// The text with the lines of these values, all of one kind, replaced, or added at the end, and without those of
/// others.
template <class Value>
result<std::string> with(std::string_view text, const std::vector<Value>& values,
                         const std::vector<std::string>& gone = {}) {
    const std::set<std::string_view> to_drop(gone.begin(), gone.end());
    std::map<std::string, const Value*> to_write;
    for (const auto& v : values) to_write[key_of(v)] = &v;
    std::string out;
    while (!text.empty()) {
        const auto line = take_line(text);
        auto replacement = to_write.end();
        if (is_record(line)) {
            const auto read = from_json_line(line);
            if (!read) return fail(read.error());
            if (const auto* other = std::get_if<Value>(&*read)) {
                if (to_drop.contains(key_of(*other))) continue;
                replacement = to_write.find(key_of(*other));
            }
        }
        if (replacement == to_write.end())
            out.append(line).append("\n");
        else
            out.append(to_json_line(*replacement->second)).append("\n"), to_write.erase(replacement);
    }
    for (const auto& [key, v] : to_write) out.append(to_json_line(*v)).append("\n");
    return out;
}

} // namespace

result<std::string> with_agencies(std::string_view text, const std::vector<agency>& agencies,
                                  const std::vector<std::string>& gone) {
    return with(text, agencies, gone);
}

result<std::string> with_clients(std::string_view text, const std::vector<client>& clients) {
    return with(text, clients);
}

} // namespace truc::directory
