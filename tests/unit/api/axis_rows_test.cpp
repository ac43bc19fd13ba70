#include "../../../src/api/axis_call.hpp"
#include "../../../src/api/axis_rows.hpp"

#include <gtest/gtest.h>

namespace truc::api {
namespace {

const auto accepted = *from_rfc3339("2026-11-21T08:00:00.125+07:00");
const auto later = *from_rfc3339("2026-11-21T09:30:00+07:00");

store::sent_row sent(delivery_state state, const std::string& reason = {}) {
    store::sent_row row;
    row.id = *uuid::parse("019a0000-0000-7000-8000-000000000001");
    row.delivery_id = *uuid::parse("019a0000-0000-7000-8000-000000000002");
    row.from = "000.00.00.G22";
    row.to = "000.00.12.H43";
    row.code = "12/QĐ-UBND";
    row.subject = "V/v \"kiểm tra\"";
    row.state = state;
    row.accepted_at = accepted;
    row.reason = reason;
    return row;
}

std::string word(const store::sent_row& row) { return std::string(receive_status(row)); }

TEST(axis_rows, a_sender_sees_how_far_its_delivery_is) {
    using enum delivery_state;
    EXPECT_EQ(word(sent(queued)), "initial");
    EXPECT_EQ(word(sent(relayed)), "initial");
    EXPECT_EQ(word(sent(consigned)), "processing");
    EXPECT_EQ(word(sent(handed_over)), "done");
    for (const auto end : {rejected, recalled, expired, undeliverable}) EXPECT_EQ(word(sent(end)), "fail");
    auto arrived = sent(relayed);
    arrived.consigned_at = later;
    EXPECT_EQ(word(arrived), "processing") << "evidence tells of the inbox before it tells of the end";
}

TEST(axis_rows, a_failure_says_why) {
    using enum delivery_state;
    const auto text = [](delivery_state s, const std::string& why) { return receive_status_text(sent(s, why)); };
    EXPECT_EQ(text(rejected, "không mở được tệp"), "Hệ thống nhận từ chối: không mở được tệp");
    EXPECT_EQ(text(undeliverable, "recipient_closed"),
              "Không giao được: Cơ quan nhận đã ngừng hoạt động (recipient_closed)");
    EXPECT_EQ(text(undeliverable, "recipient_closed: 000.00.12.H43"),
              "Không giao được: Cơ quan nhận đã ngừng hoạt động (recipient_closed: 000.00.12.H43)");
    EXPECT_EQ(text(expired, ""), "Quá hạn giao");
    EXPECT_EQ(text(recalled, ""), "Đã thu hồi");
}

std::string text_in(const json::object& o, std::string_view name) { return json::value_to<std::string>(o.at(name)); }

/// The SDK reads every member as text; a number, a null or an absent one could break its reader.
void expect_texts(const json::object& o, const std::vector<std::string>& names) {
    EXPECT_EQ(o.size(), names.size());
    for (const auto& name : names) {
        const auto* member = o.if_contains(name);
        EXPECT_TRUE(member && member->is_string()) << name;
    }
}

TEST(axis_rows, a_sent_delivery_as_the_sdk_reads_it) {
    auto row = sent(delivery_state::consigned);
    const std::vector<std::string> names = {"serviceType", "receiverDocId",    "toCode",         "receiveStatus",
                                            "title",       "messageType",      "notation",       "receivedTime",
                                            "sentTime",    "sendStatus",       "sendStatusDesc", "senderDocId",
                                            "fromCode",    "receiveStatusDesc"};
    const auto empty = describe_axis_sent(row);
    expect_texts(empty, names);
    EXPECT_EQ(text_in(empty, "receivedTime"), "");
    row.consigned_at = later;
    const auto o = describe_axis_sent(row);
    expect_texts(o, names);
    EXPECT_EQ(text_in(o, "serviceType"), "eDoc");
    EXPECT_EQ(text_in(o, "messageType"), "edoc");
    EXPECT_EQ(text_in(o, "senderDocId"), row.id.str());
    EXPECT_EQ(text_in(o, "receiverDocId"), row.delivery_id.str());
    EXPECT_EQ(text_in(o, "fromCode"), row.from);
    EXPECT_EQ(text_in(o, "toCode"), row.to);
    EXPECT_EQ(text_in(o, "title"), row.subject);
    EXPECT_EQ(text_in(o, "notation"), row.code);
    EXPECT_EQ(text_in(o, "sentTime"), "2026-11-21T08:00:00.125+07:00");
    EXPECT_EQ(text_in(o, "receivedTime"), "2026-11-21T09:30:00.000+07:00");
    EXPECT_EQ(text_in(o, "sendStatus"), "done");
    EXPECT_EQ(text_in(o, "receiveStatus"), "processing");
}

TEST(axis_rows, what_waits_as_the_sdk_reads_it) {
    store::inbox_item item;
    item.delivery_id = *uuid::parse("019a0000-0000-7000-8000-000000000002");
    item.kind = dispatch_kind::status;
    item.from = "000.00.12.H43";
    item.to = "000.00.00.G22";
    item.consigned_at = accepted;
    const std::vector<std::string> names = {"docId", "serviceType", "messageType", "created_time", "updated_time",
                                            "from",  "to",          "status",      "status_desc"};
    auto o = describe_axis_received(item);
    expect_texts(o, names);
    EXPECT_EQ(text_in(o, "docId"), item.delivery_id.str());
    EXPECT_EQ(text_in(o, "messageType"), "status");
    EXPECT_EQ(text_in(o, "to"), item.to) << "one code and no list: an item is for one recipient";
    EXPECT_EQ(text_in(o, "status"), "initial") << "nothing was said of it yet";
    EXPECT_EQ(text_in(o, "created_time"), "2026-11-21T08:00:00.125+07:00");
    EXPECT_EQ(text_in(o, "updated_time"), text_in(o, "created_time"));

    item.said = store::reported::failed;
    item.said_at = later;
    item.attempts = 3;
    o = describe_axis_received(item);
    expect_texts(o, names);
    EXPECT_EQ(text_in(o, "status"), "fail");
    EXPECT_NE(text_in(o, "status_desc").find('3'), std::string::npos);
    EXPECT_EQ(text_in(o, "updated_time"), "2026-11-21T09:30:00.000+07:00");
    item.said = store::reported::processing;
    EXPECT_EQ(text_in(describe_axis_received(item), "status"), "processing");
}

TEST(axis_rows, a_frame_looks_like_any_good_answer) {
    const auto [head, tail] = axis_frame::of(axis_data::text);
    EXPECT_EQ(head + "YQ==" + tail, axis_answer({{"data", "YQ=="}}).body);
    const auto [begin, end] = axis_frame::of(axis_data::list);
    EXPECT_EQ(begin + "{},{}" + end, axis_answer({{"data", {json::object(), json::object()}}}).body);
}

} // namespace
} // namespace truc::api
