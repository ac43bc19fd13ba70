#include "context.hpp"

#include "text.hpp"
#include "words.hpp"

#include <boost/json/serialize.hpp>

#include <array>
#include <cstdio>

namespace truc::cli {

void context::raw(std::string_view bytes) const {
    std::fwrite(bytes.data(), 1, bytes.size(), stdout);
    std::fflush(stdout);
}

void context::object(const json::object& o) const {
    if (options_.json) raw(json::serialize(o) + "\n");
}

void context::line(std::string_view text) const {
    if (!options_.json) raw(std::string(text) + "\n");
}

void context::paragraph(std::string_view lead, std::string_view text) const {
    const auto indent = display_width(lead);
    // As if the lead were a first word: what is broken is the text behind it.
    const std::string filler(indent, 'x');
    const auto broken = wrapped(filler + printable(text), terminal_width(), indent);
    line(std::string(lead) + broken.substr(filler.size()));
}

void context::note(std::string_view text) const {
    const auto out = wrapped("truc: " + printable(text), terminal_width(), 2) + "\n";
    std::fwrite(out.data(), 1, out.size(), stderr);
}

void context::show(const table& t) const {
    if (!options_.json) raw(t.render(terminal_width()));
}

void context::show(const std::vector<json::object>& objects, const table& t) const {
    for (const auto& o : objects) object(o);
    if (t.empty())
        line(words("Nothing.", "Không có gì."));
    else
        show(t);
}

void context::complain(const failure& f) const {
    if (options_.json) return object(f.problem);
    const auto text = describe_failure(f, terminal_width());
    std::fwrite(text.data(), 1, text.size(), stderr);
}

std::string short_time(std::string_view rfc3339) {
    if (rfc3339.size() < 19) return std::string(rfc3339);
    std::string text(rfc3339.substr(0, 19));
    text[10] = ' ';
    return text;
}

std::string brief_time(std::string_view rfc3339) {
    const auto text = short_time(rfc3339);
    return text.size() == 19 ? text.substr(5) : text;
}

std::string state_in_words(std::string_view state) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 8> vietnamese = {
        {{"queued", "đang chờ"},
         {"relayed", "đã chuyển tiếp"},
         {"consigned", "trong hộp đến"},
         {"handed_over", "đã bàn giao"},
         {"rejected", "bị từ chối"},
         {"recalled", "đã thu hồi"},
         {"expired", "quá hạn"},
         {"undeliverable", "không giao được"}}};
    if (ui_language() == language::english) return std::string(state);
    for (const auto& [word, text] : vietnamese)
        if (word == state) return fmt::format("{} ({})", text, word);
    return std::string(state);
}

} // namespace truc::cli
