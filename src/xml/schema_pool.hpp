#pragma once
#include "validation_handler.hpp"

#include <xercesc/framework/XMLGrammarPoolImpl.hpp>

#include <atomic>
#include <filesystem>
#include <memory>

namespace truc::xml {

/// The grammars of one directory, locked: immutable but for the mark that their registry is gone.
class schema_pool {
  public:
    /// Throws std::runtime_error with file, line and reason when a schema cannot be loaded.
    explicit schema_pool(const std::filesystem::path& directory);

    xercesc::XMLGrammarPool* grammars() const { return grammars_.get(); }
    const root_set& roots() const { return roots_; }

    void retire() { retired_ = true; }
    bool retired() const { return retired_; }

  private:
    std::unique_ptr<xercesc::XMLGrammarPool> grammars_;
    root_set roots_;
    std::atomic<bool> retired_ = false;
};

} // namespace truc::xml
