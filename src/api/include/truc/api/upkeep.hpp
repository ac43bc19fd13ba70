#pragma once
#include <truc/api/certificate_watch.hpp>
#include <truc/deliver/legal_clocks.hpp>

#include <filesystem>
#include <functional>

namespace truc::api {

/// What only administrators ask for, beside services. All of it outlives them; null where a node lacks it.
struct upkeep {
    const certificate_watch* certificates = nullptr;
    const deliver::legal_clocks* clocks = nullptr;
    std::filesystem::path data_dir; ///< of the store, for the doctor
    /// Bytes, below which no new documents are taken: those in force. Mandatory.
    std::function<std::uint64_t()> keep_free;
    bool runs = true; ///< false: only the store of a node that does not run is shown
};

} // namespace truc::api
