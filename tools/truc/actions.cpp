// hold, release, expire, retry, resend: what an administrator does with deliveries. Each leaves an event that names
// who.
#include "fields.hpp"
#include "find.hpp"
#include "verbs.hpp"
#include "words.hpp"

#include <truc/base/ascii.hpp>
#include <truc/model/agency_code.hpp>

#include <boost/json/serialize.hpp>

namespace truc::cli {

namespace {

outcome<json::array> ids_of(const context& c, session& s, const action_options& o) {
    json::array ids;
    for (const auto& text : o.ids) {
        find_options named;
        named.id = text;
        named.from = o.from;
        const auto id = find_id(c, s, named);
        if (!id) return stop(id.error());
        ids.emplace_back(*id);
    }
    return ids;
}

outcome<void> expect_reason(const std::string& reason) {
    if (!trim(reason, " \t\r\n").empty()) return {};
    return stop(usage_failure(words("say why: --reason TEXT; it stands in the event, which the sender reads",
                                    "hãy nêu lý do: --reason; lý do nằm trong sự kiện mà bên gửi đọc được")));
}

/// Which deliveries: IDs, --to or --recipient, one of the three.
outcome<json::object> selection(const context& c, session& s, const action_options& o) {
    const int named = int(!o.ids.empty()) + int(!o.to.empty()) + int(!o.recipient.empty());
    if (named != 1)
        return stop(usage_failure(words("say which deliveries: IDs, --to NODE or --recipient CODE",
                                        "hãy cho biết lượt giao nào: các MÃ, --to NÚT hoặc --recipient MÃ_CƠ_QUAN")));
    json::object body;
    if (!o.to.empty()) body["to"] = o.to;
    if (!o.recipient.empty()) body["recipient"] = o.recipient;
    if (!o.ids.empty()) {
        auto ids = ids_of(c, s, o);
        if (!ids) return stop(ids.error());
        body["ids"] = std::move(*ids);
    }
    return body;
}

outcome<json::object> post(session& s, const std::string& path, const json::object& body) {
    return s.post(target(path), "application/json", json::serialize(body), true);
}

/// What a verb says when it is done.
struct sentences {
    std::string (*done)(std::int64_t changed);
    std::string stands_so; ///< of deliveries that were named
    std::string in_doubt;  ///< of those that a neighbour may have already
};

/// Nothing was changed: an error when nothing that was named is here.
std::string say_unchanged(const action_options& o, const sentences& say) {
    if (!o.ids.empty()) return say.stands_so;
    return words("Nothing that waits here for {} is to be changed.", "Ở đây không có gì đang chờ {} cần thay đổi.",
                 o.to.empty() ? o.recipient : o.to);
}

void say_doubt(const context& c, std::int64_t count, const sentences& say) {
    if (count == 0) return;
    c.paragraph("", words("Of these up to {} may be at a neighbour already, which was offered them and has not "
                          "answered. {} `truc why ID` tells.",
                          "Trong đó có tới {} lượt có thể nút lân cận đã nhận: đã chuyển nhưng nút đó chưa trả lời. {} "
                          "Xem `truc why MÃ`.",
                          count, say.in_doubt));
}

outcome<exit_code> act(const context& c, const action_options& o, const std::string& verb, const sentences& say) {
    auto s = connect_as_administrator(c);
    if (!s) return stop(s.error());
    auto body = selection(c, *s, o);
    if (!body) return stop(body.error());
    if (!o.reason.empty()) (*body)["reason"] = o.reason;
    if (o.ids.empty()) s->wait_for_long_work();
    const auto done = post(*s, "/admin/deliveries/" + verb, *body);
    if (!done) return stop(done.error());
    c.object(*done);
    const auto changed = number_field(*done, "changed");
    c.paragraph("", changed ? say.done(changed) : say_unchanged(o, say));
    say_doubt(c, number_field(*done, "in_doubt"), say);
    return changed ? exit_code::done : exit_code::no;
}

outcome<exit_code> set_legal_hold(const context& c, const action_options& o, bool hold) {
    if (o.ids.empty() || !o.to.empty() || !o.recipient.empty())
        return stop(usage_failure(
            words("--legal is about documents: say their IDs", "--legal áp dụng cho văn bản: hãy nêu các MÃ")));
    if (const auto why = expect_reason(o.reason); !why) return stop(why.error());
    auto s = connect_as_administrator(c);
    if (!s) return stop(s.error());
    const auto ids = ids_of(c, *s, o);
    if (!ids) return stop(ids.error());
    for (const auto& id : *ids) {
        const auto done = post(*s, "/admin/legal-hold", {{"id", id}, {"hold", hold}, {"reason", o.reason}});
        if (!done) return stop(done.error());
        c.object(*done);
        const std::string_view name = id.get_string();
        c.line(hold ? words("{}: its content is kept until the legal hold is released.",
                            "{}: nội dung được giữ lại cho đến khi bỏ yêu cầu pháp lý.", name)
                    : words("{}: the legal hold is released; retention counts again.",
                            "{}: đã bỏ yêu cầu pháp lý; thời hạn lưu lại có hiệu lực.", name));
    }
    return exit_code::done;
}

outcome<json::object> retry_body(const context& c, session& s, const retry_options& o) {
    const int named = int(o.all) + int(!o.to.empty()) + int(names_something(o));
    if (named != 1)
        return stop(usage_failure(words("say what to try again: --all, --to NODE or an ID",
                                        "hãy cho biết thử lại gì: --all, --to NÚT hoặc một MÃ")));
    if (o.all) return json::object();
    if (!o.to.empty()) return json::object{{"to", o.to}};
    const auto id = find_id(c, s, o);
    if (!id) return stop(id.error());
    return json::object{{"id", *id}};
}

bool is_for(const json::object& delivery, const std::string& recipient) {
    const auto wanted = agency_code::parse(recipient);
    const auto code = text_field(delivery, "code");
    return recipient.empty() || code == recipient || (wanted && wanted->str() == code);
}

failure several_deliveries(const context& c, const std::vector<json::object>& among) {
    table t({{words("DELIVERY", "LƯỢT GIAO")},
             {words("RECIPIENT", "BÊN NHẬN")},
             {words("STATE", "TRẠNG THÁI"), 0, true},
             {words("REPEATS", "GỬI LẠI CỦA"), 1}});
    for (const auto& v : among)
        t.add({text_field(v, "delivery_id"), text_field(v, "code"), state_in_words(text_field(v, "state")),
               text_field(v, "resent_from")});
    c.show(among, t);
    failure f{exit_code::no, {{"code", "ambiguous"}}};
    f.problem["detail"] =
        words("it has {} deliveries: name one by its id, or its recipient by --recipient",
              "văn bản có {} lượt giao: hãy nêu mã lượt giao, hoặc bên nhận bằng --recipient", among.size());
    return f;
}

/// The one delivery that is meant, whatever names it: of a document with several the recipient tells which.
outcome<std::string> find_delivery(const context& c, session& s, const find_options& o) {
    const auto id = find_id(c, s, o);
    if (!id) return stop(id.error());
    const auto d = s.get_object(target("/v1/documents/" + *id));
    if (!d) return stop(d.error());
    std::vector<json::object> among;
    for (auto& v : objects_field(*d, "recipients")) {
        if (text_field(v, "delivery_id") == *id) return *id;
        if (is_for(v, o.recipient)) among.push_back(std::move(v));
    }
    if (among.empty()) return stop(no_such(o.recipient.empty() ? *id : o.recipient));
    if (among.size() > 1) return stop(several_deliveries(c, among));
    return text_field(among.front(), "delivery_id");
}

} // namespace

outcome<exit_code> hold(const context& c, const action_options& o) {
    if (o.legal) return set_legal_hold(c, o, true);
    if (const auto why = expect_reason(o.reason); !why) return stop(why.error());
    const auto done = [](std::int64_t n) {
        return words("Held: {}. What is here goes no further until it is released.",
                     "Đã giữ lại: {}. Phần đang ở đây không chuyển, không giao cho đến khi được nhả.", n);
    };
    return act(c, o, "hold",
               {done, words("It is held already.", "Lượt giao đã được giữ từ trước."),
                words("Where it took them, they go on there and the hold is without effect.",
                      "Nếu nút đó đã nhận thì văn bản đi tiếp từ đó và việc giữ lại không có tác dụng.")});
}

outcome<exit_code> release(const context& c, const action_options& o) {
    if (o.legal) return set_legal_hold(c, o, false);
    const auto done = [](std::int64_t n) {
        return words("Released: {}. It goes on now.", "Đã nhả: {}. Tiếp tục chuyển, giao ngay.", n);
    };
    return act(c, o, "release", {done, words("It is not held.", "Lượt giao không bị giữ."), {}});
}

outcome<exit_code> expire(const context& c, const action_options& o) {
    if (const auto why = expect_reason(o.reason); !why) return stop(why.error());
    const auto done = [](std::int64_t n) {
        return words("Expired: {}. What lies in an inbox has ended; what is to be passed on ends as soon as it is "
                     "certain that no neighbour has it. The sender is told by evidence.",
                     "Cho quá hạn: {}. Phần trong hộp đến đã kết thúc; phần chờ chuyển tiếp kết thúc ngay khi chắc "
                     "chắn không nút lân cận nào đã nhận. Bên gửi được báo bằng chứng cứ.",
                     n);
    };
    return act(c, o, "expire",
               {done, words("It is to expire already.", "Lượt giao đã được lệnh kết thúc từ trước."),
                words("Where it took them, they go on there and do not expire.",
                      "Nếu nút đó đã nhận thì văn bản đi tiếp từ đó và không kết thúc.")});
}

outcome<exit_code> resend(const context& c, const resend_options& o) {
    if (const auto why = expect_reason(o.reason); !why) return stop(why.error());
    auto s = connect_as_administrator(c);
    if (!s) return stop(s.error());
    const auto id = find_delivery(c, *s, o);
    if (!id) return stop(id.error());
    const auto done = post(*s, "/admin/resend", {{"id", *id}, {"reason", o.reason}});
    if (!done) return stop(done.error());
    c.object(*done);
    c.line(words("Sent once more to {}: delivery {}.", "Đã gửi lại tới {}: lượt giao {}.",
                 text_field(*done, "recipient"), text_field(*done, "delivery_id")));
    return exit_code::done;
}

outcome<exit_code> retry(const context& c, const retry_options& o) {
    auto s = connect_as_administrator(c);
    if (!s) return stop(s.error());
    const auto body = retry_body(c, *s, o);
    if (!body) return stop(body.error());
    const auto done = post(*s, "/admin/retry", *body);
    if (!done) return stop(done.error());
    c.object(*done);
    const auto lanes = list_field(*done, "retried");
    c.line(lanes.empty() ? words("Nothing of it waits to be passed on here.", "Ở đây không có gì đang chờ chuyển tiếp.")
                         : words("Tried again now: {}.", "Đang thử lại: {}.", lanes));
    return lanes.empty() ? exit_code::no : exit_code::done;
}

} // namespace truc::cli
