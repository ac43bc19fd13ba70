#pragma once
#include "network.hpp"

#include <boost/json/object.hpp>

namespace truc::bench {

/// The network of `truc demo init`, on free ports.
struct demonstration {
    boost::json::object described; ///< network.json
    std::vector<network> nodes;    ///< from the ministry down; nothing runs
};

/// `truc` is the program that makes it. Throws failure.
demonstration make_demonstration(const std::filesystem::path& truc, const std::filesystem::path& directory);

} // namespace truc::bench
