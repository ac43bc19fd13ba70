#include <truc/directory/edit.hpp>
#include <truc/directory/json_lines.hpp>

namespace truc::directory {

namespace {

bool is_record(std::string_view line) {
    const auto first = line.find_first_not_of(" \t\r");
    return first != std::string_view::npos && line[first] != '#';
}

} // namespace

result<std::string> with_agency(std::string_view text, const agency& a) {
    std::string out;
    bool replaced = false;
    while (!text.empty()) {
        const auto end = text.find('\n');
        const auto line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        bool same = false;
        if (is_record(line)) {
            const auto read = from_json_line(line);
            if (!read) return fail(read.error());
            const auto* other = std::get_if<agency>(&*read);
            same = other && other->code == a.code;
        }
        out.append(same ? to_json_line(a) : std::string(line)).append("\n");
        replaced |= same;
    }
    if (!replaced) out.append(to_json_line(a)).append("\n");
    return out;
}

} // namespace truc::directory
