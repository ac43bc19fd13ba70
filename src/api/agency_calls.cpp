#include "agency_calls.hpp"

#include <truc/directory/edit.hpp>
#include <truc/directory/json_lines.hpp>
#include <truc/directory/text_lines.hpp>

namespace truc::api {

namespace {

result<std::vector<directory::agency>> read_agencies(std::string_view lines) {
    std::vector<directory::agency> agencies;
    for (std::size_t number = 1; !lines.empty(); ++number) {
        const auto line = directory::take_line(lines);
        if (!directory::is_record(line)) continue;
        auto record = directory::from_json_line(line);
        if (!record) return fail(errc::bad_directory, "line " + std::to_string(number) + ": " + record.error().what);
        auto* agency = std::get_if<directory::agency>(&*record);
        if (!agency) return fail(errc::bad_directory, "line " + std::to_string(number) + ": expected an agency");
        agencies.push_back(std::move(*agency));
    }
    return agencies;
}

result<std::optional<agency_code>> read_successor(const std::string& body) {
    boost::system::error_code ec;
    const auto parsed = json::parse(body.empty() ? "{}" : body, ec);
    if (ec || !parsed.is_object()) return fail(errc::bad_request, "body");
    const auto* successor = parsed.get_object().if_contains("successor");
    if (!successor) return std::nullopt;
    const auto* text = successor->if_string();
    auto code = text ? agency_code::parse(std::string_view(*text)) : std::nullopt;
    if (!code) return fail(errc::bad_request, "successor: expected an agency's code");
    return code;
}

} // namespace

result<http::response> import_agencies(directory_file& file, const std::string& lines) {
    const auto agencies = read_agencies(lines);
    if (!agencies) return fail(agencies.error());
    const auto written =
        file.change([&](const std::string& text) { return directory::with_agencies(text, *agencies); });
    if (!written) return fail(written.error());
    return answer(200, json::object{{"imported", agencies->size()}});
}

result<http::response> close_agency(const services& s, directory_file& file, const std::string& code,
                                    const std::string& body) {
    const auto successor = read_successor(body);
    if (!successor) return fail(successor.error());
    std::optional<directory::agency> closed;
    const auto written = file.change([&](const std::string& text) -> result<std::string> {
        const auto before = directory::directory::parse(text, s.directory_file.string());
        if (!before) return fail(before.error());
        const auto* found = before->find_agency(code);
        if (!found) return fail(errc::not_found, code);
        closed = *found;
        closed->valid_to = s.clock.now();
        if (!*successor) return directory::with_agencies(text, {*closed});
        closed->successors = {**successor};
        const auto context = lines_about(**successor, *before, *s.intake.current_directory());
        return directory::with_agencies(text + context, {*closed});
    });
    if (!written) return fail(written.error());
    return answer(200, json::object{{"code", closed->code.str()}, {"valid_to", to_rfc3339(*closed->valid_to)}});
}

} // namespace truc::api
