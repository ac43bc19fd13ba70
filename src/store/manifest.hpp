#pragma once
#include <truc/store/restore.hpp>

namespace truc::store {

inline constexpr const char* manifest_name = "manifest.json";

std::string write_manifest(const backup_manifest& m);

} // namespace truc::store
