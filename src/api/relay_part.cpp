#include "relay_part.hpp"

#include "relay_session.hpp"

namespace truc::api {

relay_part::relay_part(std::shared_ptr<relay_core> core, relay_session& owner)
    : core_(std::move(core)), owner_(owner), amqp_(owner.amqp()), neighbour_(owner.neighbour()) {}

} // namespace truc::api
