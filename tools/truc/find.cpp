#include "find.hpp"

#include "fields.hpp"
#include "words.hpp"

#include <truc/base/uuid.hpp>

namespace truc::cli {

namespace {

constexpr std::size_t most_listed = 50;

outcome<std::vector<json::object>> documents(session& s, std::string_view by, const std::string& text,
                                             const std::string& from) {
    auto found = s.get_list(target("/v1/documents").with(by, text).with("from", from), most_listed);
    if (!found) return found;
    std::vector<json::object> edocs;
    for (const auto& d : *found)
        if (text_field(d, "kind") == "edoc") edocs.push_back(d);
    return edocs.empty() ? *found : edocs;
}

void list_matches(const context& c, const std::vector<json::object>& matches) {
    table t({{words("ID", "MÃ")},
             {words("FROM", "TỪ")},
             {words("ACCEPTED", "TIẾP NHẬN")},
             {words("DOCUMENT", "VĂN BẢN"), 0, true}});
    for (const auto& d : matches)
        t.add({text_field(d, "id"), text_field(d, "from"), brief_time(text_field(d, "accepted_at")),
               text_field(d, "document_id")});
    c.show(matches, t);
}

} // namespace

outcome<std::string> find_id(const context& c, session& s, const std::string& text, const std::string& from) {
    if (const auto id = uuid::parse(text)) return id->str();
    auto matches = documents(s, "document_id", text, from);
    if (matches && matches->empty() && text.find('/') != std::string::npos) matches = documents(s, "code", text, from);
    if (!matches) return stop(matches.error());
    if (matches->empty()) return stop(no_such(text));
    if (matches->size() == 1) return text_field(matches->front(), "id");
    list_matches(c, *matches);
    auto several = no_such(text);
    several.problem["detail"] =
        words("{} matches {} documents: name one by its id, or say whose by --from",
              "{} trùng với {} văn bản: hãy dùng mã của Truc, hoặc chỉ rõ bên gửi bằng --from", text, matches->size());
    several.problem["code"] = "ambiguous";
    return stop(std::move(several));
}

} // namespace truc::cli
