#include "failure.hpp"

#include "fields.hpp"
#include "text.hpp"
#include "words.hpp"

#include <fmt/format.h>

namespace truc::cli {

namespace {

std::string place_in_words(const json::object& problem) {
    std::string place;
    if (const auto line = number_field(problem, "line"); line > 0) {
        place = words("line {}", "dòng {}", line);
        if (const auto column = number_field(problem, "column"); column > 0)
            place += words(", column {}", ", cột {}", column);
    }
    if (const auto path = text_field(problem, "path"); !path.empty())
        place += (place.empty() ? "" : ", ") + printable(path);
    return place;
}

void append_causes(const json::object& problem, std::string& out) {
    const auto* causes = problem.if_contains("causes");
    if (!causes || !causes->is_array()) return;
    for (const auto& cause : causes->get_array())
        if (cause.is_object())
            out += fmt::format("    {}: {}\n", printable(text_field(cause.get_object(), "code")),
                               printable(text_field(cause.get_object(), "detail")));
}

} // namespace

std::string who_in_words(std::string_view who) {
    if (who == "sender") return words("the sender", "bên gửi");
    if (who == "recipient") return words("the recipient", "bên nhận");
    if (who == "network") return words("the network", "đường truyền");
    if (who == "administrator") return words("the administrator", "quản trị viên");
    return std::string(who);
}

failure failure_of(const error& e) {
    const auto& entry = describe(e.code);
    json::object o{{"code", entry.name},
                   {"title", entry.title[static_cast<unsigned>(ui_language())]},
                   {"detail", explain(e, ui_language())},
                   {"retryable", entry.retryable},
                   {"who", to_string(entry.must_act)}};
    if (e.where && e.where->line) o["line"] = e.where->line;
    if (e.where && e.where->column) o["column"] = e.where->column;
    if (e.where && !e.where->path.empty()) o["path"] = e.where->path;
    const bool far = e.code == errc::unreachable || e.code == errc::timeout;
    return failure{far ? exit_code::unreachable : exit_code::no, std::move(o)};
}

failure usage_failure(std::string sentence) {
    return failure{exit_code::usage, json::object{{"code", "usage"}, {"detail", std::move(sentence)}}};
}

failure advised(failure f, std::string advice) {
    f.problem["advice"] = std::move(advice);
    return f;
}

failure no_such(const std::string& what) { return failure_of(error(errc::not_found, what)); }

std::string describe_failure(const failure& f, std::size_t width) {
    const auto& p = f.problem;
    std::string out =
        wrapped(fmt::format("truc: {}: {}", printable(text_field(p, "code")), printable(text_field(p, "detail"))),
                width, 2) +
        "\n";
    append_causes(p, out);
    const auto add = [&out, width](const std::string& name, const std::string& value) {
        constexpr std::size_t indent = 17;
        const auto lead = fmt::format("  {} ", padded(name, indent - 3));
        const std::string filler(indent, 'x'); // what is broken is the text behind the lead
        if (!value.empty()) out += lead + wrapped(filler + value, width, indent).substr(indent) + "\n";
    };
    add(words("where", "ở đâu"), place_in_words(p));
    add(words("who must act", "ai xử lý"), who_in_words(text_field(p, "who")));
    add(words("try again at", "thử lại lúc"), printable(text_field(p, "next_at")));
    add(words("receipt", "biên nhận"), printable(text_field(p, "id")));
    add(words("what to do", "cách xử lý"), printable(text_field(p, "advice")));
    return out;
}

} // namespace truc::cli
