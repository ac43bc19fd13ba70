#pragma once
#include "failure.hpp"

#include <truc/base/clock.hpp>

#include <string>
#include <string_view>

namespace truc::cli {

/// A moment as people say it, in Vietnam time: `2026-11-21`, `2026-11-21 08:30` (or with `T`), `08:30` (today), or how
/// long ago: `30m`, `4h`, `3d`. Gives RFC 3339; empty for an empty text. Ends with a usage failure for anything else.
outcome<std::string> moment_of(const std::string& text, timestamp now);

} // namespace truc::cli
