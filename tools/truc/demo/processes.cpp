#include "processes.hpp"

#include "actor.hpp"

#include <truc/base/durable.hpp>

#include <charconv>

namespace truc::cli::demo {

pid_t pid_of(const network_node& n) {
    const auto text = read_file(n.data_dir / "trucd.pid");
    if (!text) return 0;
    pid_t pid = 0;
    std::from_chars(text->data(), text->data() + text->size(), pid);
    const auto name = read_file("/proc/" + std::to_string(pid) + "/comm");
    return pid > 1 && name && name->starts_with("trucd") ? pid : 0;
}

pid_t pid_to_kill(const network_node& n) {
    const auto pid = pid_of(n);
    if (!pid) throw broken_expectation("trucd.pid names no running node; is `truc demo up` running?");
    return pid;
}

} // namespace truc::cli::demo
