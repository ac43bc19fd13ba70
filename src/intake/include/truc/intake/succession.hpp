#pragma once
#include <truc/directory/directory.hpp>

#include <string>

namespace truc::intake {

/// Whether the second agency is the first, or took its place: itself in any form of its code, or who follows on it
/// along single successors of closed agencies. What the one sent, the other may recall, update and replace; what the
/// one received, the other reports on. Codes that the directory does not know stand for themselves.
bool stands_for(const directory::directory& d, const std::string& earlier, const std::string& today, timestamp at);

} // namespace truc::intake
