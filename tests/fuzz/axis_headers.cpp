// What stands in front of the axis façade's operations: signed headers, read by somebody who knows a good secret, and
// forms with a file, which must come out the same however they are cut.
#include <truc/api/axis_signature.hpp>
#include <truc/http/multipart.hpp>

#include <cstdint>
#include <cstdlib>

namespace {

using namespace truc;

http::request_head head_of(std::string_view text) {
    http::request_head head;
    while (!text.empty()) {
        const auto end = std::min(text.find("\r\n"), text.size());
        const auto line = text.substr(0, end);
        text.remove_prefix(std::min(end + 2, text.size()));
        const auto colon = line.find(": ");
        if (colon == std::string_view::npos) continue;
        head.fields.push_back({std::string(line.substr(0, colon)), std::string(line.substr(colon + 2))});
    }
    return head;
}

void read_headers(std::string_view text) {
    const auto headers = api::axis_headers::read(head_of(text));
    if (!headers) return;
    (void)headers->signed_with("s3cret");
    const auto parameters = headers->parameters();
    if (!parameters) return;
    // Who is believed is who was looked up.
    if (parameters->at("systemid") != headers->system_id()) std::abort();
    (void)api::check_axis_time(parameters->at("timestamp"), timestamp());
}

std::optional<std::string> read_form(std::string_view body, std::size_t piece) {
    auto reader = http::multipart_reader::make("multipart/form-data; boundary=b", "file_doc");
    std::string content;
    const auto take = [&content](std::string_view bytes) {
        content.append(bytes);
        return result<void>();
    };
    for (std::size_t at = 0; at < body.size(); at += piece)
        if (!reader->feed(body.substr(at, piece), take)) return std::nullopt;
    if (!reader->finish()) return std::nullopt;
    return content;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    read_headers(text);
    const auto whole = read_form(text, size + 1);
    if (read_form(text, 1) != whole || read_form(text, 3) != whole) std::abort();
    return 0;
}
