// Why a delivery waits at this node to be passed on.
#include "speaker.hpp"

namespace truc::api {

namespace {

/// Why the last attempt at this neighbour failed; the store keeps `neighbour: reason`. Empty when it was another's.
std::string_view last_answer(std::string_view last_attempt, std::string_view neighbour) {
    const bool its = last_attempt.size() > neighbour.size() + 2 && last_attempt.starts_with(neighbour) &&
                     last_attempt.substr(neighbour.size(), 2) == ": ";
    return its ? last_attempt.substr(neighbour.size() + 2) : std::string_view();
}

} // namespace

explanation speaker::queued() const {
    switch (d_.held.kind) {
    case store::held_kind::by_person:
        return held_by_person();
    case store::held_kind::by_truc:
        return held_by_truc();
    case store::held_kind::to_expire:
        return to_expire();
    case store::held_kind::no:
        break;
    }
    if (f_.home == f_.node)
        return {
            say("The delivery to {} waits at {}, the recipient's node, which checks it before it goes into the inbox.",
                "Lượt giao tới {} đang chờ ở {}, nút của bên nhận; nút này kiểm tra xong sẽ đưa vào hộp đến.",
                d_.recipient, f_.node),
            who::network, next_try()};
    if (f_.home.empty() || f_.next_hop.empty() || !f_.neighbour) return without_way();
    if (std::find(d_.hops.begin(), d_.hops.end(), f_.next_hop) != d_.hops.end()) return in_circle();
    if (!f_.neighbour->connected) return neighbour_down();
    if (raised("ability_missing"))
        return {
            say("The delivery to {} waits at {}: {} runs a version that cannot take it over, and has to be upgraded.",
                "Lượt giao tới {} đang chờ ở {}: phiên bản của {} không nhận chuyển tiếp được, cần nâng cấp.",
                d_.recipient, f_.node, f_.next_hop),
            who::administrator, std::nullopt};
    auto reason = last_answer(d_.last_attempt, f_.next_hop);
    if (f_.lane && f_.lane->state != deliver::circuit::closed) return circuit_open();
    if (reason.empty() && f_.lane && f_.lane->failures > 0) reason = f_.lane->last_failure;
    return reason.empty() ? in_lane() : backing_off(reason);
}

explanation speaker::held_by_person() const {
    return {say("The delivery to {} waits at {}: {} has held it since {}, because: {}; it goes on when an "
                "administrator releases it, {}.",
                "Lượt giao tới {} dừng ở {}: {} giữ lại từ {}, lý do: {}; sẽ đi tiếp khi quản trị viên nhả, {}.",
                d_.recipient, f_.node, d_.held.by, moment(d_.held.since.value_or(f_.now)), d_.held.reason,
                until_when()),
            who::administrator, std::nullopt};
}

/// The neighbour's reason says who has to act; Truc does not ask it again by itself.
explanation speaker::held_by_truc() const {
    const auto code = errc_from_name(d_.held.reason.substr(0, d_.held.reason.find_first_of(": ")));
    const auto neighbour = d_.held.by.empty() ? f_.next_hop : d_.held.by;
    return {say("The delivery to {} waits at {}: {} refused it for good: {}; Truc has held it since {}, until an "
                "administrator releases it because the cause is gone, or ends it, {}.",
                "Lượt giao tới {} dừng ở {}: {} từ chối hẳn: {}; Truc giữ lại từ {} cho đến khi quản trị viên nhả "
                "(khi nguyên nhân đã hết) hoặc kết thúc, {}.",
                d_.recipient, f_.node, neighbour, titled(d_.held.reason), moment(d_.held.since.value_or(f_.now)),
                until_when()),
            code ? describe(*code).must_act : who::administrator, std::nullopt};
}

explanation speaker::to_expire() const {
    const auto then = f_.next_hop.empty() ? say("it ends at once", "sẽ kết thúc ngay")
                                          : say("it ends as soon as it is certain that {} has not taken it",
                                                "sẽ kết thúc ngay khi chắc chắn {} chưa nhận", f_.next_hop);
    return {say("The delivery to {} waits at {} to be ended: {} had it expire at {}, because: {}; {}.",
                "Lượt giao tới {} ở {} đang chờ kết thúc: {} cho hết hạn lúc {}, lý do: {}; {}.", d_.recipient, f_.node,
                d_.held.by, moment(d_.held.since.value_or(f_.now)), d_.held.reason, then),
            who::network, std::nullopt};
}

/// Nobody offers anything to a neighbour that can take nothing, until one leg has tried.
explanation speaker::circuit_open() const {
    const auto& lane = *f_.lane;
    const auto what = titled(lane.last_failure);
    const auto code = errc_from_name(lane.last_failure.substr(0, lane.last_failure.find_first_of(": ")));
    const auto act = code ? describe(*code).must_act : who::network;
    if (lane.state == deliver::circuit::probing)
        return {
            say("The delivery to {} waits at {}: {} could take nothing: {}; one delivery is being tried now, the "
                "others follow when it is taken.",
                "Lượt giao tới {} đang chờ ở {}: {} chưa nhận được gì: {}; đang thử một lượt, nếu được thì các lượt "
                "khác đi tiếp.",
                d_.recipient, f_.node, f_.next_hop, what),
            act, std::nullopt};
    return {say("The delivery to {} waits at {}: {} can take nothing for now, as it said {} times in a row: {}; it is "
                "left in peace, and {} with one delivery first.",
                "Lượt giao tới {} đang chờ ở {}: {} hiện không nhận được gì, đã báo {} lần liên tiếp: {}; tạm ngừng "
                "chuyển tới đó, và {} bằng một lượt trước.",
                d_.recipient, f_.node, f_.next_hop, lane.failures, what, again_at()),
            act, next_try()};
}

explanation speaker::without_way() const {
    if (f_.home.empty())
        return {say("The delivery to {} waits at {}: the directory here does not say which node is its recipient's; it "
                    "goes on when the section that does has arrived.",
                    "Lượt giao tới {} đang chờ ở {}: danh bạ ở đây chưa cho biết nút của bên nhận; sẽ đi tiếp khi danh "
                    "bạ mới tới.",
                    d_.recipient, f_.node),
                who::administrator, std::nullopt};
    if (f_.next_hop.empty())
        return {say("The delivery to {} waits at {}: no way leads from here to {}, the recipient's node.",
                    "Lượt giao tới {} đang chờ ở {}: không có đường đi từ đây tới {}, nút của bên nhận.", d_.recipient,
                    f_.node, f_.home),
                who::administrator, std::nullopt};
    return {say("The delivery to {} waits at {}: {}, the next node on its way, is not configured as a neighbour here.",
                "Lượt giao tới {} đang chờ ở {}: nút kế tiếp {} chưa được cấu hình là nút lân cận ở đây.", d_.recipient,
                f_.node, f_.next_hop),
            who::administrator, std::nullopt};
}

explanation speaker::in_circle() const {
    return {
        say("The delivery to {} waits at {}: {}, the next node on its way, has had it already; the directories of the "
            "nodes have to agree first, and {}.",
            "Lượt giao tới {} đang chờ ở {}: nút kế tiếp {} đã từng giữ nó; danh bạ của các nút phải thống nhất đã, "
            "{}.",
            d_.recipient, f_.node, f_.next_hop, again_at()),
        who::network, next_try()};
}

explanation speaker::neighbour_down() const {
    return {say("The delivery to {} waits at {}: {}, the next node on its way, has not been reachable{}; {}.",
                "Lượt giao tới {} đang chờ ở {}: không kết nối được tới nút kế tiếp {}{}; {}.", d_.recipient, f_.node,
                f_.next_hop, since_when(), again_at()),
            who::network, next_try()};
}

explanation speaker::backing_off(std::string_view reason) const {
    const auto code = errc_from_name(reason.substr(0, reason.find_first_of(": ")));
    const bool refused = code && !describe(*code).retryable;
    const auto what = titled(reason);
    auto text = refused ? say("The delivery to {} waits at {}: {} refused it: {}; somebody has to look there, and {}.",
                              "Lượt giao tới {} đang chờ ở {}: {} từ chối: {}; cần người xem xét ở đó, và {}.",
                              d_.recipient, f_.node, f_.next_hop, what, again_at())
                        : say("The delivery to {} waits at {}: {} could not take it yet: {}; {}.",
                              "Lượt giao tới {} đang chờ ở {}: {} chưa nhận được: {}; {}.", d_.recipient, f_.node,
                              f_.next_hop, what, again_at());
    const auto act = code ? describe(*code).must_act : who::network;
    return {std::move(text), refused ? who::administrator : act, next_try()};
}

explanation speaker::in_lane() const {
    const auto others = f_.lane ? f_.lane->waiting : 0;
    if (f_.lane && f_.lane->under_way > 0 && others <= 1)
        return {say("The delivery to {} is being offered to {}, which has not answered yet.",
                    "Lượt giao tới {} đang được chuyển cho {}, nút này chưa trả lời.", d_.recipient, f_.next_hop),
                who::network, std::nullopt};
    return {say("The delivery to {} stands in the lane to {} with {}{} others, urgent ones first.",
                "Lượt giao tới {} đang xếp hàng tới {} cùng {}{} lượt khác, khẩn đi trước.", d_.recipient, f_.next_hop,
                f_.lane && f_.lane->more ? say("more than ", "hơn ") : std::string(), others > 0 ? others - 1 : 0),
            who::network, std::nullopt};
}

} // namespace truc::api
