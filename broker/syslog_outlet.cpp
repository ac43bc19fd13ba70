#include "alarm_outlet.hpp"

#include <truc/base/durable.hpp>
#include <truc/base/printable.hpp>

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <ctime>
#include <unistd.h>

namespace truc::broker {

namespace {

constexpr int facility_daemon = 3 << 3;
constexpr int severity_error = 3;
constexpr int severity_notice = 5;
constexpr std::size_t longest_text = 800; // bytes; receivers may cut at 1024

/// "Nov 22 07:44:30", in local time and in English, as RFC 3164 (4.1.2) has it.
std::string time_of(timestamp t) {
    constexpr std::array<const char*, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto seconds = static_cast<std::time_t>(to_millis(t) / 1000);
    std::tm local{};
    ::localtime_r(&seconds, &local);
    return fmt::format("{} {:2} {:02}:{:02}:{:02}", months.at(static_cast<std::size_t>(local.tm_mon)), local.tm_mday,
                       local.tm_hour, local.tm_min, local.tm_sec);
}

std::string line_of(const alarm_news& n) {
    const auto& a = n.what;
    return fmt::format("<{}>{} trucd[{}]: alarm {} ({}) {}: {}",
                       facility_daemon + (n.raised ? severity_error : severity_notice), time_of(a.last), ::getpid(),
                       a.kind, printable(a.subject, longest_text), n.raised ? "raised" : "cleared",
                       printable(a.text, longest_text));
}

class syslog_outlet final : public alarm_outlet {
  public:
    explicit syslog_outlet(const std::filesystem::path& socket) {
        where_.sun_family = AF_UNIX;
        const auto path = socket.string();
        path.copy(where_.sun_path, sizeof where_.sun_path - 1); // the configuration's check: it fits
    }
    std::string name() const override { return "syslog"; }

    result<void> tell(const alarm_news& n, const std::atomic<bool>&) override {
        const file_handle s(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        const auto line = line_of(n);
        const auto* address = reinterpret_cast<const sockaddr*>(&where_);
        if (!s || ::sendto(s.fd(), line.data(), line.size(), MSG_NOSIGNAL, address, sizeof where_) < 0)
            return fail(errc::unreachable, fmt::format("{}: {}", where_.sun_path, std::strerror(errno)));
        return {};
    }

  private:
    sockaddr_un where_{};
};

} // namespace

std::unique_ptr<alarm_outlet> make_syslog_outlet(const std::filesystem::path& socket) {
    return std::make_unique<syslog_outlet>(socket);
}

} // namespace truc::broker
