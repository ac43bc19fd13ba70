#include <truc/base/clock.hpp>
#include <truc/base/log.hpp>

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_color_sinks.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <climits>
#include <unistd.h>

namespace truc {

namespace {

constexpr auto text_pattern = "%* %l %v";

std::atomic<bool> in_json{false};

// Escaping is the caller's only for what it quotes; the message itself is written as a JSON string by the formatter.
class json_message final : public spdlog::custom_flag_formatter {
  public:
    void format(const spdlog::details::log_msg& msg, const std::tm&, spdlog::memory_buf_t& dest) override {
        for (const char c : msg.payload) {
            const auto b = static_cast<unsigned char>(c);
            if (c == '"' || c == '\\')
                fmt::format_to(std::back_inserter(dest), "\\{}", c);
            else if (b < 0x20)
                fmt::format_to(std::back_inserter(dest), "\\u{:04x}", b);
            else
                dest.push_back(c);
        }
    }
    std::unique_ptr<custom_flag_formatter> clone() const override { return std::make_unique<json_message>(); }
};

/// As everywhere in Truc, whatever the machine's zone: lines of events stand among these, and of other nodes.
class moment final : public spdlog::custom_flag_formatter {
  public:
    void format(const spdlog::details::log_msg& msg, const std::tm&, spdlog::memory_buf_t& dest) override {
        const auto text = to_rfc3339(std::chrono::time_point_cast<milliseconds>(msg.time));
        dest.append(text.data(), text.data() + text.size());
    }
    std::unique_ptr<custom_flag_formatter> clone() const override { return std::make_unique<moment>(); }
};

} // namespace

bool is_log_level(std::string_view text) {
    constexpr std::array<std::string_view, 5> levels = {"trace", "debug", "info", "warn", "error"};
    return std::find(levels.begin(), levels.end(), text) != levels.end();
}

bool set_log_level(std::string_view level) {
    const auto parsed = spdlog::level::from_str(std::string(level));
    // from_str answers `off` for words it does not know.
    if (parsed == spdlog::level::off && level != "off") return false;
    spdlog::set_level(parsed);
    return true;
}

void set_log_json(bool json) {
    in_json = json;
    if (!spdlog::get("truc")) spdlog::set_default_logger(spdlog::stderr_color_mt("truc"));
    auto formatter = std::make_unique<spdlog::pattern_formatter>();
    formatter->add_flag<moment>('*').add_flag<json_message>('@');
    formatter->set_pattern(json ? R"({"time":"%*","level":"%l","message":"%@"})" : text_pattern);
    spdlog::set_formatter(std::move(formatter));
}

bool log_is_json() { return in_json; }

/// A pipe takes up to PIPE_BUF bytes as a whole (POSIX, write), so the lines go in pieces of that size.
void write_log_lines(std::string_view lines) {
    while (!lines.empty()) {
        auto piece = lines.substr(0, PIPE_BUF);
        const auto end = piece.rfind('\n');
        if (piece.size() < lines.size() && end != std::string_view::npos) piece = piece.substr(0, end + 1);
        const auto written = ::write(STDERR_FILENO, piece.data(), piece.size());
        if (written < 0 && errno != EINTR) return; // nobody reads it
        lines.remove_prefix(written < 0 ? 0 : static_cast<std::size_t>(written));
    }
}

} // namespace truc
