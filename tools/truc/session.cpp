#include "session.hpp"

#include "fields.hpp"
#include "stopped_node.hpp"
#include "words.hpp"

#include <boost/json/parse.hpp>

namespace truc::cli {

namespace {

/// The node's own words where it sent some; else its status line.
failure failure_of(const client::http_response& r) {
    json::error_code ec;
    const auto body = json::parse(r.body, ec);
    if (!ec && body.is_object() && body.get_object().contains("code")) return failure{exit_code::no, body.get_object()};
    auto f = cli::failure_of(error(errc::internal, "HTTP " + std::to_string(r.status)));
    f.problem["status"] = r.status;
    return f;
}

/// It cannot be reached for that.
failure node_is_stopped() {
    failure f{exit_code::unreachable, {}};
    f.problem["code"] = "not_ready";
    f.problem["detail"] = words("the node is not running: its store can be looked at, but nothing can be changed",
                                "nút không chạy: chỉ xem được dữ liệu, không thay đổi được gì");
    f.problem["who"] = "administrator";
    f.problem["advice"] = words("start the node, then do it again", "khởi động nút rồi làm lại");
    return f;
}

std::string advice_on(std::string_view code) {
    if (code == "not_found")
        return words("at this socket everything is for you to see: it is misspelt, or this node never had it. `truc "
                     "agency list`, `node list` (only neighbours can be named) and `queue --all` tell what there is",
                     "ở socket này bạn xem được mọi thứ: tên bị gõ sai, hoặc nút chưa từng có. `truc agency list`, "
                     "`node list` (chỉ nêu được nút lân cận) và `queue --all` cho biết nút có gì");
    if (code == "not_in_custody")
        return words("truc why ID tells where it is and whom to ask",
                     "truc why MÃ cho biết văn bản ở đâu và cần hỏi ai");
    return {};
}

/// The catalogue speaks to clients; here the one who asks, and who has to act, is the administrator.
void address_administrator(json::object& problem) {
    if (text_field(problem, "who") == "sender") problem["who"] = to_string(who::administrator);
    if (auto advice = advice_on(text_field(problem, "code")); !advice.empty()) problem["advice"] = std::move(advice);
}

} // namespace

target& target::with(std::string_view name, std::string_view value) {
    if (value.empty()) return *this;
    text_ += has_query_ ? '&' : '?';
    has_query_ = true;
    text_.append(name).append("=").append(client::percent_encode(value));
    return *this;
}

session::session(client::server_address where, client::http_options options, std::string agency)
    : administers_(where.is_local()),
      usual_answer_time_(options.answer_time),
      client_(std::move(where), std::move(options)),
      agency_(std::move(agency)) {}

session::session(std::shared_ptr<stopped_node> node, client::server_address where)
    : session(std::move(where), client::http_options(), {}) {
    stopped_ = std::move(node);
    speak_to_administrator();
}

failure session::no_answer() const {
    const auto limit = answer_time_.count() > 0 ? answer_time_ : usual_answer_time_;
    auto f = cli::failure_of(error(errc::timeout, ""));
    f.problem["detail"] = words("no answer came within {} s; what was to be changed may have been done all the same",
                                "không có trả lời trong {} giây; việc cần thay đổi có thể vẫn đã được thực hiện",
                                std::chrono::duration_cast<std::chrono::seconds>(limit).count());
    f.problem["who"] = to_string(administers_ ? who::administrator : who::network);
    if (!administers_) return f;
    return advised(std::move(f), words("it runs and stands still, or is overloaded: look at it with systemctl status "
                                       "trucd, at its log and at the disk",
                                       "tiến trình có chạy nhưng đứng im hoặc quá tải: hãy xem systemctl status "
                                       "trucd, nhật ký và đĩa"));
}

outcome<client::http_response> session::exchange(client::http_request request) {
    request.fields.push_back({"Accept-Language", ui_language() == language::vietnamese ? "vi" : "en"});
    request.answer_time = answer_time_;
    auto answered = client_.send(request);
    if (!answered && answered.error().code == errc::timeout) return stop(no_answer());
    if (!answered) return stop(answered.error());
    if (answered->status / 100 == 2) return std::move(*answered);
    auto refused = failure_of(*answered);
    if (administers_) address_administrator(refused.problem);
    if (stopped_ && text_field(refused.problem, "code") == "not_ready") refused = node_is_stopped();
    return stop(std::move(refused));
}

outcome<std::string> session::get_bytes(const target& t) {
    client::http_request request;
    request.target = target(t).with("agency", agency_).str();
    auto answered = exchange(std::move(request));
    if (!answered) return stop(answered.error());
    return std::move(answered->body);
}

outcome<json::value> session::get(const target& t) {
    const auto body = get_bytes(t);
    if (!body) return stop(body.error());
    json::error_code ec;
    auto value = json::parse(*body, ec);
    if (ec) return stop(error(errc::bad_request, "the node's answer is not JSON"));
    return value;
}

outcome<json::object> session::get_object(const target& t) {
    auto value = get(t);
    if (!value) return stop(value.error());
    if (!value->is_object()) return stop(error(errc::bad_request, "the node's answer is no object"));
    return std::move(value->get_object());
}

outcome<std::vector<json::object>> session::get_list(const target& t, std::size_t most) {
    std::vector<json::object> all;
    std::string after;
    do {
        const auto page = get_object(target(t).with("after", after));
        if (!page) return stop(page.error());
        for (auto& item : objects_field(*page, "items")) all.push_back(std::move(item));
        after = text_field(*page, "next");
    } while (!after.empty() && all.size() < most);
    if (all.size() > most) all.resize(most);
    return all;
}

outcome<json::object> session::post(const target& t, std::string_view content_type, std::string_view body,
                                    bool repeatable) {
    client::http_request request;
    request.method = "POST";
    request.target = target(t).with("agency", agency_).str();
    request.fields.push_back({"Content-Type", std::string(content_type)});
    request.body = body;
    request.repeatable = repeatable;
    const auto answered = exchange(std::move(request));
    if (!answered) return stop(answered.error());
    json::error_code ec;
    auto value = json::parse(answered->body, ec);
    if (ec || !value.is_object()) return stop(error(errc::bad_request, "the node's answer is no JSON object"));
    return std::move(value.get_object());
}

} // namespace truc::cli
