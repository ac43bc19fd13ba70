#pragma once
#include "work.hpp"

namespace truc::store {

/// Work whose sender is told no more than that it was done.
class quiet_work : public work {
  public:
    explicit quiet_work(completion<std::monostate> done) : done_(std::move(done)) {}
    void committed(transaction&) override { done_(std::monostate()); }
    void failed(error e) override { done_(fail(std::move(e))); }

  private:
    completion<std::monostate> done_;
};

} // namespace truc::store
