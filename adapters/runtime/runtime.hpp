#pragma once
#include "configuration.hpp"
#include "legacy_system.hpp"

#include <memory>

namespace truc::adapter {

/// One legacy system plugged in: journal, link to the exchange, both directions, and those who look at it.
class runtime {
  public:
    /// Opens the journal; a second process at the same directory is refused. `on_death` is called, from any thread,
    /// when it cannot go on. Throws std::runtime_error, std::system_error or store::sqlite_error: a start-up failure.
    runtime(const configuration& c, const adapter_context& context, metrics_registry& metrics, legacy_system legacy,
            std::function<void()> on_death);
    /// What is under way is finished; what is not journalled yet is done again after the next start.
    ~runtime();
    runtime(const runtime&) = delete;

    bool is_dead() const; ///< the journal cannot be written, or something as bad

  private:
    struct parts;
    std::unique_ptr<parts> parts_;
};

} // namespace truc::adapter
