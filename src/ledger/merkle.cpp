#include <truc/ledger/merkle.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cstring>

namespace truc::ledger {

namespace {

constexpr unsigned most_levels = 64;

/// A range of n leaves begins with the largest complete subtree that fits; n is at least 1.
unsigned level_of_first_subtree(std::uint64_t n) { return static_cast<unsigned>(std::bit_width(n)) - 1; }

/// Hash of the leaves [begin, end) from stored subtrees. `begin` is a multiple of the largest power of two that is not
/// above the number of leaves: such ranges are the only ones that the splits of RFC 6962 make.
sha256_digest range_hash(std::uint64_t begin, std::uint64_t end, const subtree_reader& read) {
    std::array<sha256_digest, most_levels> parts;
    std::size_t count = 0;
    while (begin < end) {
        const unsigned level = level_of_first_subtree(end - begin);
        parts[count++] = read(level, begin >> level);
        begin += std::uint64_t{1} << level;
    }
    sha256_digest hash = parts[--count];
    while (count > 0) hash = node_hash(parts[--count], hash);
    return hash;
}

/// The largest power of two smaller than n; n is at least 2.
std::uint64_t split_of(std::uint64_t n) { return std::bit_floor(n - 1); }

/// The walk up from one node along a proof, as in RFC 9162 section 2.1.3.2: `node` and the tree's last node `last` at
/// the same level say on which side the next sibling stands.
struct climb {
    std::uint64_t node;
    std::uint64_t last;

    bool at_root() const { return last == 0; }
    bool sibling_is_left() const { return (node & 1) || node == last; }
    void up() { node >>= 1, last >>= 1; }
    /// Levels where the node has no sibling, because it is the right edge of an incomplete tree, are not in a proof.
    void skip_missing_siblings() {
        while (!(node & 1) && node != 0) up();
    }
};

} // namespace

sha256_digest leaf_hash(std::string_view leaf) {
    thread_local sha256_hasher hasher;
    hasher.update(std::string_view("\0", 1));
    hasher.update(leaf);
    return hasher.finish();
}

sha256_digest node_hash(const sha256_digest& left, const sha256_digest& right) {
    std::array<char, 1 + 2 * sizeof left.bytes> text;
    text[0] = 1;
    std::memcpy(text.data() + 1, left.bytes.data(), left.bytes.size());
    std::memcpy(text.data() + 1 + left.bytes.size(), right.bytes.data(), right.bytes.size());
    return sha256({text.data(), text.size()});
}

frontier::frontier(std::uint64_t size, const subtree_reader& read) : size_(size) {
    std::uint64_t begin = 0;
    while (begin < size) {
        const unsigned level = level_of_first_subtree(size - begin);
        edge_.push_back(read(level, begin >> level));
        begin += std::uint64_t{1} << level;
    }
}

void frontier::append(const sha256_digest& leaf, const subtree_writer& made) {
    sha256_digest hash = leaf;
    std::uint64_t index = size_;
    unsigned level = 0;
    if (made) made(level, index, hash);
    // Every set bit at the low end of the size is a complete subtree that the new leaf completes further.
    for (; index & 1; index >>= 1) {
        hash = node_hash(edge_.back(), hash);
        edge_.pop_back();
        if (made) made(++level, index >> 1, hash);
    }
    edge_.push_back(hash);
    ++size_;
}

void frontier::for_each_subtree(const subtree_writer& visit) const {
    std::uint64_t begin = 0;
    for (const auto& hash : edge_) {
        const unsigned level = level_of_first_subtree(size_ - begin);
        visit(level, begin >> level, hash);
        begin += std::uint64_t{1} << level;
    }
}

sha256_digest frontier::root() const {
    if (edge_.empty()) return sha256({});
    sha256_digest hash = edge_.back();
    for (auto part = edge_.rbegin() + 1; part != edge_.rend(); ++part) hash = node_hash(*part, hash);
    return hash;
}

std::vector<sha256_digest> inclusion_path(std::uint64_t leaf, std::uint64_t size, const subtree_reader& read) {
    assert(leaf < size);
    std::vector<sha256_digest> path;
    std::uint64_t begin = 0;
    std::uint64_t end = size;
    while (end - begin > 1) {
        const std::uint64_t middle = begin + split_of(end - begin);
        if (leaf < middle) {
            path.push_back(range_hash(middle, end, read));
            end = middle;
        } else {
            path.push_back(range_hash(begin, middle, read));
            begin = middle;
        }
    }
    std::reverse(path.begin(), path.end());
    return path;
}

std::vector<sha256_digest> consistency_path(std::uint64_t from, std::uint64_t to, const subtree_reader& read) {
    assert(0 < from && from <= to);
    std::vector<sha256_digest> path;
    std::uint64_t begin = 0;
    std::uint64_t end = to;
    while (from < end) {
        const std::uint64_t middle = begin + split_of(end - begin);
        if (from <= middle) {
            path.push_back(range_hash(middle, end, read));
            end = middle;
        } else {
            path.push_back(range_hash(begin, middle, read));
            begin = middle;
        }
    }
    // A whole old tree is known to the verifier as the old root.
    if (begin != 0) path.push_back(range_hash(begin, end, read));
    std::reverse(path.begin(), path.end());
    return path;
}

bool verify_inclusion(const sha256_digest& leaf_hash, std::uint64_t leaf, std::uint64_t size,
                      const std::vector<sha256_digest>& path, const sha256_digest& root) {
    if (leaf >= size) return false;
    climb at{leaf, size - 1};
    sha256_digest hash = leaf_hash;
    for (const auto& sibling : path) {
        if (at.at_root()) return false;
        if (at.sibling_is_left()) {
            hash = node_hash(sibling, hash);
            at.skip_missing_siblings();
        } else {
            hash = node_hash(hash, sibling);
        }
        at.up();
    }
    return at.at_root() && hash == root;
}

bool verify_consistency(std::uint64_t from, const sha256_digest& from_root, std::uint64_t to,
                        const sha256_digest& to_root, const std::vector<sha256_digest>& path) {
    if (from > to) return false;
    if (from == to) return path.empty() && from_root == to_root;
    if (from == 0) return path.empty() && from_root == sha256({});

    climb at{from - 1, to - 1};
    while (at.node & 1) at.up();
    auto next = path.begin();
    sha256_digest old_hash = from_root;
    if (!std::has_single_bit(from)) {
        if (next == path.end()) return false;
        old_hash = *next++;
    }
    sha256_digest new_hash = old_hash;
    for (; next != path.end(); ++next) {
        if (at.at_root()) return false;
        if (at.sibling_is_left()) {
            old_hash = node_hash(*next, old_hash);
            new_hash = node_hash(*next, new_hash);
            at.skip_missing_siblings();
        } else {
            new_hash = node_hash(new_hash, *next);
        }
        at.up();
    }
    return at.at_root() && old_hash == from_root && new_hash == to_root;
}

} // namespace truc::ledger
