#pragma once
#include <truc/directory/section.hpp>

#include <map>

namespace truc::directory {

/// What one node has to say. Points into a directory or into the records of a section, which must outlive it.
struct part {
    std::vector<const agency*> agencies; ///< whose home the node is
    std::vector<const agency*> closings; ///< of agencies below it
    std::vector<const client*> clients;
    const node* record = nullptr;      ///< of itself
    std::vector<const node*> children; ///< sorted by name

    const node* child(std::string_view name) const;
};

/// What a directory says, by the node to which it belongs, without closings. Clients that act for nobody or for
/// agencies of several nodes belong to "".
using parts_by_node = std::map<std::string, part, std::less<>>;
parts_by_node parts_of(const directory& all);
/// The agencies below `node` that the directory knows as closed.
std::vector<const agency*> closings_of(const directory& all, std::string_view node);
part part_of(const section_records& records, std::string_view node);

/// Whose word on a node's part counts, best first.
enum class source : std::uint8_t { this_node, section, own_file };
inline constexpr std::array all_sources = {source::this_node, source::section, source::own_file};

/// A known node.
struct standing {
    std::string parent; ///< empty at a root
    part content;
    source from = source::own_file;
};
using standings = std::map<std::string, standing, std::less<>>;

} // namespace truc::directory
