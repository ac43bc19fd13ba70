#include "wire.hpp"

#include <truc/pack/envelope_text.hpp>

namespace truc::simulation {

void wire::offer(store::outgoing_leg leg, std::function<void(deliver::leg_answer)> done) {
    const auto offer = ++offers_;
    waiting_[offer] = std::move(done);
    const auto content = from_.store().open_content(leg.sha256);
    if (!content) return net_.violated("content of a leg cannot be read: " + content.error().what);
    net_.carry(shared_from_this(), offer,
               {from_.name(), pack::write_envelope(leg.header), leg.receipt, std::string(content->view())});
}

void wire::settle(std::uint64_t offer, const deliver::leg_answer& a) {
    auto found = waiting_.extract(offer);
    if (found.empty()) return;
    found.mapped()(a);
    from_.forwarder().room(to_.name());
}

void wire::close(bool sender_is_alive) {
    open_ = false;
    auto lost = std::move(waiting_);
    waiting_.clear();
    if (!sender_is_alive) return; // the forwarder that waited is gone
    for (auto& [offer, done] : lost) done({deliver::leg_fate::lost, "the way was cut"});
}

} // namespace truc::simulation
