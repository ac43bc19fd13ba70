#pragma once
#include "world.hpp"

namespace truc::simulation {

/// People at the nodes who hold deliveries, release them some time later, and end some: at the worst moments, since
/// they do not know what is under way.
class administrators {
  public:
    explicit administrators(world& w) : world_(w) {}

    /// One of them does something to some deliveries of a node.
    void meddle();
    /// Nothing is held any more.
    void release_everything();

  private:
    static std::vector<std::int64_t> rows_of(node& n, bool held_only);
    void release(node& n);

    world& world_;
};

} // namespace truc::simulation
