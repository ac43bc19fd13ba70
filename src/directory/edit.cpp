#include <truc/directory/edit.hpp>
#include <truc/directory/json_lines.hpp>

namespace truc::directory {

namespace {

bool is_record(std::string_view line) {
    const auto first = line.find_first_not_of(" \t\r");
    return first != std::string_view::npos && line[first] != '#';
}

} // namespace

result<std::string> with_agencies(std::string_view text, const std::vector<agency>& agencies) {
    std::map<std::string, const agency*> to_write;
    for (const auto& a : agencies) to_write[a.code.str()] = &a;
    std::string out;
    while (!text.empty()) {
        const auto end = text.find('\n');
        const auto line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        auto replacement = to_write.end();
        if (is_record(line)) {
            const auto read = from_json_line(line);
            if (!read) return fail(read.error());
            if (const auto* other = std::get_if<agency>(&*read)) replacement = to_write.find(other->code.str());
        }
        if (replacement == to_write.end())
            out.append(line).append("\n");
        else
            out.append(to_json_line(*replacement->second)).append("\n"), to_write.erase(replacement);
    }
    for (const auto& [code, a] : to_write) out.append(to_json_line(*a)).append("\n");
    return out;
}

} // namespace truc::directory
