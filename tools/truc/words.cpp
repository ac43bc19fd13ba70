#include "words.hpp"

#include <cstdlib>

namespace truc::cli {

namespace {

language language_of_environment() {
    for (const char* const name : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
        const char* const value = std::getenv(name);
        if (value && *value)
            return std::string_view(value).starts_with("vi") ? language::vietnamese : language::english;
    }
    return language::english;
}

} // namespace

language ui_language() {
    static const language chosen = language_of_environment();
    return chosen;
}

} // namespace truc::cli
