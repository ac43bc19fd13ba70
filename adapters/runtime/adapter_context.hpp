#pragma once
#include <truc/base/clock.hpp>
#include <truc/base/metrics.hpp>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace truc::adapter {

/// An agency whose legacy system is plugged in.
struct served_agency {
    std::string code; ///< dotted, as edXML's OrganId
    std::string name;
};

/// The node's REST interface with the adapter's own certificate, for a kind that declares agencies there.
struct node_access {
    std::string url; ///< https://host:port; empty: not configured
    std::filesystem::path authority;
    std::filesystem::path certificate;
    std::filesystem::path key;
};

/// What a kind of legacy system gets beside its own part of the configuration. It outlives both sides of the legacy
/// system; nothing in it changes after the start, so every thread may read it.
struct adapter_context {
    std::string name; ///< of the adapter
    std::vector<served_agency> agencies;
    std::filesystem::path data_dir; ///< for files that are made anew when they are lost; the journal is the runtime's
    const truc::clock& clock;
    metrics_registry& metrics;
    node_access node = {}; ///< [exchange] http, ca, certificate, key

    /// Null: not one of ours. A code is compared as it is written.
    const served_agency* agency(std::string_view code) const {
        for (const auto& a : agencies)
            if (a.code == code) return &a;
        return nullptr;
    }
};

} // namespace truc::adapter
