#pragma once
/// What the command line says, in the language of the person at it.

#include <truc/base/result.hpp>

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace truc::cli {

/// Vietnamese when LC_ALL, LC_MESSAGES or LANG (the first that is set) begins with "vi"; else English. Read once.
language ui_language();

/// The text of that language, with `{}` filled in as by fmt. A placeholder without a value is a programming error.
template <class... Values>
std::string words(std::string_view english, std::string_view vietnamese, const Values&... values) {
    return fmt::format(fmt::runtime(ui_language() == language::vietnamese ? vietnamese : english), values...);
}

} // namespace truc::cli
