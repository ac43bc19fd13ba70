#include "demonstration.hpp"

#include "failure.hpp"
#include "free_port.hpp"

#include <truc/base/durable.hpp>

#include <boost/json.hpp>
#include <sys/wait.h>

#include <unistd.h>

namespace truc::bench {

namespace {

namespace json = boost::json;

/// Ten ports a node; the first one is free, and the block is one that nobody is handed out by chance.
unsigned base_port() {
    const unsigned port = free_port();
    return 20000 + port % 400 * 50;
}

void run_demo_init(const std::filesystem::path& truc, const std::filesystem::path& directory) {
    const auto port = std::to_string(base_port());
    const pid_t pid = ::fork();
    if (pid == 0) {
        ::dup2(STDERR_FILENO, STDOUT_FILENO); // standard output belongs to the figures
        ::execl(truc.c_str(), truc.c_str(), "demo", "init", directory.c_str(), "--base-port", port.c_str(), nullptr);
        ::_exit(127);
    }
    int status = 0;
    if (pid < 0 || ::waitpid(pid, &status, 0) != pid || status != 0) throw failure("truc demo init did not work");
}

std::uint16_t port_of(const json::value& url) {
    const std::string text(url.as_string());
    return static_cast<std::uint16_t>(std::stoul(text.substr(text.rfind(':') + 1)));
}

network node_of(const json::object& node, const std::filesystem::path& ca) {
    network n;
    n.configuration = std::string(node.at("config").as_string());
    n.directory = n.configuration.parent_path();
    n.data_dir = std::string(node.at("data_dir").as_string());
    n.admin = std::string(node.at("admin").as_string());
    n.ca = ca;
    n.node = node.at("name").as_string();
    n.http_port = port_of(node.at("http"));
    n.observe_port = port_of(node.at("observe"));
    return n;
}

} // namespace

demonstration make_demonstration(const std::filesystem::path& truc, const std::filesystem::path& directory) {
    run_demo_init(truc, directory);
    demonstration d;
    d.described = json::parse(take(read_file(directory / "network.json"), "network.json")).as_object();
    const std::filesystem::path ca = std::string(d.described.at("ca").as_string());
    for (const auto& node : d.described.at("nodes").as_array()) d.nodes.push_back(node_of(node.as_object(), ca));
    return d;
}

} // namespace truc::bench
