#include "folder_notes.hpp"

#include <truc/base/ascii.hpp>
#include <truc/base/printable.hpp>

#include <fmt/format.h>

namespace truc::tdoffice {

namespace {

constexpr std::string_view line_end = "\r\n";
constexpr std::string_view id_label = "Mã Truc: ";
constexpr std::string_view key_label = "Mã tra cứu: ";
constexpr std::size_t longest_number = 100;

/// The text of the first element of that name, whatever its prefix.
std::string text_of_first(std::string_view edxml, std::string_view name) {
    const auto mark = std::string(name) + ">";
    auto at = edxml.find(mark);
    while (at != std::string_view::npos &&
           (at == 0 || std::string_view("<:").find(edxml[at - 1]) == std::string_view::npos))
        at = edxml.find(mark, at + 1);
    if (at == std::string_view::npos) return {};
    const auto rest = edxml.substr(at + mark.size());
    return printable(trim(rest.substr(0, rest.find('<')), " \t\r\n"), longest_number);
}

std::string behind(std::string_view text, std::string_view label) {
    auto at = text.find(label);
    while (at != std::string_view::npos && at > 0 && text[at - 1] != '\n') at = text.find(label, at + 1);
    if (at == std::string_view::npos) return {};
    const auto rest = text.substr(at + label.size());
    return std::string(rest.substr(0, rest.find_first_of(line_end)));
}

/// dd/MM/yyyy HH:mm:ss in Vietnam's time.
std::string moment(timestamp t) {
    const auto text = to_rfc3339(t);
    return fmt::format("{}/{}/{} {}", text.substr(8, 2), text.substr(5, 2), text.substr(0, 4), text.substr(11, 8));
}

std::string one_line(std::string text) {
    for (char& c : text)
        if (static_cast<unsigned char>(c) < ' ') c = ' ';
    return text;
}

std::string name_of(const document_name& d) {
    return d.number.empty() ? d.file : fmt::format("{} (số {})", d.file, d.number);
}

} // namespace

std::string number_in(std::string_view edxml) {
    const auto number = text_of_first(edxml, "CodeNumber");
    const auto notation = text_of_first(edxml, "CodeNotation");
    if (number.empty() && notation.empty()) return text_of_first(edxml, "Code"); // of ResponseFor: a status
    return number + "/" + notation;
}

std::string done_text(const document_name& d, const adapter::outgoing_report& r) {
    std::string text;
    for (const auto& line :
         {"Văn bản: " + name_of(d), std::string("Đã gửi vào trục liên thông."), std::string(id_label) + r.dispatch_id,
          "Tiếp nhận lúc: " + moment(r.at), std::string(key_label) + r.key})
        text.append(line).append(line_end);
    return text;
}

std::string recipient_line(const adapter::outgoing_report& r) {
    if (r.reached == adapter::outgoing_report::stage::handed_over)
        return fmt::format("{}: đã nhận lúc {}{}", r.recipient, moment(r.at), line_end);
    return fmt::format("{}: KHÔNG đến nơi, {}: {} [{}]{}", r.recipient, moment(r.at), one_line(r.text), r.code,
                       line_end);
}

std::string err_text(const document_name& d, const std::string& err_file, const adapter::outgoing_report& r) {
    const auto what_to_do = fmt::format("Cách sửa: sửa lỗi trên rồi lưu lại tệp {}; hệ thống sẽ tự gửi lại. Nếu muốn "
                                        "gửi lại mà không sửa, hãy xóa tệp {}.",
                                        d.file, err_file);
    std::string text;
    for (const auto& line :
         {fmt::format("Văn bản {} CHƯA được gửi.", name_of(d)), "Lỗi: " + one_line(r.text), what_to_do,
          "Mã lỗi: " + r.code, "Thời điểm: " + moment(r.at), std::string(key_label) + r.key})
        text.append(line).append(line_end);
    return text;
}

std::string dispatch_in(std::string_view done_text) { return behind(done_text, id_label); }
std::string key_in(std::string_view note) { return behind(note, key_label); }

} // namespace truc::tdoffice
