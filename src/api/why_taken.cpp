// Why a delivery that another node has, or that lies in an inbox, is not at its end.
#include "speaker.hpp"

namespace truc::api {

explanation speaker::relayed() const {
    if (f_.held_elsewhere) return held_elsewhere();
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

explanation speaker::held_elsewhere() const {
    const auto& held = *f_.held_elsewhere;
    return {say("The delivery to {} is with {}, and is held there since {}, because: {}; it goes on when an "
                "administrator there releases it, {}.",
                "Lượt giao tới {} do {} giữ và đang bị giữ lại ở đó từ {}, lý do: {}; sẽ đi tiếp khi quản trị viên ở "
                "đó nhả, {}.",
                d_.recipient, held.node, moment(held.since), titled(held.reason), until_when()),
            who::administrator, std::nullopt};
}

explanation speaker::consigned() const {
    if (d_.copy_of) return behind_first_copy(*d_.copy_of);
    if (d_.held.kind != store::held_kind::no) return held_in_inbox();
    if (f_.too_late) return too_late();
    if (f_.is_mark) return mark();
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

explanation speaker::held_in_inbox() const {
    return {
        say("The delivery to {} has come to its inbox here, but {} has held it since {}, because: {}; the recipient "
            "sees it when an administrator releases it.",
            "Lượt giao tới {} đã tới hộp đến ở đây nhưng {} giữ lại từ {}, lý do: {}; bên nhận sẽ thấy khi quản trị "
            "viên nhả.",
            d_.recipient, d_.held.by.empty() ? std::string("Truc") : d_.held.by, moment(d_.held.since.value_or(f_.now)),
            d_.held.reason),
        who::administrator, std::nullopt};
}

/// Of a recall, update or replacement that lies in the inbox.
explanation speaker::too_late() const {
    return {say("The delivery to {} takes back a document that was handed over before it came ({}); it is in the inbox "
                "here, and the recipient has to take it and answer with status 15 (agreed) or 16 (declined).",
                "Lượt giao tới {} thu hồi văn bản đã bàn giao trước khi nó tới ({}); nó đang nằm trong hộp đến ở đây, "
                "bên nhận cần lấy và trả lời trạng thái 15 (đồng ý) hoặc 16 (từ chối).",
                d_.recipient, moment(*f_.too_late)),
            who::recipient, std::nullopt};
}

explanation speaker::mark() const {
    return {say("The delivery to {} takes back a document that has not come here; it is in the inbox here, and a "
                "document that comes later will not be shown.",
                "Lượt giao tới {} thu hồi văn bản chưa tới đây; nó đang nằm trong hộp đến ở đây, văn bản tới sau sẽ "
                "không được đưa vào hộp đến.",
                d_.recipient),
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

} // namespace truc::api
