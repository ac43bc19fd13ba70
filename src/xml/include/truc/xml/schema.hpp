#pragma once
#include <truc/base/result.hpp>

#include <filesystem>
#include <memory>
#include <string_view>

namespace truc::xml {

/// The XML schemas of one directory, loaded once into a locked grammar pool (xerces-c). Immutable; validate() may be called
/// from several threads at once, each of which keeps a reader of its own.
class schema_registry {
  public:
    /// Throws std::runtime_error when a schema cannot be loaded: a start-up failure.
    explicit schema_registry(const std::filesystem::path& directory);
    ~schema_registry();

    /// Validates the same bytes that were parsed. Errors: schema (line, column, path, what is expected there),
    /// layout_unknown when no schema of ours has this root element.
    result<void> validate(std::string_view bytes) const;

  private:
    struct pool;
    std::unique_ptr<pool> pool_;
};

} // namespace truc::xml
