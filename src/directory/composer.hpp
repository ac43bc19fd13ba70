#pragma once
#include "claims.hpp"

#include <truc/directory/section_book.hpp>

namespace truc::directory {

/// Makes the directory in force out of what every known node says. What a node claims and another has is left out, and
/// so is what does not fit together. Used once.
class composer {
  public:
    composer(const standings& nodes, const claims& owners) : nodes_(nodes), owners_(owners) {}
    composition compose();

  private:
    /// A record with the node that says it.
    template <class Value>
    struct statement {
        const Value* value;
        std::string_view node;
    };

    void add_nodes();
    node node_from(std::string_view name, const standing& s);
    void add_agencies();
    void keep_gateway(agency& a, std::string_view node);
    void close_agencies();
    void close(const agency& closing, std::string_view by);
    void connect_parents();
    void break_circles();
    void add_clients();
    void connect_agencies(client& c, std::string_view node);

    template <class Value, class Key>
    std::vector<statement<Value>> owned(std::vector<const Value*> part::*records, claims::kind kind, Key key);
    template <class Index, class Key>
    void keep_owned(Index& index, std::vector<Key>& keys, claims::kind kind, std::size_t position,
                    std::string_view node, std::string_view whose);
    void leave_out(errc code, std::string what);
    void leave_to(std::string_view owner, std::string_view claimant, std::string_view key, std::string_view of = {});

    const standings& nodes_;
    const claims& owners_;
    composition made_;
};

} // namespace truc::directory
