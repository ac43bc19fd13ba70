#include "why.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace truc::api {

namespace {

/// For people: 2026-11-21 16:27:10, Vietnam time.
std::string moment(timestamp t) {
    auto text = to_rfc3339(t).substr(0, 19);
    text[10] = ' ';
    return text;
}

/// The reason of a failed attempt: a code of the catalogue where there is one, then what the neighbour said.
struct attempt_reason {
    std::optional<errc> code;
    std::string text;
};

attempt_reason read_reason(std::string_view reason) {
    return {errc_from_name(reason.substr(0, reason.find_first_of(": "))), std::string(reason)};
}

/// Why the last attempt at this neighbour failed; the store keeps `neighbour: reason`. Empty when it was another's.
std::string_view last_answer(std::string_view last_attempt, std::string_view neighbour) {
    const bool its = last_attempt.size() > neighbour.size() + 2 && last_attempt.starts_with(neighbour) &&
                     last_attempt.substr(neighbour.size(), 2) == ": ";
    return its ? last_attempt.substr(neighbour.size() + 2) : std::string_view();
}

/// Says one delivery's sentence. Each member is one situation.
class speaker {
  public:
    speaker(const delivery_facts& f, language lang) : f_(f), d_(f.delivery), lang_(lang) {}

    explanation speak() const;

  private:
    template <class... Values>
    std::string say(std::string_view english, std::string_view vietnamese, const Values&... values) const {
        return fmt::format(fmt::runtime(lang_ == language::vietnamese ? vietnamese : english), values...);
    }
    std::string title(errc code) const { return std::string(describe(code).title[static_cast<unsigned>(lang_)]); }
    bool raised(std::string_view kind) const {
        return std::any_of(f_.alarms.begin(), f_.alarms.end(), [&](const auto& a) { return a.kind == kind; });
    }
    std::optional<timestamp> next_try() const;
    std::string again_at() const;
    std::string since_when() const;
    std::string tried_in_vain() const;
    std::string last_said() const;

    explanation queued() const;
    explanation without_way() const;
    explanation in_circle() const;
    explanation neighbour_down() const;
    explanation backing_off(std::string_view reason) const;
    explanation in_lane() const;
    explanation relayed() const;
    explanation consigned() const;
    explanation behind_first_copy(const uuid& first) const;
    explanation ended() const;
    explanation second_copy(const std::string& at) const;

