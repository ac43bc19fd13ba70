#pragma once
#include "claims.hpp"

#include <truc/directory/section_book.hpp>

#include <set>

namespace truc::directory {

/// What is remembered of one node's section. The version lasts when the node is forgotten, so that an old one does not
/// come back with it.
struct book_entry {
    std::uint64_t version = 0; ///< the latest one, also while it waits
    sha256_digest digest;
    bool in_force = false;
    section_records records; ///< while one is in force; empty for this node itself
    /// The latest one, while what it says does not fit; an earlier one may be in force.
    std::optional<section> waiting;

    bool is_followed() const { return in_force || waiting; }
};
using book_entries = std::map<std::string, book_entry, std::less<>>;

/// Which sections there are, which nodes they make known, and who has what.
///
/// Between calls: each known node but this one hangs on a known node that names it, or is a root of our own file; what
/// the parts point at lives in `own_` or in an entry that is in force.
struct section_book::state {
  public:
    explicit state(std::string self) : self_(std::move(self)) {}
    void use_own(std::shared_ptr<const directory> own);
    result<taking> judge(const section& s) const;
    result<taking> judge_version(const section& s) const;
    /// Whether what it says fits what is in force. Its node is known.
    result<void> judge_content(const section& s) const;
    void apply(section s);
    /// Takes its place in the chain, no more.
    void wait(section s);
    std::vector<section_key> settle();

    const standings& nodes() const { return nodes_; }
    const claims& owners() const { return claims_; }
    const book_entries& entries() const { return entries_; }
    /// Number of nodes above; of an unknown one 0.
    std::size_t depth_of(std::string_view node) const;

  private:
    struct newcomer;

    result<void> judge_children(const newcomer& n) const;
    result<void> judge_closings(const newcomer& n) const;
    result<void> judge_names(const newcomer& n) const;
    bool is_above(std::string_view ancestor, std::string_view node) const;
    bool remains(std::string_view node, const newcomer& n) const;
    bool lies_below(std::string_view node, const newcomer& n) const;

    part own_part(std::string_view node) const;
    part best_part(std::string_view node, source& from) const;
    void hang(std::string_view node, std::string_view parent, std::vector<std::string>& hung);
    void hang_children(std::string_view node, std::vector<std::string>& hung);
    void forget(std::string_view node, std::vector<std::string>& forgotten);
    void drop_records_of_unknown();
    void claim(const standings::value_type& node);
    void claim_everything();

    std::string self_;
    std::shared_ptr<const directory> own_;
    parts_by_node own_parts_;
    book_entries entries_;
    standings nodes_;
    claims claims_;
    bool contested_ = false; ///< somebody says what another has: who lets go of it leaves it to the other
};

} // namespace truc::directory
