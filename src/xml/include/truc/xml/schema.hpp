#pragma once
#include <truc/base/result.hpp>

#include <filesystem>
#include <memory>
#include <string_view>

namespace truc::xml {

class schema_pool;

/// The XML schemas of one directory, loaded once into a locked grammar pool (xerces-c). Immutable; validate() may be
/// called from several threads at once, each of which keeps a reader of its own.
class schema_registry {
  public:
    /// Throws std::runtime_error when a schema cannot be loaded: a start-up failure.
    explicit schema_registry(const std::filesystem::path& directory);
    ~schema_registry();
    schema_registry(const schema_registry&) = delete;
    schema_registry& operator=(const schema_registry&) = delete;

    /// Validates the same bytes that were parsed, and ends at the first fault. Errors: schema (line, column, path, what
    /// is wrong there), layout_unknown when no schema of ours has this root element, not_xml, doctype_forbidden.
    result<void> validate(std::string_view bytes) const;

  private:
    /// Shared with the readers of threads that have validated: a registry may go away while they live.
    std::shared_ptr<schema_pool> pool_;
};

} // namespace truc::xml
