#pragma once
#include <truc/base/alarms.hpp>
#include <truc/directory/directory.hpp>
#include <truc/store/store.hpp>
#include <truc/trust/certificate_store.hpp>
#include <truc/trust/expiry.hpp>

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace truc::api {

/// For what a certificate or list stands.
enum class certificate_use : std::uint8_t { node, exchange_ca, agency_ca, crl, neighbour, agency, client };
inline constexpr std::array all_certificate_uses = {
    certificate_use::node,      certificate_use::exchange_ca, certificate_use::agency_ca, certificate_use::crl,
    certificate_use::neighbour, certificate_use::agency,      certificate_use::client};
std::string_view to_string(certificate_use u);

/// Something that this node, or somebody who talks to it, will have to renew.
struct certificate_term {
    certificate_use use{};
    trust::expiring what;
    std::optional<timestamp> seen_at{}; ///< in use; of a file nothing
    std::vector<std::string> owners{};  ///< agencies, clients or nodes that stop with it
    bool ours = true;                   ///< it is for this node's administrators to see to it
    bool replaced = false;              ///< a newer one of the same owner was seen in use
    std::string file{};
};

/// Knows when the certificates end by which this node and those who talk to it live: those of its own files, and those
/// that were seen in use. Keeps the latter in the store, and raises the alarm certificate_expires 30 days, 7 days and
/// one day before something of this node's own ends with nothing newer in sight, and when it has ended.
///
/// Threads: shown() and the reading members by any; look() by one at a time.
class certificate_watch {
  public:
    struct files {
        std::filesystem::path node, exchange_ca, agency_ca, crl; ///< crl may be empty
    };
    struct options {
        std::string node;
        certificate_watch::files files;
        store::store* store = nullptr;
        const truc::clock* clock = &system_clock();
        alarm_board* alarms = nullptr;
        std::function<std::shared_ptr<const directory::directory>()> directory;
        /// Of those who sign: what they found good since the last time.
        std::function<std::vector<std::shared_ptr<const trust::trusted_certificate>>()> used;
    };
    explicit certificate_watch(options o);

    /// A certificate was shown in a handshake. Costs a look-up; is kept when it is new here, and once a day.
    void shown(const sha256_digest& digest, std::string_view der);
    /// Keeps what signed meanwhile, and sees to the alarms. Returns when to look again.
    timestamp look();

    /// The first to end first. Reads the files and the store: blocks. A file that cannot be read is left out; the node
    /// goes on with what it has read before.
    std::vector<certificate_term> terms() const;
    /// Until the first one of this use ends, by the last look(); negative when it has ended. Nullopt: none is known.
    std::optional<std::chrono::seconds> left(certificate_use u) const;

  private:
    bool is_due(const sha256_digest& digest);
    void keep(const trust::expiring& what);
    void add_files(std::vector<certificate_term>& all) const;
    void add_seen(std::vector<certificate_term>& all) const;
    void raise_alarms(const std::vector<certificate_term>& all);

    options o_;
    std::set<std::string> alarmed_;

    mutable std::mutex mutex_;                                ///< for what follows
    std::unordered_map<sha256_digest, timestamp> kept_until_; ///< not kept again before
    std::map<certificate_use, timestamp> first_end_;
};

} // namespace truc::api
