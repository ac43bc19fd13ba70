#pragma once
/// What administrators do to agencies. All of it blocks on the disk: run on the pool.

#include "directory_file.hpp"

namespace truc::api {

/// Each agency of these JSON Lines is added to the file, or replaces the one with its code; all or none. Errors:
/// bad_directory, section_conflict.
result<http::response> import_agencies(directory_file& file, const std::string& lines);

/// Closes an agency of the file from now on; the body may name a successor, at whatever node that is at home. Errors:
/// not_found, bad_request, bad_directory, section_conflict.
result<http::response> close_agency(const services& s, directory_file& file, const std::string& code,
                                    const std::string& body);

} // namespace truc::api
