#pragma once
#include "failure.hpp"

#include <truc/ledger/receipt.hpp>

#include <filesystem>
#include <string>
#include <string_view>

namespace truc::cli {

/// The event inside a receipt, read without verifying anything: for names of files.
outcome<ledger::event> event_of(std::string_view receipt);

/// Writes `<event id>.xml` into the directory, which is made when it is not there. The name comes from the parsed id
/// and can hold nothing but letters, digits, '-' and '.'.
outcome<std::filesystem::path> save_receipt(const std::filesystem::path& dir, std::string_view receipt);

/// Makes a directory; a failure names it.
outcome<void> make_directory(const std::filesystem::path& dir);

} // namespace truc::cli
