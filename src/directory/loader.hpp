#pragma once
#include <truc/directory/json_lines.hpp>

namespace truc::directory {

/// Makes one directory out of one text: reads the lines, builds the indexes, and then, when everything is known, checks
/// what the records say of one another. Used once.
class loader {
  public:
    explicit loader(std::string_view name_for_errors) : name_(name_for_errors) {}
    result<directory> load(std::string_view text);

  private:
    template <class Value>
    struct read_record {
        Value value;
        std::size_t line;
    };

    result<void> read_lines(std::string_view text);
    void sort_and_move();

    result<void> index_agencies();
    result<void> index_clients();
    result<void> index_nodes();
    template <class Index, class Key, class Describe>
    result<void> claim(Index& index, const Key& key, std::size_t position, const std::vector<std::size_t>& lines,
                       Describe describe);

    result<void> check_agencies();
    result<void> check_parents_of_agencies();
    result<void> check_clients();
    result<void> check_gateways();
    result<void> check_nodes();
    result<void> check_links(std::size_t position) const;
    result<void> check_circles(const std::vector<std::size_t>& parents, const std::vector<std::size_t>& lines) const;

    tl::unexpected<error> fail_at(std::size_t line, std::string_view what) const;

    std::string name_;
    directory made_;
    std::vector<read_record<agency>> agencies_;
    std::vector<read_record<client>> clients_;
    std::vector<read_record<node>> nodes_;
    // Lines of the records in the order of the directory's vectors.
    std::vector<std::size_t> agency_lines_;
    std::vector<std::size_t> client_lines_;
    std::vector<std::size_t> node_lines_;
};

} // namespace truc::directory
