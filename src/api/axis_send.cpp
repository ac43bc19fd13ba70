// sendEdoc: a document or a status, as a bare body or as the part file_doc of a form.
#include "axis_call.hpp"
#include "axis_file.hpp"
#include "submission.hpp"

#include <truc/http/multipart.hpp>

namespace truc::api {

namespace {

/// What a form and the SDK's line end may add to the largest message.
constexpr std::uint64_t wrapping = 64 * 1024;

constexpr std::string_view form_of_to = R"(to: expected a JSON array of agency codes, such as ["000.00.00.G22"])";

result<json::value> parse_json(std::string_view text) {
    boost::system::error_code ec;
    json::parse_options options;
    options.max_depth = 2;
    auto value = json::parse(text, ec, {}, options);
    if (ec) return fail(errc::bad_request, std::string(form_of_to));
    return value;
}

/// An array of codes, or a text that holds one: what the SDK makes of a list that its caller had written as JSON.
result<std::vector<std::string>> recipients_in(std::string_view to) {
    auto value = parse_json(to);
    if (value && value->is_string()) value = parse_json(std::string(value->get_string()));
    if (!value) return fail(value.error());
    const auto* list = value->if_array();
    if (!list || list->empty()) return fail(errc::bad_request, std::string(form_of_to));
    std::vector<std::string> codes;
    for (const auto& code : *list) {
        if (!code.is_string()) return fail(errc::bad_request, std::string(form_of_to));
        codes.emplace_back(code.get_string());
    }
    return codes;
}

/// Of the headers only `to` asks anything: what the message is and whose, it says itself.
result<intake::wishes> wishes_of(const axis_call& c) {
    intake::wishes w;
    const auto to = c.parameter("to");
    if (to.empty()) return w;
    auto codes = recipients_in(to);
    if (!codes) return fail(codes.error());
    w.only_to = std::move(*codes);
    return w;
}

piece_taker bare(axis_file& file) {
    return [&file](std::string_view piece) { return piece.empty() ? file.finish() : file.feed(piece); };
}

piece_taker form(http::multipart_reader parts, axis_file& file) {
    const auto take = [&file](std::string_view content) { return file.feed(content); };
    return [parts = std::move(parts), take, &file](std::string_view piece) mutable {
        if (!piece.empty()) return parts.feed(piece, take);
        auto complete = parts.finish();
        return complete ? file.finish() : complete;
    };
}

result<piece_taker> way_into(axis_file& file, const http::request_head& head) {
    if (head.media_type() != "multipart/form-data") return bare(file);
    auto parts = http::multipart_reader::make(head.header("Content-Type"), "file_doc");
    if (!parts) return fail(parts.error());
    return form(std::move(*parts), file);
}

} // namespace

axis_outcome axis_send_edoc(const services& s, http::request& r, const axis_call& c) {
    const auto hash = c.parameter("hash-file");
    if (hash.empty()) co_return fail(errc::bad_request, "no hash-file");
    auto asked = wishes_of(c);
    if (!asked) co_return fail(asked.error());
    auto message = s.intake.begin(c.channel, std::move(*asked));
    if (!message) co_return fail(message.error());
    axis_file file(hash, *message);
    const auto take = way_into(file, r.head());
    if (!take) co_return fail(take.error());
    r.limit_body(intake::rules_of(c.channel.entrance).largest_message + wrapping);
    auto what = co_await take_in(s, r, *message, *take);
    if (!what) co_return fail(what.error());
    if (!what->accepted) co_return axis_failure(what->accepted.error(), &r.head(), what->refusal.event_id);
    json::object answer{{"DocId", what->accepted->id.str()}};
    co_return axis_answer(std::move(answer));
}

} // namespace truc::api
