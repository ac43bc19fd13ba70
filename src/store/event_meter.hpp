#pragma once
#include "transaction.hpp"

namespace truc::store {

/// Counts what the ledger states, in the metrics. Writer's thread only.
class event_meter {
  public:
    explicit event_meter(metrics_registry* metrics); ///< null: nobody asks
    void count(const event_counts& happened);

  private:
    std::array<counter*, event_names> events_{};
    std::array<counter*, event_names> ends_{}; ///< of the end that an event states; null: it states none
};

} // namespace truc::store
