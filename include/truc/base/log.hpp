#pragma once
/// One logger for the process. Lines go to standard error (systemd's journal keeps them), one event a line.
/// Secrets and document content are never logged. Thread-safe.

#include <spdlog/spdlog.h>

namespace truc {

/// Sets level (trace, debug, info, warn, error) and form; called at start and on SIGHUP. False: unknown level.
bool set_log_level(std::string_view level);
bool is_log_level(std::string_view text); ///< one of those five words
void set_log_json(bool json);
bool log_is_json();
/// Whole lines, each with its line end, beside those of the logger: a line of either stays whole. Waits for whoever
/// reads standard error.
void write_log_lines(std::string_view lines);

} // namespace truc
