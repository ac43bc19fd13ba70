// hold, release, expire, retry, resend: what an administrator does with deliveries. Each leaves an event that names
// who.
#include "fields.hpp"
#include "find.hpp"
#include "verbs.hpp"
#include "words.hpp"

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
    if (!reason.empty()) return {};
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

/// `said`: the sentence for people, with the number in it.
outcome<exit_code> act(const context& c, const action_options& o, const std::string& verb,
                       std::string (*said)(std::int64_t)) {
    auto s = connect_as_administrator(c);
    if (!s) return stop(s.error());
    auto body = selection(c, *s, o);
    if (!body) return stop(body.error());
    if (!o.reason.empty()) (*body)["reason"] = o.reason;
    const auto done = post(*s, "/admin/deliveries/" + verb, *body);
    if (!done) return stop(done.error());
    c.object(*done);
    const auto changed = number_field(*done, "changed");
    c.line(changed ? said(changed)
                   : words("Nothing of it is in this node's custody, or it stands so already.",
                           "Nút này không giữ lượt nào như vậy, hoặc đã ở trạng thái đó rồi."));
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

} // namespace

outcome<exit_code> hold(const context& c, const action_options& o) {
    if (o.legal) return set_legal_hold(c, o, true);
    if (const auto why = expect_reason(o.reason); !why) return stop(why.error());
    return act(c, o, "hold", [](std::int64_t n) {
        return words("Held: {}. Nothing of it goes on until it is released.",
                     "Đã giữ lại: {}. Không chuyển, không giao cho đến khi được nhả.", n);
    });
}

outcome<exit_code> release(const context& c, const action_options& o) {
    if (o.legal) return set_legal_hold(c, o, false);
    return act(c, o, "release", [](std::int64_t n) {
        return words("Released: {}. It goes on now.", "Đã nhả: {}. Tiếp tục chuyển, giao ngay.", n);
    });
}

outcome<exit_code> expire(const context& c, const action_options& o) {
    if (const auto why = expect_reason(o.reason); !why) return stop(why.error());
    return act(c, o, "expire", [](std::int64_t n) {
        return words("Ended as expired: {}. The sender is told by evidence.",
                     "Đã kết thúc vì quá hạn: {}. Bên gửi được báo bằng chứng cứ.", n);
    });
}

outcome<exit_code> resend(const context& c, const resend_options& o) {
    if (const auto why = expect_reason(o.reason); !why) return stop(why.error());
    auto s = connect_as_administrator(c);
    if (!s) return stop(s.error());
    const auto id = find_id(c, *s, o);
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
