#include <truc/ledger/merkle.hpp>

#include <gtest/gtest.h>

#include <bit>

namespace truc::ledger {
namespace {

constexpr std::uint64_t most = 130; // beyond two powers of two, so that every shape of a right edge occurs

/// The definitions of RFC 6962 section 2.1 word for word, as a measure for the real ones.
namespace rfc {

using leaves = std::vector<sha256_digest>;

sha256_digest hash_pair(const sha256_digest& l, const sha256_digest& r) {
    return sha256("\x01" + std::string(l.view()) + std::string(r.view()));
}

leaves part(const leaves& d, std::size_t from, std::size_t to) {
    return leaves(d.begin() + static_cast<std::ptrdiff_t>(from), d.begin() + static_cast<std::ptrdiff_t>(to));
}

std::size_t split(std::size_t n) {
    std::size_t k = 1;
    while (k * 2 < n) k *= 2;
    return k;
}

sha256_digest mth(const leaves& d) {
    if (d.empty()) return sha256("");
    if (d.size() == 1) return d[0];
    const auto k = split(d.size());
    return hash_pair(mth(part(d, 0, k)), mth(part(d, k, d.size())));
}

leaves path(std::size_t m, const leaves& d) {
    if (d.size() == 1) return {};
    const auto k = split(d.size());
    leaves p = m < k ? path(m, part(d, 0, k)) : path(m - k, part(d, k, d.size()));
    p.push_back(m < k ? mth(part(d, k, d.size())) : mth(part(d, 0, k)));
    return p;
}

leaves subproof(std::size_t m, const leaves& d, bool whole) {
    if (m == d.size()) return whole ? leaves() : leaves{mth(d)};
    const auto k = split(d.size());
    leaves p = m <= k ? subproof(m, part(d, 0, k), whole) : subproof(m - k, part(d, k, d.size()), false);
    p.push_back(m <= k ? mth(part(d, k, d.size())) : mth(part(d, 0, k)));
    return p;
}

} // namespace rfc

std::vector<sha256_digest> numbered_leaves(std::uint64_t count) {
    std::vector<sha256_digest> leaves;
    for (std::uint64_t i = 0; i < count; ++i) leaves.push_back(leaf_hash(std::to_string(i)));
    return leaves;
}

/// The complete subtrees of a tree, computed level by level; asking for another one is an error of the asker.
subtree_reader reader_of(const std::vector<sha256_digest>& leaves) {
    std::vector<std::vector<sha256_digest>> levels = {leaves};
    while (levels.back().size() > 1) {
        std::vector<sha256_digest> next;
        for (std::size_t i = 0; i + 1 < levels.back().size(); i += 2)
            next.push_back(rfc::hash_pair(levels.back()[i], levels.back()[i + 1]));
        levels.push_back(std::move(next));
    }
    return [levels = std::move(levels)](unsigned level, std::uint64_t index) { return levels.at(level).at(index); };
}

frontier appended(const std::vector<sha256_digest>& leaves, std::uint64_t count) {
    frontier f;
    for (std::uint64_t i = 0; i < count; ++i) f.append(leaves[i]);
    return f;
}

sha256_digest changed(sha256_digest d) {
    d.bytes[31] ^= 1;
    return d;
}

/// The eight leaves on which Certificate Transparency's implementations test themselves.
std::vector<sha256_digest> well_known_leaves() {
    std::vector<sha256_digest> leaves;
    for (const auto* hex :
         {"", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"})
        leaves.push_back(leaf_hash(*from_hex(hex)));
    return leaves;
}

std::vector<std::string> hex_of(const std::vector<sha256_digest>& hashes) {
    std::vector<std::string> hex;
    for (const auto& h : hashes) hex.push_back(h.hex());
    return hex;
}

TEST(merkle, roots_of_the_well_known_tree) {
    const std::vector<std::string> roots = {"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                                            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                                            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
                                            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
                                            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                                            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
                                            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
                                            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
                                            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
    const auto leaves = well_known_leaves();
    for (std::size_t n = 0; n < roots.size(); ++n) EXPECT_EQ(appended(leaves, n).root().hex(), roots[n]) << n;
}

TEST(merkle, paths_of_the_well_known_tree) {
    const auto leaves = well_known_leaves();
    const auto read = reader_of(leaves);
    EXPECT_EQ(hex_of(inclusion_path(0, 8, read)),
              (std::vector<std::string>{"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                                        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                                        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"}));
    EXPECT_EQ(hex_of(inclusion_path(1, 5, read)),
              (std::vector<std::string>{"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                                        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                                        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"}));
    EXPECT_EQ(hex_of(consistency_path(6, 8, read)),
              (std::vector<std::string>{"0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                                        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                                        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"}));
    EXPECT_EQ(hex_of(consistency_path(2, 5, read)),
              (std::vector<std::string>{"5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                                        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"}));
    EXPECT_TRUE(consistency_path(8, 8, read).empty());
}

TEST(merkle, the_edge_of_every_size_is_that_of_the_definition) {
    const auto leaves = numbered_leaves(most);
    const auto read = reader_of(leaves);
    for (std::uint64_t n = 0; n <= most; ++n) {
        const auto expected = rfc::mth(rfc::part(leaves, 0, n));
        EXPECT_EQ(appended(leaves, n).root(), expected) << n;
        frontier rebuilt(n, read);
        EXPECT_EQ(rebuilt.size(), n);
        EXPECT_EQ(rebuilt.root(), expected) << n;
        for (std::uint64_t i = n; i < most; ++i) rebuilt.append(leaves[i]); // it can be appended to as well
        EXPECT_EQ(rebuilt.root(), rfc::mth(leaves)) << n;
    }
}

TEST(merkle, an_append_tells_of_each_complete_subtree_once) {
    const auto leaves = numbered_leaves(most);
    const auto read = reader_of(leaves);
    std::map<std::pair<unsigned, std::uint64_t>, sha256_digest> made;
    frontier f;
    for (const auto& leaf : leaves)
        f.append(leaf, [&](unsigned level, std::uint64_t index, const sha256_digest& hash) {
            EXPECT_TRUE(made.emplace(std::pair(level, index), hash).second);
            EXPECT_EQ(hash, read(level, index)) << level << ' ' << index;
        });
    std::size_t complete = 0;
    for (unsigned level = 0; level < 8; ++level) complete += most >> level;
    EXPECT_EQ(made.size(), complete);
}

TEST(merkle, the_edge_names_its_subtrees) {
    const auto leaves = numbered_leaves(most);
    const auto read = reader_of(leaves);
    for (std::uint64_t n = 0; n <= most; ++n) {
        std::uint64_t covered = 0;
        appended(leaves, n).for_each_subtree([&](unsigned level, std::uint64_t index, const sha256_digest& hash) {
            EXPECT_EQ(index << level, covered);
            EXPECT_EQ(hash, read(level, index));
            covered += std::uint64_t{1} << level;
        });
        EXPECT_EQ(covered, n);
    }
}

TEST(merkle, every_leaf_of_every_tree_is_provable) {
    const auto leaves = numbered_leaves(most);
    const auto read = reader_of(leaves);
    for (std::uint64_t size = 1; size <= most; ++size) {
        const auto root = appended(leaves, size).root();
        const auto all = rfc::part(leaves, 0, size);
        for (std::uint64_t leaf = 0; leaf < size; ++leaf) {
            const auto path = inclusion_path(leaf, size, read);
            EXPECT_EQ(path, rfc::path(leaf, all)) << leaf << '/' << size;
            EXPECT_TRUE(verify_inclusion(leaves[leaf], leaf, size, path, root)) << leaf << '/' << size;
        }
    }
}

TEST(merkle, a_changed_inclusion_proof_fails) {
    const auto leaves = numbered_leaves(most);
    const auto read = reader_of(leaves);
    for (const std::uint64_t size : {1u, 2u, 3u, 7u, 8u, 9u, 64u, 65u, 100u, 130u}) {
        const auto root = appended(leaves, size).root();
        for (std::uint64_t leaf = 0; leaf < size; ++leaf) {
            const auto path = inclusion_path(leaf, size, read);
            EXPECT_FALSE(verify_inclusion(changed(leaves[leaf]), leaf, size, path, root));
            EXPECT_FALSE(verify_inclusion(leaves[leaf], leaf, size, path, changed(root)));
            EXPECT_FALSE(verify_inclusion(leaves[leaf], size, size, path, root));
            for (std::uint64_t other = 0; other < size; ++other)
                EXPECT_EQ(verify_inclusion(leaves[leaf], other, size, path, root), other == leaf);
            for (std::size_t i = 0; i < path.size(); ++i) {
                auto bad = path;
                bad[i] = changed(bad[i]);
                EXPECT_FALSE(verify_inclusion(leaves[leaf], leaf, size, bad, root));
                bad = path;
                bad.erase(bad.begin() + static_cast<std::ptrdiff_t>(i));
                EXPECT_FALSE(verify_inclusion(leaves[leaf], leaf, size, bad, root));
            }
            auto longer = path;
            longer.push_back(root);
            EXPECT_FALSE(verify_inclusion(leaves[leaf], leaf, size, longer, root));
        }
    }
}

TEST(merkle, an_inner_node_is_no_leaf) {
    const auto leaves = numbered_leaves(4);
    const auto root = appended(leaves, 4).root();
    const auto left = node_hash(leaves[0], leaves[1]);
    const auto right = node_hash(leaves[2], leaves[3]);
    const auto as_leaf = leaf_hash(std::string(leaves[0].view()) + std::string(leaves[1].view()));
    EXPECT_NE(as_leaf, left);
    EXPECT_FALSE(verify_inclusion(as_leaf, 0, 2, {right}, root));
}

TEST(merkle, every_two_trees_are_provably_consistent) {
    const auto leaves = numbered_leaves(most);
    const auto read = reader_of(leaves);
    for (std::uint64_t to = 1; to <= most; ++to) {
        const auto all = rfc::part(leaves, 0, to);
        const auto to_root = rfc::mth(all);
        for (std::uint64_t from = 1; from <= to; ++from) {
            const auto from_root = appended(leaves, from).root();
            const auto path = consistency_path(from, to, read);
            EXPECT_EQ(path, rfc::subproof(from, all, true)) << from << '/' << to;
            EXPECT_TRUE(verify_consistency(from, from_root, to, to_root, path)) << from << '/' << to;
        }
    }
}

TEST(merkle, a_changed_consistency_proof_fails) {
    const auto leaves = numbered_leaves(most);
    const auto read = reader_of(leaves);
    for (const std::uint64_t to : {2u, 3u, 7u, 8u, 9u, 65u, 130u}) {
        const auto to_root = appended(leaves, to).root();
        for (std::uint64_t from = 1; from < to; ++from) {
            const auto from_root = appended(leaves, from).root();
            const auto path = consistency_path(from, to, read);
            EXPECT_FALSE(verify_consistency(from, changed(from_root), to, to_root, path));
            EXPECT_FALSE(verify_consistency(from, from_root, to, changed(to_root), path));
            EXPECT_FALSE(verify_consistency(to, to_root, from, from_root, path));
            EXPECT_FALSE(verify_consistency(from, from_root, to, to_root, {}));
            for (std::size_t i = 0; i < path.size(); ++i) {
                auto bad = path;
                bad[i] = changed(bad[i]);
                EXPECT_FALSE(verify_consistency(from, from_root, to, to_root, bad)) << from << '/' << to << ' ' << i;
                bad = path;
                bad.erase(bad.begin() + static_cast<std::ptrdiff_t>(i));
                EXPECT_FALSE(verify_consistency(from, from_root, to, to_root, bad)) << from << '/' << to << ' ' << i;
            }
            auto longer = path;
            longer.push_back(to_root);
            EXPECT_FALSE(verify_consistency(from, from_root, to, to_root, longer));
        }
    }
}

TEST(merkle, the_empty_tree_precedes_every_other) {
    const auto leaves = numbered_leaves(3);
    const auto root = appended(leaves, 3).root();
    EXPECT_TRUE(verify_consistency(0, sha256(""), 3, root, {}));
    EXPECT_FALSE(verify_consistency(0, root, 3, root, {}));
    EXPECT_FALSE(verify_consistency(3, root, 3, changed(root), {}));
    EXPECT_FALSE(verify_consistency(3, root, 3, root, {root}));
}

TEST(merkle, a_rewritten_history_has_no_consistency_proof) {
    auto leaves = numbered_leaves(20);
    const auto old_root = appended(leaves, 13).root();
    leaves[5] = leaf_hash("another past");
    const auto path = consistency_path(13, 20, reader_of(leaves));
    EXPECT_FALSE(verify_consistency(13, old_root, 20, appended(leaves, 20).root(), path));
}

} // namespace
} // namespace truc::ledger