    const delivery_facts& f_;
    const store::delivery_row& d_;
    language lang_;
};

explanation speaker::speak() const {
    switch (d_.state) {
    case delivery_state::queued:
        return queued();
    case delivery_state::relayed:
        return relayed();
    case delivery_state::consigned:
        return consigned();
    default:
        return ended();
    }
}

/// What lies in the past was tried meanwhile, or is about to be.
std::optional<timestamp> speaker::next_try() const {
    auto next = d_.next_at;
    if (f_.lane && f_.lane->next_at && (!next || *f_.lane->next_at > *next)) next = f_.lane->next_at;
    return next && *next > f_.now ? next : std::nullopt;
}

std::string speaker::again_at() const {
    const auto next = next_try();
    if (next) return say("it is tried again at {}", "sẽ thử lại lúc {}", moment(*next));
    if (f_.neighbour && !f_.neighbour->connected)
        return say("it is tried again as soon as the way is open", "sẽ thử lại ngay khi có kết nối");
    return say("it is tried again soon", "sẽ sớm thử lại");
}

/// Of a neighbour without connection; begins with a space, or says nothing.
std::string speaker::since_when() const {
    const auto& n = *f_.neighbour;
    auto text = n.since ? say(" since {}", " từ {}", moment(*n.since)) : std::string();
    if (!n.last_error.empty()) text += fmt::format(" ({})", n.last_error);
    return text;
}

/// Of a recipient's system that says so; begins with a semicolon, or says nothing.
std::string speaker::tried_in_vain() const {
    if (d_.attempts == 0) return {};
    return say("; attempts that failed: {}, the last one: {}", "; đã lỗi {} lần, lần cuối: {}", d_.attempts,
               d_.last_attempt);
}

/// What it answered instead of taking it, for good or bad; begins with a semicolon, or says nothing.
std::string speaker::last_said() const {
    if (!f_.said) return {};
    const auto at = moment(f_.said->at);
    switch (f_.said->said) {
    case store::reported::initial:
        return say("; at {} it said that it has not begun yet", "; lúc {} hệ thống đó báo chưa xử lý", at);
    case store::reported::processing:
        return say("; at {} it said that it is at work on it", "; lúc {} hệ thống đó báo đang xử lý", at);
    default:
        return say("; at {} it said that it failed", "; lúc {} hệ thống đó báo lỗi", at);
    }
}

explanation speaker::queued() const {
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
    if (reason.empty() && f_.lane && f_.lane->failures > 0) reason = f_.lane->last_failure;
    return reason.empty() ? in_lane() : backing_off(reason);
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
    const auto said = read_reason(reason);
    const bool refused = said.code && !describe(*said.code).retryable;
    const auto what = said.code ? fmt::format("{} ({})", title(*said.code), said.text) : said.text;
    auto text = refused ? say("The delivery to {} waits at {}: {} refused it: {}; somebody has to look there, and {}.",
                              "Lượt giao tới {} đang chờ ở {}: {} từ chối: {}; cần người xem xét ở đó, và {}.",
                              d_.recipient, f_.node, f_.next_hop, what, again_at())
                        : say("The delivery to {} waits at {}: {} could not take it yet: {}; {}.",
                              "Lượt giao tới {} đang chờ ở {}: {} chưa nhận được: {}; {}.", d_.recipient, f_.node,
                              f_.next_hop, what, again_at());
    const auto act = said.code ? describe(*said.code).must_act : who::network;
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

explanation speaker::relayed() const {
    const bool overdue = f_.now > d_.deadline;
    std::string due;
    if (overdue)
        due = say("; it was due at {}: ask there", "; đã quá hạn {}: cần hỏi nút đó", moment(d_.deadline));
    else if (f_.neighbour && !f_.neighbour->connected)
        due = say("; and {} has not been reachable{}", "; và không kết nối được tới {}{}", d_.passed_to, since_when());
    if (f_.evidence && f_.evidence->in_inbox)
        return {
            say("The delivery to {} is in the recipient's inbox at {} since {}, and its system has not taken it yet{}.",
                "Lượt giao tới {} đã nằm trong hộp đến của bên nhận ở {} từ {}, hệ thống của bên nhận chưa lấy{}.",
                d_.recipient, f_.evidence->node, moment(f_.evidence->since), due),
            who::recipient, std::nullopt};
    const auto act = overdue ? who::administrator : who::network;
    if (f_.evidence)
        return {say("The delivery to {} is with {} since {}, and no evidence of what became of it there has come back "
                    "yet{}.",
                    "Lượt giao tới {} do {} giữ từ {}, chưa có bằng chứng về kết quả gửi về{}.", d_.recipient,
                    f_.evidence->node, moment(f_.evidence->since), due),
                act, std::nullopt};
    return {say("The delivery to {} was passed on to {}, and no evidence of what became of it has come back yet{}.",
                "Lượt giao tới {} đã chuyển cho {}, chưa có bằng chứng về kết quả gửi về{}.", d_.recipient,
                d_.passed_to, due),
            act, std::nullopt};
}

explanation speaker::consigned() const {
    if (d_.copy_of) return behind_first_copy(*d_.copy_of);
    const auto since = d_.consigned_at.value_or(f_.now);
    if (f_.now > d_.deadline)
        return {
            say("The delivery to {} is in its inbox here since {} and was due at {}: the recipient's system has not "
                "taken it{}.",
                "Lượt giao tới {} nằm trong hộp đến ở đây từ {}, đã quá hạn {}: hệ thống của bên nhận chưa lấy{}.",
                d_.recipient, moment(since), moment(d_.deadline), last_said() + tried_in_vain()),
            who::recipient, std::nullopt};
    return {say("The delivery to {} is in its inbox here since {}; the recipient's system has not taken it yet{}.",
                "Lượt giao tới {} nằm trong hộp đến ở đây từ {}; hệ thống của bên nhận chưa lấy{}.", d_.recipient,
                moment(since), last_said() + tried_in_vain()),
            who::recipient, std::nullopt};
}

explanation speaker::behind_first_copy(const uuid& first) const {
    return {say("The delivery to {} waits at {} behind delivery {}, by which the same document came by another way and "
                "lies in the recipient's inbox: when that one is taken, this copy ends as evidence; when it is not, "
                "this copy is delivered instead.",
                "Lượt giao tới {} đang chờ ở {} sau lượt giao {}: cùng văn bản này đã tới hộp đến của bên nhận qua "
                "đường khác; nếu bên nhận lấy bản đó thì bản này chỉ được lưu làm bằng chứng, nếu không thì bản này "
                "được giao thay.",
                d_.recipient, f_.node, first.str()),
            who::recipient, std::nullopt};
}

explanation speaker::ended() const {
    const auto at = d_.ended_at ? moment(*d_.ended_at) : say("a time unknown here", "thời điểm không rõ ở đây");
    const auto said = read_reason(d_.reason);
    auto why = said.code ? fmt::format("{} ({})", title(*said.code), d_.reason) : d_.reason;
    why = why.empty() ? std::string() : ": " + why;
    switch (d_.state) {
    case delivery_state::handed_over:
        return {say("The delivery to {} has ended: the recipient's system took it at {}.",
                    "Lượt giao tới {} đã xong: hệ thống của bên nhận đã nhận lúc {}.", d_.recipient, at),
                std::nullopt, std::nullopt};
    case delivery_state::rejected:
        return {say("The delivery to {} has ended: the recipient's system refused it at {}{}.",
                    "Lượt giao tới {} đã kết thúc: hệ thống của bên nhận từ chối lúc {}{}.", d_.recipient, at, why),
                who::sender, std::nullopt};
    case delivery_state::recalled:
        return {say("The delivery to {} has ended: its sender recalled it at {}.",
                    "Lượt giao tới {} đã kết thúc: bên gửi thu hồi lúc {}.", d_.recipient, at),
                std::nullopt, std::nullopt};
    case delivery_state::expired:
        return {say("The delivery to {} has ended: it was not delivered in time and expired at {}{}.",
                    "Lượt giao tới {} đã kết thúc: không giao được đúng hạn, hết hạn lúc {}{}.", d_.recipient, at, why),
                who::sender, std::nullopt};
    default:
        if (said.code == errc::second_copy) return second_copy(at);
        return {say("The delivery to {} has ended: it could not be delivered, as was found at {}{}.",
                    "Lượt giao tới {} đã kết thúc: không giao được, xác định lúc {}{}.", d_.recipient, at, why),
                said.code ? describe(*said.code).must_act : who::sender, std::nullopt};
    }
}

/// The reason names the delivery by which the recipient has the document.
explanation speaker::second_copy(const std::string& at) const {
    const auto first = d_.reason.substr(std::min(d_.reason.size(), d_.reason.find_first_of(": ") + 2));
    return {say("The delivery to {} has ended: the same document had come to the recipient by another way, as delivery "
                "{}; this second copy was kept as evidence at {} and is not delivered.",
                "Lượt giao tới {} đã kết thúc: cùng văn bản này đã tới bên nhận qua đường khác, là lượt giao {}; bản "
                "thứ hai này được lưu làm bằng chứng lúc {} và không giao lần nữa.",
                d_.recipient, first, at),
            std::nullopt, std::nullopt};
}

/// How the ends are called in a sentence; by delivery_state, from handed_over on.
std::string_view end_in_words(delivery_state s, language lang) {
    using enum delivery_state;
    const bool vi = lang == language::vietnamese;
    switch (s) {
    case handed_over:
        return vi ? "đã bàn giao" : "handed over";
    case rejected:
        return vi ? "bị từ chối" : "rejected";
    case recalled:
        return vi ? "đã thu hồi" : "recalled";
    case expired:
        return vi ? "quá hạn" : "expired";
    default:
        return vi ? "không giao được" : "undeliverable";
    }
}

} // namespace

explanation explain_delivery(const delivery_facts& f, language lang) { return speaker(f, lang).speak(); }

std::string explain_ends(const std::vector<store::delivery_row>& deliveries, language lang) {
    const bool vi = lang == language::vietnamese;
    if (deliveries.empty())
        return vi ? "Nút này không giữ lượt giao nào của nó." : "This node holds no delivery of it.";
    std::string counts;
    for (const auto state : all_delivery_states) {
        const auto n =
            std::count_if(deliveries.begin(), deliveries.end(), [&](const auto& d) { return d.state == state; });
        if (n) counts += fmt::format("{}{} {}", counts.empty() ? "" : ", ", n, end_in_words(state, lang));
    }
    return fmt::format(fmt::runtime(vi ? "Cả {} lượt giao đã kết thúc: {}." : "All {} deliveries have ended: {}."),
                       deliveries.size(), counts);
}

} // namespace truc::api
