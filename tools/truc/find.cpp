#include "find.hpp"

#include "evidence.hpp"
#include "fields.hpp"
#include "moments.hpp"
#include "words.hpp"

#include <truc/base/uuid.hpp>

namespace truc::cli {

namespace {

constexpr std::size_t most_listed = 50;

/// At most `most_listed`.
struct matching {
    std::vector<json::object> documents;
    bool more = false;
};

/// `by`: the member that `o.id` is the value of.
outcome<matching> documents(session& s, std::string_view by, const find_options& o) {
    const auto now = system_clock().now();
    const auto since = moment_of(o.since, now);
    if (!since) return stop(since.error());
    const auto until = moment_of(o.until, now);
    if (!until) return stop(until.error());
    auto found = s.get_list(target("/v1/documents")
                                .with(by, o.id)
                                .with("from", o.from)
                                .with("recipient", o.recipient)
                                .with("since", *since)
                                .with("until", *until),
                            most_listed + 1);
    if (!found) return stop(found.error());
    const bool more = found->size() > most_listed;
    if (more) found->resize(most_listed);
    std::vector<json::object> edocs;
    for (const auto& d : *found)
        if (text_field(d, "kind") == "edoc") edocs.push_back(d);
    return matching{edocs.empty() ? std::move(*found) : std::move(edocs), more};
}

void list_matches(const context& c, const std::vector<json::object>& matches) {
    table t({{words("ID", "MÃ")},
             {words("FROM", "TỪ")},
             {words("ACCEPTED", "TIẾP NHẬN")},
             {words("DOCUMENT", "VĂN BẢN"), 0, true}});
    for (const auto& d : matches) {
        const auto number = text_field(d, "code");
        t.add({text_field(d, "id"), text_field(d, "from"), brief_time(text_field(d, "accepted_at")),
               number.empty() ? text_field(d, "document_id") : number});
    }
    c.show(matches, t);
}

/// `node.epoch.leaf`.
bool is_event_id(std::string_view text) {
    const auto last = text.rfind('.');
    if (last == std::string_view::npos || last == 0) return false;
    const auto middle = text.rfind('.', last - 1);
    const auto is_number = [](std::string_view part) {
        return !part.empty() && part.size() < 20 && part.find_first_not_of("0123456789") == std::string_view::npos;
    };
    return middle != std::string_view::npos && middle > 0 &&
           text.substr(0, middle).find('.') == std::string_view::npos &&
           is_number(text.substr(middle + 1, last - middle - 1)) && is_number(text.substr(last + 1));
}

/// The delivery that the event is about, else its dispatch.
outcome<std::string> about_event(session& s, const std::string& event) {
    const auto receipt = s.get_bytes(target("/v1/receipts/" + client::percent_encode(event)));
    if (!receipt) return stop(receipt.error());
    const auto e = event_of(*receipt);
    if (!e) return stop(e.error());
    if (e->delivery_id) return e->delivery_id->str();
    if (e->dispatch_id) return e->dispatch_id->str();
    return stop(advised(no_such(event), words("this event is about no document", "sự kiện này không về văn bản nào")));
}

failure not_known(const std::string& text) {
    return advised(no_such(text.empty() ? words("no such document", "không có văn bản như vậy") : text),
                   words("ask another node (--at, with --network; the one that accepted it knows all), or list "
                         "deliveries: truc queue --all "
                         "--recipient CODE --since 3d. An ID is Truc's id, a delivery id, an event id, a DocumentId or "
                         "number/notation",
                         "hãy hỏi nút khác (--at, cùng --network; nút tiếp nhận biết đầy đủ), hoặc liệt kê: truc queue "
                         "--all --recipient MÃ "
                         "--since 3d. MÃ là mã của Truc, mã lượt giao, mã sự kiện, DocumentId hoặc số/ký hiệu"));
}

failure ambiguous(const std::string& text, const matching& m) {
    auto several = no_such(text);
    several.problem["code"] = "ambiguous";
    several.problem["more"] = m.more;
    several.problem["detail"] = words(
        "{} matches {}{} documents: name one by its id, or say more by --from, --recipient, --since, --until",
        "{} trùng với {}{} văn bản: hãy dùng mã của Truc, hoặc nêu thêm --from, --recipient, --since, --until",
        text.empty() ? words("this", "yêu cầu") : text, m.more ? words("more than ", "hơn ") : "", m.documents.size());
    return several;
}

} // namespace

bool names_something(const find_options& o) {
    return !o.id.empty() || !o.from.empty() || !o.recipient.empty() || !o.since.empty() || !o.until.empty();
}

outcome<std::string> find_id(const context& c, session& s, const find_options& o) {
    if (!names_something(o))
        return stop(usage_failure(words("say which: {}; or by --from, --recipient, --since, --until",
                                        "hãy nêu: {}; hoặc dùng --from, --recipient, --since, --until", id_words())));
    if (const auto id = uuid::parse(o.id)) return id->str();
    if (is_event_id(o.id)) return about_event(s, o.id);
    auto matches = documents(s, "document_id", o);
    if (matches && matches->documents.empty() && o.id.find('/') != std::string::npos) matches = documents(s, "code", o);
    if (!matches) return stop(matches.error());
    if (matches->documents.empty()) return stop(not_known(o.id));
    if (matches->documents.size() == 1 && !matches->more) return text_field(matches->documents.front(), "id");
    list_matches(c, matches->documents);
    return stop(ambiguous(o.id, *matches));
}

std::string id_words() {
    return words("Truc's id, delivery id, event id, DocumentId or number/notation",
                 "mã của Truc, mã lượt giao, mã sự kiện, DocumentId hoặc số/ký hiệu");
}

} // namespace truc::cli
