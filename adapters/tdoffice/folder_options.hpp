#pragma once
#include <truc/base/clock.hpp>

#include <cstddef>
#include <filesystem>

namespace truc::tdoffice {

/// [folder] of the configuration.
struct folder_options {
    std::filesystem::path outbox;
    std::filesystem::path inbox;
    milliseconds scan{5'000};
    milliseconds settle{2'000};
    milliseconds unfinished{60'000};
    bool unpack_attachments = false;
    std::size_t largest = std::size_t{64} << 20; ///< bytes of a document; no entrance of a node takes more
};

} // namespace truc::tdoffice
