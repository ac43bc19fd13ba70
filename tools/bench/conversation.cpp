#include "conversation.hpp"

#include "failure.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace truc::bench {

namespace {

namespace json = boost::json;

constexpr auto list_request = "GET /v1/inbox?max=16&claim=300 HTTP/1.1\r\nHost: localhost\r\n\r\n";
constexpr std::string_view acknowledgement = R"({"outcome":"accepted"})";

void expect(unsigned status, unsigned expected, std::string_view body) {
    if (status != expected) throw failure(fmt::format("expected {}, got {}: {}", expected, status, body));
}

} // namespace

std::string make_submission(std::string_view document) {
    return fmt::format("POST /v1/documents HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/xml\r\n"
                       "Content-Length: {}\r\n\r\n{}",
                       document.size(), document);
}

std::string_view submitting::next() {
    if (queue_.empty()) return {};
    request_ = std::move(queue_.front());
    queue_.pop_front();
    return request_;
}

bool submitting::answered(unsigned status, std::string_view body) {
    expect(status, 201, body);
    // Parsing the whole answer would cost the machine under measurement more than sending it did.
    constexpr std::string_view member = R"("id":")";
    constexpr std::size_t id_size = 36;
    const auto at = body.find(member);
    if (at == std::string_view::npos) throw failure("an answer without id: " + std::string(body));
    ids_.emplace_back(body.substr(at + member.size(), id_size));
    return true;
}

std::string_view receiving::next() {
    switch (step_) {
    case step::list:
        return list_request;
    case step::content:
        request_ = fmt::format("GET /v1/inbox/{}/content HTTP/1.1\r\nHost: localhost\r\n\r\n", items_.front().delivery);
        return request_;
    case step::acknowledgement:
        request_ = fmt::format("POST /v1/inbox/{}/ack HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                               "Content-Length: {}\r\n\r\n{}",
                               items_.front().delivery, acknowledgement.size(), acknowledgement);
        return request_;
    case step::done:
        break;
    }
    return {};
}

bool receiving::answered(unsigned status, std::string_view body) {
    expect(status, 200, body);
    switch (step_) {
    case step::list:
        take_list(body);
        break;
    case step::content:
        if (sha256(body).hex() != items_.front().sha256)
            throw failure("delivery " + items_.front().delivery + " has other bytes than promised");
        step_ = step::acknowledgement;
        break;
    case step::acknowledgement:
        items_.pop_front();
        step_ = items_.empty() ? step::list : step::content;
        return true;
    case step::done:
        break;
    }
    return false;
}

void receiving::take_list(std::string_view body) {
    const auto list = json::parse(json::string_view(body.data(), body.size()));
    for (const auto& i : list.at("items").as_array())
        items_.push_back(
            {json::value_to<std::string>(i.at("delivery_id")), json::value_to<std::string>(i.at("sha256"))});
    step_ = items_.empty() ? step::done : step::content;
}

} // namespace truc::bench
