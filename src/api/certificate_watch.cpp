#include "certificate_forecast.hpp"

#include <truc/api/certificate_watch.hpp>
#include <truc/base/log.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace truc::api {

namespace {

using namespace std::chrono_literals;

constexpr milliseconds once_a_day = 24h;
constexpr milliseconds between_looks = 1min;
/// Digests in memory; beyond it what was kept is forgotten, which costs a row written twice.
constexpr std::size_t most_remembered = 65'536;
constexpr std::string_view node_prefix = "urn:truc:node:";

template <class Read>
void add_file(std::vector<certificate_term>& all, certificate_use use, const std::filesystem::path& file,
              const std::vector<std::string>& owners, Read read) {
    try {
        for (auto& what : read(file)) {
            certificate_term t;
            t.use = use;
            t.what = std::move(what);
            t.owners = owners;
            t.file = file.string();
            all.push_back(std::move(t));
        }
    } catch (const std::runtime_error& e) {
        spdlog::debug("when it ends is not known: {}", e.what()); // the next reload says so, and loud
    }
}

/// Codes of the agencies at home here.
std::vector<std::string> agencies_of(const directory::directory& d, const std::string& node) {
    std::vector<std::string> codes;
    for (const auto& a : d.agencies())
        if (a.node == node && !a.valid_to) codes.push_back(a.code.str());
    return codes;
}

std::vector<std::string> nodes_but(const directory::directory& d, const std::string& node) {
    std::vector<std::string> names;
    for (const auto& n : d.nodes())
        if (n.name != node) names.push_back(n.name);
    return names;
}

/// Of those that were seen in use for the same, the one that ends last replaces the others.
void mark_replaced(std::vector<certificate_term>& all) {
    std::map<std::pair<certificate_use, std::vector<std::string>>, timestamp> last;
    for (const auto& t : all) {
        if (!t.seen_at) continue;
        auto& end = last.try_emplace({t.use, t.owners}, t.what.ends).first->second;
        end = std::max(end, t.what.ends);
    }
    for (auto& t : all) t.replaced = t.seen_at && last.at({t.use, t.owners}) > t.what.ends;
}

} // namespace

certificate_watch::certificate_watch(options o) : o_(std::move(o)) {}

bool certificate_watch::is_due(const sha256_digest& digest) {
    const auto now = o_.clock->now();
    const std::scoped_lock lock(mutex_);
    if (kept_until_.size() >= most_remembered) kept_until_.clear();
    auto& until = kept_until_[digest];
    if (until > now) return false;
    until = now + once_a_day;
    return true;
}

void certificate_watch::shown(const sha256_digest& digest, std::string_view der) {
    if (!is_due(digest)) return;
    if (const auto what = trust::expiry_of(der)) keep(*what);
}

void certificate_watch::keep(const trust::expiring& what) {
    store::seen_certificate seen{*what.sha256, what.subject, what.ends, o_.clock->now()};
    o_.store->remember_certificate(std::move(seen), [](const auto&) {}); // else it is kept tomorrow
}

timestamp certificate_watch::look() {
    for (const auto& used : o_.used())
        if (is_due(used->digest))
            if (const auto what = trust::expiry_of(trust::der_of(used->certificate.get()))) keep(*what);
    const auto all = terms();
    raise_alarms(all);
    std::map<certificate_use, timestamp> first;
    for (const auto& t : all)
        if (!t.replaced) first.try_emplace(t.use, t.what.ends); // the first of each use ends first
    const std::scoped_lock lock(mutex_);
    first_end_ = std::move(first);
    return o_.clock->now() + between_looks;
}

std::vector<certificate_term> certificate_watch::terms() const {
    std::vector<certificate_term> all;
    add_files(all);
    add_seen(all);
    mark_replaced(all);
    std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.what.ends < b.what.ends; });
    return all;
}

void certificate_watch::add_files(std::vector<certificate_term>& all) const {
    const auto directory = o_.directory();
    const auto here = agencies_of(*directory, o_.node);
    const auto& f = o_.files;
    const auto own = [](const std::filesystem::path& file) {
        auto chain = trust::certificates_in(file);
        chain.resize(1); // what follows vouches for it, and is nobody's here
        return chain;
    };
    add_file(all, certificate_use::node, f.node, here, own);
    add_file(all, certificate_use::exchange_ca, f.exchange_ca, nodes_but(*directory, o_.node), trust::certificates_in);
    add_file(all, certificate_use::agency_ca, f.agency_ca, here, trust::certificates_in);
    if (!f.crl.empty()) add_file(all, certificate_use::crl, f.crl, {}, trust::revocation_lists_in);
}

/// What nobody in the directory has any more is passed over.
void certificate_watch::add_seen(std::vector<certificate_term>& all) const {
    const auto directory = o_.directory();
    for (auto& seen : o_.store->seen_certificates()) {
        certificate_term t;
        t.what = {seen.subject, seen.sha256, seen.not_after};
        t.seen_at = seen.seen_at;
        const auto add = [&](certificate_use use, std::string owner, bool ours) {
            t.use = use;
            t.owners = {std::move(owner)};
            t.ours = ours;
            all.push_back(t);
        };
        if (seen.subject.starts_with(node_prefix)) {
            auto name = seen.subject.substr(node_prefix.size());
            if (name != o_.node && directory->find_node(name)) add(certificate_use::neighbour, std::move(name), true);
            continue;
        }
        if (const auto* a = directory->find_signer(seen.sha256))
            add(certificate_use::agency, a->code.str(), a->node == o_.node);
        if (const auto* c = directory->find_client_by_certificate(seen.sha256); c && !c->disabled)
            add(certificate_use::client, c->id, directory->home_of(*c) == o_.node);
    }
}

/// The new step is raised before the one that it follows is cleared: it is not over.
void certificate_watch::raise_alarms(const std::vector<certificate_term>& all) {
    const auto now = o_.clock->now();
    std::set<std::string> raised;
    for (const auto& t : all) {
        const auto step = warning_step(t, now);
        if (!step) continue;
        const auto subject =
            fmt::format("{} {} ({})", to_string(t.use), t.what.subject, *step ? fmt::format("{} d", *step) : "ended");
        o_.alarms->raise("certificate_expires", subject, forecast(t, o_.node, now, language::english));
        raised.insert(subject);
    }
    for (const auto& subject : alarmed_)
        if (!raised.contains(subject)) o_.alarms->clear("certificate_expires", subject);
    alarmed_ = std::move(raised);
}

std::optional<std::chrono::seconds> certificate_watch::left(certificate_use u) const {
    const std::scoped_lock lock(mutex_);
    const auto found = first_end_.find(u);
    if (found == first_end_.end()) return std::nullopt;
    return std::chrono::floor<std::chrono::seconds>(found->second - o_.clock->now());
}

} // namespace truc::api
