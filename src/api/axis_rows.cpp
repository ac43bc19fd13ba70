#include "axis_rows.hpp"

#include "axis_call.hpp"

namespace truc::api {

namespace {

constexpr std::string_view service_type = "eDoc";

std::string time_text(const std::optional<timestamp>& t) { return t ? to_rfc3339(*t) : std::string(); }

/// The reasons of Truc's own ends begin with a code of the catalogue, those of other systems are free text.
std::string reason_text(const std::string& reason) {
    if (reason.empty()) return {};
    const auto code = errc_from_name(reason.substr(0, reason.find_first_of(": ")));
    if (!code) return ": " + reason;
    return fmt::format(": {} ({})", describe(*code).title[static_cast<unsigned>(language::vietnamese)], reason);
}

std::string reported_text(const store::inbox_item& item) {
    if (item.said == store::reported::failed)
        return fmt::format("Hệ thống nhận báo lỗi, đã {} lần chưa nhận được", item.attempts);
    return item.said == store::reported::processing ? "Hệ thống nhận đang xử lý" : "Đang chờ hệ thống nhận";
}

} // namespace

std::string_view receive_status(const store::sent_row& row) {
    switch (row.state) {
    case delivery_state::queued:
        return "initial";
    case delivery_state::relayed: // evidence may have told already that it lies in the recipient's inbox
        return row.consigned_at ? "processing" : "initial";
    case delivery_state::consigned:
        return "processing";
    case delivery_state::handed_over:
        return "done";
    default:
        return "fail";
    }
}

std::string receive_status_text(const store::sent_row& row) {
    const auto why = reason_text(row.reason);
    switch (row.state) {
    case delivery_state::handed_over:
        return "Hệ thống nhận đã nhận";
    case delivery_state::rejected:
        return "Hệ thống nhận từ chối" + why;
    case delivery_state::recalled:
        return "Đã thu hồi" + why;
    case delivery_state::expired:
        return "Quá hạn giao" + why;
    case delivery_state::undeliverable:
        return "Không giao được" + why;
    default:
        return receive_status(row) == "processing" ? "Đã đến hộp đến của nơi nhận" : "Đang chuyển";
    }
}

json::object describe_axis_sent(const store::sent_row& row) {
    return {{"serviceType", service_type},
            {"receiverDocId", row.delivery_id.str()},
            {"toCode", row.to},
            {"receiveStatus", receive_status(row)},
            {"title", row.subject},
            {"messageType", to_string(row.kind)},
            {"notation", row.code},
            {"receivedTime", time_text(row.consigned_at)},
            {"sentTime", to_rfc3339(row.accepted_at)},
            {"sendStatus", "done"},
            {"sendStatusDesc", "Trục đã nhận"},
            {"senderDocId", row.id.str()},
            {"fromCode", row.from},
            {"receiveStatusDesc", receive_status_text(row)}};
}

json::object describe_axis_received(const store::inbox_item& item) {
    return {{"docId", item.delivery_id.str()},
            {"serviceType", service_type},
            {"messageType", to_string(item.kind)},
            {"created_time", to_rfc3339(item.consigned_at)},
            {"updated_time", to_rfc3339(item.said_at.value_or(item.consigned_at))},
            {"from", item.from},
            {"to", item.to},
            {"status", store::to_string(item.said.value_or(store::reported::initial))},
            {"status_desc", reported_text(item)}};
}

axis_frame axis_frame::of(axis_data form) {
    constexpr std::string_view good = R"({"status":"OK","ErrorCode":"0","ErrorDesc":"","data":)";
    const bool list = form == axis_data::list;
    return {fmt::format("{}{}", good, list ? '[' : '"'), list ? "]}" : "\"}"};
}

http::response axis_stream(std::shared_ptr<http::content> body) {
    auto answer = axis_answer();
    answer.body.clear();
    const auto size = body->size();
    answer.stream(std::move(body), 0, size);
    return answer;
}

} // namespace truc::api
