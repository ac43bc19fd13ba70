#pragma once
#include "failure.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace truc::cli {

/// What may stand where the cursor is.
struct candidate {
    std::string text;
    std::string description;
    bool operator==(const candidate&) const = default;
};

/// Instead of candidates: the shell itself knows files and directories.
inline constexpr const char* files_wanted = ":files";
inline constexpr const char* directories_wanted = ":dirs";

/// Candidates for the last of `words`, which may be empty or half written; the words before it are the command line
/// without the program. Names come from the network file that they name, else `network` (may be empty). What cannot be
/// read completes to nothing: a shell at its prompt shows no failures.
std::vector<candidate> candidates_for(const CLI::App& app, const std::vector<std::string>& words,
                                      const std::filesystem::path& network);

/// What `shell` (bash, zsh, fish) has to be told; it asks this program at each Tab.
std::string completion_script(const std::string& shell);

} // namespace truc::cli
