#include "why.hpp"

#include "speaker.hpp"

namespace truc::api {

/// For people: 2026-11-21 16:27:10, Vietnam time.
std::string speaker::moment(timestamp t) {
    auto text = to_rfc3339(t).substr(0, 19);
    text[10] = ' ';
    return text;
}

/// What a node gave as its reason: a code of the catalogue has a title.
std::string speaker::titled(std::string_view reason) const {
    const auto code = errc_from_name(reason.substr(0, reason.find_first_of(": ")));
    return code ? fmt::format("{} ({})", title(*code), reason) : std::string(reason);
}

explanation speaker::speak() const {
    auto e = main_sentence();
    e.text += remarks();
    return e;
}

explanation speaker::main_sentence() const {
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

/// What is worth knowing beside, a sentence each, after a space.
std::string speaker::remarks() const {
    std::string text;
    if (!is_final(d_.state) && f_.warned)
        text +=
            say(" Its sender was warned at {} that it expires at {}.",
                " Bên gửi đã được báo lúc {} là lượt giao hết hạn lúc {}.", moment(*f_.warned), moment(d_.deadline));
    if (d_.resent_from)
        text += say(" It repeats delivery {}, which had ended.", " Lượt giao này gửi lại lượt {} đã kết thúc.",
                    d_.resent_from->str());
    if (f_.repeated_by)
        text += say(" It was sent again as delivery {}.", " Đã được gửi lại bằng lượt giao {}.", f_.repeated_by->str());
    if (f_.purged_at)
        text += say(" Its content was removed here at {}; its events and receipts remain.",
                    " Nội dung ở đây đã được hủy lúc {}; sự kiện và biên nhận vẫn còn.", moment(*f_.purged_at));
    if (!f_.legal_hold.empty())
        text +=
            say(" Its content must not be removed here ({}).", " Không được hủy nội dung ở đây ({}).", f_.legal_hold);
    return text;
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

/// What becomes of it otherwise.
std::string speaker::until_when() const {
    if (f_.now > d_.deadline) return say("and it was due at {}", "và đã quá hạn {}", moment(d_.deadline));
    return say("and it expires at {}", "và hết hạn lúc {}", moment(d_.deadline));
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

explanation explain_delivery(const delivery_facts& f, language lang) { return speaker(f, lang).speak(); }

} // namespace truc::api
