#pragma once
#include <truc/api/certificate_watch.hpp>
#include <truc/deliver/legal_clocks.hpp>

#include <filesystem>

namespace truc::api {

/// What only administrators ask for, beside services. All of it outlives them; null where a node lacks it.
struct upkeep {
    const certificate_watch* certificates = nullptr;
    const deliver::legal_clocks* clocks = nullptr;
    std::filesystem::path data_dir;      ///< of the store, for the doctor
    std::uint64_t keep_free = 256 << 20; ///< bytes, below which no new documents are taken
    bool runs = true;                    ///< false: only the store of a node that does not run is shown
};

} // namespace truc::api
