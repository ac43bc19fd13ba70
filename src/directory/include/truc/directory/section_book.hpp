#pragma once
#include <truc/directory/section.hpp>

#include <map>

namespace truc::directory {

/// Names one version of one node's section; the texts are in the store.
struct section_key {
    std::string node;
    std::uint64_t version = 0;
    bool operator==(const section_key&) const = default;
};

/// The directory in force, and what did not fit into it.
struct composition {
    static constexpr std::size_t most_described = 100;

    directory in_force;
    std::vector<error> left_out;    ///< the first `most_described`; codes section_conflict and bad_directory
    std::size_t left_out_count = 0; ///< all of them
    /// Of those the first that others have and this node's own file claims; such a file must not become a section,
    /// because nobody would take it.
    std::optional<error> displaced;
};

enum class taking : std::uint8_t { fresh, known };

/// The sections that this node knows, its own file, and the directory that both make together.
///
/// Of each node counts what its latest section says that fits; until there is one, what our own file says of it. Of
/// this node itself always our own file counts. A node is known when our file names it as a root, or when its parent,
/// which is known, names it as a child; a node that its parent names no more is forgotten with everything below it, and
/// what it held is free for others. What somebody has, a code, an alias, a certificate, a client's id, a child, nobody
/// else is given before it was let go: the incumbent stays. A version that takes it all the same has its place in the
/// chain, so that its node can correct it by the next; what it says waits until it fits, see settle().
///
/// A value without I/O. Not thread-safe: one strand or the caller's lock; what compose() gives is immutable. Memory:
/// some 500 bytes an agency beside the own file's directory, texts are not kept.
class section_book {
  public:
    /// `own` is what this node's file says, `self` the node's name.
    section_book(std::string self, std::shared_ptr<const directory> own);
    ~section_book();
    section_book(section_book&&) noexcept;
    section_book& operator=(section_book&&) noexcept;

    /// The file was changed. Costs as much as composing.
    void use_own(std::shared_ptr<const directory> own);

    /// What take() would answer; changes nothing, so that a text can be stored before it is taken.
    /// `known`: the very same version is in force already. Errors: section_node_unknown (its parent's section may bring
    /// it: ask again then), section_gap (a version is missing between), section_fork (another text of a version that is
    /// known, or another predecessor), section_old; and those of a version that take() lets wait: section_not_yours (it
    /// speaks of what lies elsewhere), section_conflict (it takes what somebody else still has; `what` names whose).
    result<taking> judge(const section& s) const;
    /// Takes it if judge() says so, or lets it wait. Of a section of this node itself only the version counts.
    result<taking> take(section s);
    /// Tries anew what waits; after others let go, by a section or by our own file. Which came into force.
    std::vector<section_key> settle();
    /// At start: the latest version of each node that was in force, in any order; each is tried again while others are
    /// accepted. Returns the refusals that remain.
    std::vector<error> restore(std::vector<section> stored);
    /// At start, after restore() and once the own file is in force: those that waited, if they are the latest.
    void restore_waiting(std::vector<section> stored);

    /// The directory in force. Never fails: what does not fit is left out and described. 123,000 agencies take about
    /// half a second; after many sections compose once.
    composition compose() const;

    /// Latest version by node, this node's own among them: what an announcement says.
    std::map<std::string, std::uint64_t> versions() const;
    /// Version and digest of the latest known text of a node's section: what the next version of one's own follows.
    struct position {
        std::uint64_t version;
        sha256_digest digest;
    };
    std::optional<position> latest(std::string_view node) const;
    /// What a neighbour with these versions lacks, in the order in which it can take it: parents before children, old
    /// before new; of a node it knows nothing of, the latest version only. At most `most`: the rest after the next
    /// announcement.
    std::vector<section_key> newer_than(const std::map<std::string, std::uint64_t>& theirs,
                                        std::size_t most = 1000) const;

  private:
    struct state;
    std::unique_ptr<state> state_;
};

/// The file as if it said of one node what that node's section says; the file itself where they contradict each other.
directory with_section(const directory& file, const section& said);

} // namespace truc::directory
