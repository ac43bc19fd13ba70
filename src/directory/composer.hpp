#pragma once
#include "part.hpp"

#include <truc/directory/section_book.hpp>

namespace truc::directory {

/// Makes the directory in force out of what every known node says. Where two claim the same, the better source has it,
/// then the node whose name sorts first; a proper code beats an alias. What does not fit is left out. Used once.
class composer {
  public:
    explicit composer(const standings& nodes) : nodes_(nodes) {}
    composition compose();

  private:
    /// A record with where it comes from.
    template <class Value>
    struct candidate {
        const Value* value;
        std::string_view node;
        source from;
    };

    void add_nodes();
    node node_from(std::string_view name, const standing& s);
    void add_agencies();
    void close_agencies();
    void close(const agency& closing, std::string_view by);
    void claim_names_of_agencies();
    void claim_names(std::size_t position);
    void connect_parents();
    void break_circles();
    void add_clients();
    void connect_client(std::size_t position);

    template <class Value, class Key>
    std::vector<candidate<Value>> best_of(std::vector<const Value*> part::*records, Key key);
    template <class Index, class Key, class Describe>
    void keep_own(Index& index, std::vector<Key>& keys, std::size_t position, Describe describe);
    void leave_out(errc code, std::string what);

    const standings& nodes_;
    composition made_;
    std::vector<candidate<agency>> agencies_; ///< in the order of the directory's
    std::vector<candidate<client>> clients_;
};

} // namespace truc::directory
