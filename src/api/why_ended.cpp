// How a delivery ended.
#include "speaker.hpp"

namespace truc::api {

explanation speaker::ended() const {
    const auto at = d_.ended_at ? moment(*d_.ended_at) : say("a time unknown here", "thời điểm không rõ ở đây");
    const auto why = d_.reason.empty() ? std::string() : ": " + titled(d_.reason);
    const auto code = errc_from_name(d_.reason.substr(0, d_.reason.find_first_of(": ")));
    switch (d_.state) {
    case delivery_state::handed_over:
        return handed_over(at);
    case delivery_state::rejected:
        return {say("The delivery to {} has ended: the recipient's system refused it at {}{}.",
                    "Lượt giao tới {} đã kết thúc: hệ thống của bên nhận từ chối lúc {}{}.", d_.recipient, at, why),
                who::sender, std::nullopt};
    case delivery_state::recalled:
        return recalled(at);
    case delivery_state::expired:
        return expired(at, why);
    default:
        if (code == errc::second_copy) return second_copy(at);
        return {say("The delivery to {} has ended: it could not be delivered, as was found at {}{}.",
                    "Lượt giao tới {} đã kết thúc: không giao được, xác định lúc {}{}.", d_.recipient, at, why),
                code ? describe(*code).must_act : who::sender, std::nullopt};
    }
}

explanation speaker::handed_over(const std::string& at) const {
    if (!f_.too_late)
        return {say("The delivery to {} has ended: the recipient's system took it at {}.",
                    "Lượt giao tới {} đã xong: hệ thống của bên nhận đã nhận lúc {}.", d_.recipient, at),
                std::nullopt, std::nullopt};
    return {say("The delivery to {} has ended: the recipient's system took it at {}; it takes back a document that was "
                "handed over before it came ({}), so that the recipient has to answer with status 15 (agreed) or 16 "
                "(declined).",
                "Lượt giao tới {} đã xong: hệ thống của bên nhận đã nhận lúc {}; nó thu hồi văn bản đã bàn giao trước "
                "khi nó tới ({}), nên bên nhận cần trả lời trạng thái 15 (đồng ý) hoặc 16 (từ chối).",
                d_.recipient, at, moment(*f_.too_late)),
            who::recipient, std::nullopt};
}

/// A document names what withdrew it; what withdrew something in time ends with it.
explanation speaker::recalled(const std::string& at) const {
    constexpr std::string_view withdrawn = "withdrawn: ";
    if (d_.reason.starts_with(withdrawn))
        return {
            say("The delivery to {} has ended: its sender took the document back at {}, by {}, before it was handed "
                "over; the recipient has never seen it.",
                "Lượt giao tới {} đã kết thúc: bên gửi thu hồi văn bản lúc {}, bằng {}, trước khi bàn giao; bên "
                "nhận chưa hề thấy văn bản.",
                d_.recipient, at, std::string_view(d_.reason).substr(withdrawn.size())),
            std::nullopt, std::nullopt};
    if (f_.takes_back && f_.too_late)
        return {
            say("The delivery to {} has ended: it took its document back at {}, but the recipient's system had that on "
                "the way already and took it all the same ({}), without being told; somebody has to tell the "
                "recipient.",
                "Lượt giao tới {} đã kết thúc: đã thu hồi văn bản lúc {}, nhưng hệ thống của bên nhận khi đó đang tải "
                "văn bản và vẫn nhận ({}) mà không được báo; cần có người báo cho bên nhận.",
                d_.recipient, at, moment(*f_.too_late)),
            who::sender, std::nullopt};
    if (f_.takes_back)
        return {
            say("The delivery to {} has ended: it took its document back at {} before that was handed over, so that "
                "the recipient has seen neither.",
                "Lượt giao tới {} đã kết thúc: đã thu hồi được văn bản lúc {} trước khi bàn giao, nên bên nhận "
                "không thấy cả hai.",
                d_.recipient, at),
            std::nullopt, std::nullopt};
    return {say("The delivery to {} has ended: its sender recalled it at {}.",
                "Lượt giao tới {} đã kết thúc: bên gửi thu hồi lúc {}.", d_.recipient, at),
            std::nullopt, std::nullopt};
}

explanation speaker::expired(const std::string& at, const std::string& why) const {
    if (!f_.expired_by.empty())
        return {say("The delivery to {} has ended: {}, an administrator, had it expire at {}{}.",
                    "Lượt giao tới {} đã kết thúc: quản trị viên {} cho hết hạn lúc {}{}.", d_.recipient, f_.expired_by,
                    at, why),
                who::sender, std::nullopt};
    return {say("The delivery to {} has ended: it was not delivered in time and expired at {}{}.",
                "Lượt giao tới {} đã kết thúc: không giao được đúng hạn, hết hạn lúc {}{}.", d_.recipient, at, why),
            who::sender, std::nullopt};
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

namespace {

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
