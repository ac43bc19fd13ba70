#pragma once
/// Looks for damage in what a store keeps. Readers; any thread.

#include <truc/store/store.hpp>

#include <string>
#include <vector>

namespace truc::store {

struct integrity {
    std::string fault;    ///< what SQLite says; empty when it has found nothing
    bool complete = true; ///< false: time was up
};
/// SQLite's own check of its pages and rows, for at most so long.
integrity check_database(const store& s, milliseconds at_most);

/// A content that is kept here and was not purged.
struct kept_content {
    std::int64_t id = 0;
    sha256_digest sha256;
};
/// In the order in which they came, after that one.
std::vector<kept_content> list_contents(const store& s, std::int64_t after, std::size_t max);
std::uint64_t count_contents(const store& s);
/// Of those that lie in files. A look at the file's name and size finds it missing; one that is damaged has both.
std::vector<kept_content> missing_files(const store& s, const std::filesystem::path& directory);
/// The newest ones and, as many again, others from anywhere.
std::vector<kept_content> sample_contents(const store& s, std::size_t newest, std::uint64_t seed);

/// Open deliveries that are held: by persons, and by Truc itself.
struct held_count {
    std::uint64_t by_person = 0;
    std::uint64_t by_truc = 0;
};
held_count count_held(const store& s);

} // namespace truc::store
