#include "broker_process.hpp"

#include "failure.hpp"

#include <truc/base/durable.hpp>
#include <truc/client/http_client.hpp>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <csignal>
#include <fcntl.h>
#include <sstream>
#include <thread>
#include <unistd.h>

namespace truc::bench {

namespace {

namespace json = boost::json;

constexpr auto time_to_start = std::chrono::seconds(30);
constexpr auto time_to_stop = std::chrono::seconds(60);

pid_t start(const std::filesystem::path& program, const std::filesystem::path& configuration,
            const std::filesystem::path& log) {
    const file_handle output(::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
    const pid_t pid = ::fork();
    if (pid != 0) return pid;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL); // a generator that is killed leaves no broker behind
    ::dup2(output.fd(), STDOUT_FILENO);
    ::dup2(output.fd(), STDERR_FILENO);
    ::execl(program.c_str(), program.c_str(), "--config", configuration.c_str(), nullptr);
    ::_exit(127);
}

result<client::http_response> ask(const std::string& url, const std::string& target) {
    auto where = client::server_address::parse(url);
    if (!where) return fail(where.error());
    return client::http_client(std::move(*where), {}).get(target);
}

json::object ask_admin(const network& n, const std::string& target) {
    const auto answer = take(ask("unix:" + n.admin.string(), target), target);
    if (answer.status != 200) throw failure(target + ": " + answer.body);
    return json::parse(answer.body).as_object();
}

} // namespace

broker_process::broker_process(const std::filesystem::path& program, const network& n)
    : network_(n), log_(n.directory / "trucd.log") {
    pid_ = start(program, n.configuration, log_);
    if (pid_ < 0) throw failure("cannot start " + program.string());
    wait_until_ready();
}

void broker_process::wait_until_ready() const {
    const auto url = fmt::format("http://127.0.0.1:{}", network_.observe_port);
    const auto until = std::chrono::steady_clock::now() + time_to_start;
    while (std::chrono::steady_clock::now() < until) {
        check_interrupted();
        int status = 0;
        if (::waitpid(pid_, &status, WNOHANG) == pid_) break;
        const auto answer = ask(url, "/readyz");
        if (answer && answer->status == 200) return;
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    throw failure("trucd did not start: " + read_file(log_).value_or("no log"));
}

broker_process::~broker_process() {
    ::kill(pid_, SIGTERM);
    const auto until = std::chrono::steady_clock::now() + time_to_stop;
    while (::waitpid(pid_, nullptr, WNOHANG) == 0) {
        if (std::chrono::steady_clock::now() > until) {
            ::kill(pid_, SIGKILL);
            ::waitpid(pid_, nullptr, 0);
            return;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
}

broker_process::usage broker_process::read_usage() const {
    usage u;
    // proc(5): after the command's closing bracket come the state and further fields; user and system time are 14 and
    // 15 of the whole line.
    const auto stat = take(read_file(fmt::format("/proc/{}/stat", pid_)), "reading its CPU time");
    std::istringstream fields(stat.substr(stat.rfind(')') + 2));
    std::string skipped;
    for (int i = 3; i < 14; ++i) fields >> skipped;
    double user = 0;
    double system = 0;
    fields >> user >> system;
    u.cpu_seconds = (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));

    const auto page = take(ask(fmt::format("http://127.0.0.1:{}", network_.observe_port), "/metrics"), "/metrics");
    std::istringstream lines(page.body);
    for (std::string line; std::getline(lines, line);) {
        const auto space = line.find(' ');
        if (line.starts_with('#') || space == std::string::npos) continue;
        u.metrics[line.substr(0, space)] = std::stod(line.substr(space + 1));
    }
    return u;
}

double broker_process::memory_mib(std::string_view line) const {
    const auto text = take(read_file(fmt::format("/proc/{}/status", pid_)), "reading its memory");
    const auto at = text.find(std::string(line) + ":");
    if (at == std::string::npos) throw failure("the kernel does not tell " + std::string(line));
    return std::stod(text.substr(at + line.size() + 1)) / 1024;
}

std::uint64_t broker_process::check_books() const {
    const auto books = ask_admin(network_, "/admin/books");
    if (!books.at("balance").as_bool()) throw failure("the books do not balance: " + json::serialize(books));
    const auto ledger = ask_admin(network_, "/admin/ledger/check");
    if (!ledger.at("consistent").as_bool()) throw failure("the ledger is not consistent: " + json::serialize(ledger));
    return books.at("from_agencies").to_number<std::uint64_t>();
}

std::uint64_t broker_process::open_deliveries() const {
    return ask_admin(network_, "/admin/books").at("end_to_end").at("open").to_number<std::uint64_t>();
}

} // namespace truc::bench
