#pragma once
#include <truc/directory/json_lines.hpp>
#include <truc/directory/section.hpp>

#include <unordered_map>

namespace truc::directory {

/// Of one section: enough for a country. What a text may blow up to in memory is bounded by it.
inline constexpr std::size_t most_records = 250'000;

/// Reads the body of one node's section: each line a record that the section may hold, no name given twice, and no more
/// of anything than a country needs. Used once.
class record_sorter {
  public:
    explicit record_sorter(std::string_view node) : node_(node) {}
    /// Errors: section_invalid, section_not_yours; `what` names the line.
    result<section_records> sort(std::string_view body);

  private:
    result<void> add(agency a);
    result<void> add(client c);
    result<void> add(node n);
    result<void> check_clients() const;
    result<void> check_gateways() const;
    result<void> count(std::size_t names);
    template <class Value>
    result<void> claim_certificates(const std::vector<Value>& digests, std::string_view kind, std::size_t owner);
    /// `kind` keeps names apart that may be equal, as those of a client and of a node.
    result<void> claim(std::string_view kind, std::string_view name, std::size_t owner);

    std::string_view node_;
    section_records sorted_;
    std::size_t lines_ = 0;
    std::size_t names_ = 0;
    std::unordered_map<std::string, std::size_t> owners_; ///< line of the record that has the name
};

} // namespace truc::directory
