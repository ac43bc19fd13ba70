#include "relocation.hpp"

namespace truc::deliver {

namespace {

constexpr std::size_t places_a_turn = 500;
constexpr std::size_t rows_a_turn = 500;
/// In the store's hands at the same time, so that documents are still accepted between them.
constexpr std::size_t most_moving = 1000;

} // namespace

void relocation::begin() {
    looking_ = true;
    last_ = {};
    without_way_.clear();
    misplaced_.clear();
}

bool relocation::step() {
    if (s_.moving() >= most_moving) return false;
    if (misplaced_.empty() && looking_) look_at_more_places();
    if (misplaced_.empty()) return looking_;
    auto& next = misplaced_.front();
    const auto rows = store::rows_at(*c_.o.store, next.from, next.after, rows_a_turn);
    if (!rows.empty()) next.after = rows.back();
    s_.place(store::read_rows(*c_.o.store, rows)); // which moves what is in the wrong lane
    if (rows.size() < rows_a_turn) misplaced_.pop_front();
    return !misplaced_.empty() || looking_;
}

void relocation::look_at_more_places() {
    const auto places = store::places_after(*c_.o.store, last_, places_a_turn);
    for (const auto& place : places) look_at(place);
    if (!places.empty()) last_ = places.back();
    if (places.size() == places_a_turn) return;
    looking_ = false;
    s_.only_these_without_way(std::exchange(without_way_, {}));
}

/// What an earlier life of this node left in a neighbour's lane stays there until the neighbour has answered; then it
/// is moved as well (schedule).
void relocation::look_at(const store::waiting_place& place) {
    const auto way = s_.route_to(place.recipient);
    const auto wanted = schedule::lane_by(way);
    if (wanted.empty()) without_way_.insert(way.name);
    if (wanted == place.lane) return;
    const bool never_offered = place.lane.empty() || place.lane == c_.o.node;
    misplaced_.push_back({place, never_offered ? 0 : s_.left_behind()});
}

} // namespace truc::deliver
