#include "phrases.hpp"

#include <truc/base/result.hpp>

#include <fmt/format.h>

namespace truc {

extern const catalogue_entry error_catalogue[];
extern const unsigned error_catalogue_size;

const catalogue_entry& describe(errc code) { return error_catalogue[static_cast<unsigned>(code)]; }

std::optional<errc> errc_from_name(std::string_view name) {
    for (unsigned i = 0; i < error_catalogue_size; ++i)
        if (error_catalogue[i].name == name) return static_cast<errc>(i);
    return std::nullopt;
}

namespace {

std::string place_of(const location& where, language lang) {
    std::string place;
    const bool vi = lang == language::vietnamese;
    if (where.line) place += fmt::format("{} {}", vi ? "dòng" : "line", where.line);
    if (where.column) place += fmt::format(", {} {}", vi ? "cột" : "column", where.column);
    if (!where.path.empty()) place += (place.empty() ? "" : ", ") + where.path;
    return place;
}

} // namespace

std::string explain(const error& e, language lang) {
    std::string text(describe(e.code).detail[static_cast<unsigned>(lang)]);
    constexpr std::string_view mark = "{what}";
    if (const auto at = text.find(mark); at != std::string::npos)
        text.replace(at, mark.size(), lang == language::vietnamese ? to_vietnamese(e.what) : e.what);
    if (e.where)
        if (const auto place = place_of(*e.where, lang); !place.empty()) text += " (" + place + ")";
    return text;
}

std::string_view to_string(who w) {
    switch (w) {
    case who::sender:
        return "sender";
    case who::recipient:
        return "recipient";
    case who::network:
        return "network";
    case who::administrator:
        return "administrator";
    }
    return "administrator";
}

} // namespace truc
