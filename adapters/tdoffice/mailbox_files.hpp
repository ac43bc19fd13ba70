#pragma once
/// Attachments that lie in files below one directory, which the rows name by relative paths. What stands in a row is
/// hostile: no step leaves the directory, and no link is followed.

#include <truc/base/result.hpp>
#include <truc/base/uuid.hpp>

#include <filesystem>
#include <string>
#include <string_view>

namespace truc::tdoffice {

/// Backslashes are read as slashes. Errors: attachment_mismatch (the path leaves the directory, is not there, or is no
/// regular file), too_large, legacy_away (the
/// directory is not there, is empty, or a file fails for another reason).
result<std::string> read_attachment_file(const std::filesystem::path& root, std::string_view path, std::size_t limit);

/// Writes it durably as `<delivery>/<number>-<name>` and returns that path; again: the same. Of the name what
/// safe_file_name() leaves. Errors: legacy_away, those of write_file().
result<std::string> write_attachment_file(const std::filesystem::path& root, const uuid& delivery, std::size_t number,
                                          std::string_view name, std::string_view bytes);

} // namespace truc::tdoffice
