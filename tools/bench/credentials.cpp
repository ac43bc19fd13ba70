#include "credentials.hpp"

#include "failure.hpp"

#include <truc/base/durable.hpp>

namespace truc::bench {

namespace {

using std::chrono::hours;

} // namespace

trust::certificate_request certificate_for(const std::string& common_name) {
    const auto now = system_clock().now();
    trust::certificate_request r;
    r.common_name = common_name;
    r.not_before = now - hours(24 * 60); // stores are filled with what happened since
    r.not_after = now + hours(24 * 365);
    r.for_clients = true;
    return r;
}

trust::certificate_request node_certificate_for(const std::string& common_name, const std::string& node) {
    auto r = certificate_for(common_name);
    r.uris = {"urn:truc:node:" + node};
    r.dns_names = {"localhost"};
    r.ip_addresses = {"127.0.0.1"};
    r.for_servers = true;
    return r;
}

trust::authority make_authority(const std::filesystem::path& directory, const std::string& file,
                                std::string_view name) {
    const auto now = system_clock().now();
    auto authority = trust::authority::make(name, now - hours(24 * 61), now + hours(24 * 3650));
    trust::write_credentials(directory, file, authority.own());
    return authority;
}

void write_text(const std::filesystem::path& file, std::string_view text) {
    take(write_file(file, text), file.string());
}

} // namespace truc::bench
