#include "directory_file.hpp"

#include <truc/base/durable.hpp>
#include <truc/base/log.hpp>
#include <truc/directory/json_lines.hpp>

namespace truc::api {

result<void> directory_file::change(const edit& make) {
    const std::scoped_lock lock(mutex_);
    const auto& file = services_.directory_file;
    const auto before = read_file(file);
    if (!before) return fail(before.error());
    const auto text = make(*before);
    if (!text) return fail(text.error());
    if (auto usable = directory::directory::parse(*text, file.string()); !usable) return fail(usable.error());
    if (*text != *before)
        if (auto written = write_file(file, *text); !written) return written;
    auto used = services_.reload();
    if (!used && *text != *before) take_back(*before);
    return used;
}

/// A reload that fails may have put the file in force all the same, where it could only not be told to neighbours.
void directory_file::take_back(const std::string& before) {
    const auto& file = services_.directory_file;
    if (auto back = write_file(file, before); !back)
        spdlog::error("{} keeps a change that was refused: {}", file.string(),
                      explain(back.error(), language::english));
    else
        static_cast<void>(services_.reload()); // what it says, the first one has said
}

std::string lines_about(const agency_code& elsewhere, const directory::directory& file,
                        const directory::directory& in_force) {
    const auto* known = in_force.find_agency(elsewhere.str());
    if (!known || file.find_agency(elsewhere.str())) return {};
    std::string lines = "\n";
    for (const auto* n = in_force.find_node(known->node); n && !file.find_node(n->name);
         n = in_force.find_node(n->parent)) {
        auto node = *n;
        node.links.clear();
        lines += directory::to_json_line(node) + "\n";
    }
    directory::agency named(known->code);
    named.name = known->name;
    named.node = known->node;
    named.level = known->level;
    return lines + directory::to_json_line(named) + "\n";
}

} // namespace truc::api
