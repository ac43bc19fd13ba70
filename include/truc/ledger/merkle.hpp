#pragma once
/// The Merkle tree of RFC 6962 section 2.1: leaf hash SHA-256(0x00‖leaf), node hash SHA-256(0x01‖left‖right).
/// Mathematics only: where hashes are kept is the store's business. Pure functions and values.

#include <truc/base/bytes.hpp>

#include <cstdint>
#include <functional>
#include <vector>

namespace truc::ledger {

sha256_digest leaf_hash(std::string_view leaf);
sha256_digest node_hash(const sha256_digest& left, const sha256_digest& right);

/// Gives the hash of the complete subtree of 2^level leaves that starts at leaf index·2^level. Level 0 is a leaf hash.
using subtree_reader = std::function<sha256_digest(unsigned level, std::uint64_t index)>;

/// Told of each complete subtree that an append makes: the leaf itself (level 0) and what it completes.
using subtree_writer = std::function<void(unsigned level, std::uint64_t index, const sha256_digest& hash)>;

/// The right edge of a tree: what is needed to append and to compute the root, at most 64 hashes.
class frontier {
  public:
    frontier() = default;
    /// Rebuilds the edge of a tree of that size from stored subtrees.
    frontier(std::uint64_t size, const subtree_reader& read);

    void append(const sha256_digest& leaf, const subtree_writer& made = {});
    std::uint64_t size() const { return size_; }
    /// The complete subtrees that the edge consists of, largest first.
    void for_each_subtree(const subtree_writer& visit) const;
    /// Of the empty tree: SHA-256 of nothing.
    sha256_digest root() const;

  private:
    std::uint64_t size_ = 0;
    std::vector<sha256_digest> edge_; ///< largest subtree first
};

/// Audit path of RFC 6962 2.1.1, lowest sibling first. Requires leaf < size.
std::vector<sha256_digest> inclusion_path(std::uint64_t leaf, std::uint64_t size, const subtree_reader& read);
/// Consistency proof of RFC 6962 2.1.2. Requires 0 < from <= to.
std::vector<sha256_digest> consistency_path(std::uint64_t from, std::uint64_t to, const subtree_reader& read);

bool verify_inclusion(const sha256_digest& leaf_hash, std::uint64_t leaf, std::uint64_t size,
                      const std::vector<sha256_digest>& path, const sha256_digest& root);
bool verify_consistency(std::uint64_t from, const sha256_digest& from_root, std::uint64_t to,
                        const sha256_digest& to_root, const std::vector<sha256_digest>& path);

} // namespace truc::ledger
