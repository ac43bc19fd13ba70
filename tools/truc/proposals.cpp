// agency proposals, confirm, decline: what clients want changed in the directory, and what becomes of it.
#include "fields.hpp"
#include "session.hpp"
#include "text.hpp"
#include "verbs.hpp"
#include "words.hpp"

#include <boost/json/serialize.hpp>

namespace truc::cli {

namespace {

std::string kind_in_words(std::string_view kind) {
    if (kind == "registration") return words("new agency", "cơ quan mới");
    return kind == "closing" ? words("closing", "ngừng hoạt động") : std::string(kind);
}

std::string state_of_proposal(std::string_view state) {
    if (state == "open") return words("open", "chưa xử lý");
    if (state == "confirmed") return words("confirmed", "đã xác nhận");
    return state == "declined" ? words("declined", "không chấp nhận") : std::string(state);
}

json::object agency_of(const json::object& proposal) {
    const auto* a = proposal.if_contains("agency");
    return a && a->is_object() ? a->get_object() : json::object();
}

outcome<exit_code> decide(const context& c, const proposal_options& o, std::string_view decision) {
    auto s = connect_as_administrator(c);
    if (!s) return stop(s.error());
    const auto done = s->post(target("/admin/proposals/" + client::percent_encode(o.number)), "application/json",
                              json::serialize(json::object{{"decision", decision}}), false);
    if (!done) return stop(done.error());
    c.object(*done);
    c.line(words("Proposal {} ({}, {}): {}.", "Đề nghị {} ({}, {}): {}.", text_field(*done, "number"),
                 kind_in_words(text_field(*done, "kind")), text_field(*done, "code"),
                 state_of_proposal(text_field(*done, "state"))));
    return exit_code::done;
}

} // namespace

outcome<exit_code> agency_proposals(const context& c, const proposal_options& o) {
    auto s = connect_as_administrator(c);
    if (!s) return stop(s.error());
    const auto items = s->get_list(target("/admin/proposals").with("all", o.all ? "1" : ""));
    if (!items) return stop(items.error());
    table t({{words("NUMBER", "SỐ"), 0, false, true},
             {words("WHAT", "VIỆC")},
             {words("CODE", "MÃ")},
             {words("NAME", "TÊN"), 0, true},
             {words("PARENT", "CẤP TRÊN"), 2},
             {words("CLIENT", "HỆ THỐNG"), 0},
             {words("PROPOSED", "ĐỀ NGHỊ LÚC"), 1},
             {words("STATE", "TÌNH TRẠNG"), 1}});
    for (const auto& i : *items) {
        const auto a = agency_of(i);
        t.add({text_field(i, "number"), kind_in_words(text_field(i, "kind")), text_field(i, "code"),
               text_field(a, "name"), text_field(a, "parent"), text_field(i, "client"),
               brief_time(text_field(i, "proposed_at")), state_of_proposal(text_field(i, "state"))},
              text_field(i, "decided_by"));
    }
    c.show(*items, t);
    return exit_code::done;
}

outcome<exit_code> agency_confirm(const context& c, const proposal_options& o) { return decide(c, o, "confirm"); }
outcome<exit_code> agency_decline(const context& c, const proposal_options& o) { return decide(c, o, "decline"); }

} // namespace truc::cli
