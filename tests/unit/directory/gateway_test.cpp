// Agencies behind a gateway: whose they are, and what the gateway's list changes.
#include "section_book_case.hpp"

#include <truc/directory/edit.hpp>
#include <truc/directory/gateway_list.hpp>
#include <truc/directory/json_lines.hpp>

#include <gmock/gmock.h>

#include <chrono>

namespace truc::directory {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

const std::string through = R"(,"gateway":"axis")";
const std::string is_gateway = R"(,"gateway":true)";
const std::string base = file + client_line("axis", "H43", is_gateway);

std::string said_of(const std::string& text) {
    const auto d = directory::parse(text, "x");
    return d ? "" : d.error().what;
}

TEST(gateway, is_read_and_written_back) {
    const auto d = directory::parse(base + agency_line("H02", "ninhthuan", through), "x");
    ASSERT_TRUE(d) << d.error().what;
    EXPECT_EQ(d->find_agency("H02")->gateway, "axis");
    EXPECT_TRUE(d->find_client("axis")->gateway);
    EXPECT_FALSE(d->find_client("thuannam")->gateway);
    EXPECT_EQ(d->home_of(*d->find_client("axis")), "ninhthuan");
    const auto again = from_json_line(to_json_line(*d->find_agency("H02")));
    ASSERT_TRUE(again);
    EXPECT_EQ(std::get<agency>(*again).gateway, "axis");
}

TEST(gateway, of_another_node_or_none_is_refused_with_its_line) {
    const auto line = std::count(base.begin(), base.end(), '\n') + 1;
    const auto at = "x:" + std::to_string(line) + ": ";
    EXPECT_EQ(said_of(base + agency_line("H02", "ninhthuan", R"(,"gateway":"nobody")")),
              at + "agency/gateway: no client that is a gateway has the id nobody");
    EXPECT_EQ(said_of(base + agency_line("H02", "thuannam", R"(,"gateway":"thuannam")")),
              at + "agency/gateway: no client that is a gateway has the id thuannam");
    EXPECT_EQ(said_of(base + agency_line("H02", "phutho", through)),
              at + "agency/gateway: axis is a gateway of node ninhthuan, not of phutho");
    EXPECT_THAT(said_of(base + agency_line("H02", "ninhthuan", R"(,"gateway":"a b")")), HasSubstr("agency/gateway"));
    EXPECT_THAT(said_of(base + R"({"client":{"id":"x","gateway":true}})"),
                HasSubstr("client/gateway: expected agencies of its own"));
    EXPECT_THAT(said_of(base + R"({"client":{"id":"x","gateway":true,"agencies":["H43","H44"]}})"),
                HasSubstr("client/gateway: expected agencies of its own, all of them of one node"));
}

class gateway_section : public section_book_case {};

TEST_F(gateway_section, holds_the_gateway_and_what_is_behind_it) {
    const auto d = directory::parse(base + agency_line("H02", "ninhthuan", through), "x");
    ASSERT_TRUE(d);
    const auto s = read(sign("ninhthuan", 1, std::nullopt, section_body(*d, "ninhthuan")));
    ASSERT_THAT(s.records.agencies, SizeIs(2));
    EXPECT_EQ(s.records.agencies.front().gateway, "axis");
}

TEST_F(gateway_section, of_somebody_elses_client_is_refused) {
    for (const auto& client : {std::string(), client_line("axis", "H44")}) {
        const auto body = client + agency_line("H44", "phutho") + agency_line("H02", "phutho", through);
        const auto s = read_section(sign("phutho", 1, std::nullopt, body), exchange, now);
        ASSERT_FALSE(s);
        EXPECT_EQ(s.error().code, errc::section_not_yours);
        EXPECT_THAT(s.error().what, HasSubstr("gateway axis of agency H02"));
    }
}

/// Our own file takes the id that phutho's section gave its gateway: it is ours, and H02 must not get to be.
TEST_F(gateway_section, whose_client_is_another_nodes_has_no_gateway) {
    const auto away = R"(,"gateway":"away")";
    ASSERT_EQ(take("phutho", agency_line("H44", "phutho") + client_line("away", "H44", is_gateway) +
                                 agency_line("H02", "phutho", away)),
              "fresh")
        << said;
    EXPECT_EQ(book.compose().in_force.find_agency("H02")->gateway, "away");
    book.use_own(parsed(file + client_line("away", "H43", is_gateway)));
    const auto made = book.compose();
    EXPECT_EQ(made.in_force.find_agency("H02")->gateway, "");
    ASSERT_THAT(made.left_out, SizeIs(testing::Gt(1)));
    EXPECT_THAT(made.left_out.front().what, HasSubstr("its gateway away is another node's client"));
}

// --- lists -------------------------------------------------------------------------------------------------------

std::vector<std::string> codes_of(const gateway_list& list) {
    std::vector<std::string> codes;
    for (const auto& a : list.agencies) codes.push_back(a.code.str());
    return codes;
}

TEST(gateway_list, is_lines_or_an_array) {
    const auto* const one = R"({"code":"H02","name":"Hà Giang","parent":"G22","mail":"a@b.vn","more":[1,{}]})";
    const auto* const two = R"({"code":"000-00-01-h02","name":"Bắc } [\" Mê","parent":null})";
    for (const auto& text : {std::string(one) + "\n" + two + "\n", "[" + std::string(one) + " ,\n" + two + "] \n",
                             "\xEF\xBB\xBF" + std::string(one) + two}) {
        const auto list = read_gateway_list(text);
        ASSERT_TRUE(list) << list.error().what;
        EXPECT_THAT(codes_of(*list), ElementsAre("H02", "000.00.01.H02"));
        EXPECT_EQ(list->agencies[0].parent, "G22");
        EXPECT_EQ(list->agencies[0].mail, "a@b.vn");
        EXPECT_EQ(list->agencies[1].name, "Bắc } [\" Mê");
        EXPECT_EQ(list->agencies[1].parent, "");
    }
    for (const auto* text : {"", "  \n", "[]", " [ ] "}) EXPECT_TRUE(read_gateway_list(text)->agencies.empty()) << text;
}

TEST(gateway_list, a_bad_entry_costs_itself_alone) {
    const auto list = read_gateway_list(R"({"code":"H02","name":"a"}{"code":"?!","name":"b"}{"name":"c"}
        {"code":"H03","name":" "}{"code":"H03"}{"code":"H04","name":7}{"code":"H02","name":"again"}{"code":"H05","name":"e"})");
    ASSERT_TRUE(list) << list.error().what;
    EXPECT_THAT(codes_of(*list), ElementsAre("H02", "H05"));
    EXPECT_EQ(list->agencies.front().name, "a");
    EXPECT_EQ(list->not_understood, 5u);
    EXPECT_THAT(list->remarks.front(), HasSubstr("entry 2: code: expected an agency's code, found \"?!\""));
}

TEST(gateway_list, what_is_no_list_is_refused) {
    for (const auto* text : {"[", "{", "[{}", "[{},", "[{},]", "[{} {}]", "[{}]x", "[1]", "nonsense", "{}1", "]",
                             R"([{"code":"H02","name":"a"})", R"({"code":})", "\"x\""}) {
        const auto list = read_gateway_list(text);
        ASSERT_FALSE(list) << text;
        EXPECT_EQ(list.error().code, errc::bad_request) << text;
        EXPECT_THAT(list.error().what, HasSubstr("entry")) << text;
    }
}

// --- changes -----------------------------------------------------------------------------------------------------

const timestamp noon = *from_rfc3339("2026-11-22T12:00:00+07:00");

/// A file that takes one list after another.
class gateway_lists : public testing::Test {
  protected:
    gateway_change plan(const std::string& list, timestamp at = noon,
                        const std::unordered_set<std::string>& in_use = {}) {
        const auto d = parsed();
        const auto read = read_gateway_list(list);
        if (!read) throw std::runtime_error(read.error().what);
        return plan_gateway_change(d, d, *d.find_client("axis"), read->agencies, at, in_use);
    }
    gateway_change take(const std::string& list, timestamp at = noon) {
        auto change = plan(list, at);
        text = with_change(text, change).value();
        return change;
    }
    directory parsed() {
        auto d = directory::parse(text, "x");
        if (!d) throw std::runtime_error(d.error().what);
        return std::move(*d);
    }
    agency find(std::string_view code) { return *parsed().find_agency(code); }
    static std::string entry(std::string_view code, std::string_view more = "") {
        return fmt::format(R"({{"code":"{}","name":"Cơ quan {}"{}}})", code, code, more);
    }
    static std::string numbered(int from, int to) {
        std::string list;
        for (int n = from; n < to; ++n) list += entry(fmt::format("A{}", n));
        return list;
    }

    std::string text = base;
};

TEST_F(gateway_lists, add_close_and_open_again) {
    EXPECT_EQ(take(entry("H02", R"(,"mail":"a@b.vn")") + entry("A.H02", R"(,"parent":"H02")")).added, 2u);
    const auto added = find("A.H02");
    EXPECT_EQ(std::tie(added.node, added.gateway, added.parent), std::tuple("ninhthuan", "axis", "H02"));
    EXPECT_EQ(added.documents, signature_policy::if_present);
    EXPECT_EQ(added.statuses, signature_policy::if_present);
    EXPECT_EQ(find("H02").mail, "a@b.vn");

    const auto closing = take(entry("H02", R"(,"mail":"a@b.vn")"));
    EXPECT_EQ(std::tuple(closing.kept, closing.closed, closing.known), std::tuple(1u, 1u, 2u));
    EXPECT_EQ(find("A.H02").valid_to, noon);

    const auto opening = take(entry("H02") + entry("A.H02", R"(,"parent":"H02")"), noon + std::chrono::hours(1));
    EXPECT_EQ(std::tuple(opening.changed, opening.reopened, opening.closed), std::tuple(1u, 1u, 0u));
    EXPECT_FALSE(find("A.H02").valid_to);
    EXPECT_EQ(find("H02").mail, "");
}

TEST_F(gateway_lists, taken_again_change_nothing) {
    const auto list = entry("H02", R"(,"parent":"G22")") + entry("A.H02", R"(,"parent":"nobody.known")");
    take(list);
    const auto before = text;
    const auto again = take(list, noon + std::chrono::hours(1));
    EXPECT_EQ(std::tuple(again.kept, again.to_write.size()), std::tuple(2u, 0u));
    EXPECT_EQ(text, before);
    EXPECT_EQ(find("H02").parent, "G22");
    EXPECT_EQ(find("A.H02").parent, "");
}

TEST_F(gateway_lists, touch_neither_the_tree_nor_another_gateway) {
    text += client_line("other", "H43", is_gateway) + agency_line("B.H02", "ninhthuan", R"(,"gateway":"other")") +
            agency_line("C.H02", "ninhthuan", through + closed + R"(,"successors":["H43"])") +
            agency_line("D.H43", "ninhthuan", R"(,"aliases":["D.OLD"])");
    const auto before = text;
    const auto change = take(entry("H43") + entry("H44") + entry("B.H02") + entry("C.H02") + entry("D.OLD"));
    EXPECT_EQ(std::tuple(change.left_out, change.declared(), change.to_write.size()), std::tuple(5u, 0u, 0u));
    EXPECT_EQ(text, before);
}

TEST_F(gateway_lists, leave_out_what_only_others_sections_know) {
    const auto file = parsed();
    text += agency_line("Z.H44", "phutho");
    const auto in_force = parsed();
    const auto list = read_gateway_list(entry("Z.H44"));
    const auto change = plan_gateway_change(file, in_force, *file.find_client("axis"), list->agencies, noon);
    EXPECT_EQ(std::tuple(change.left_out, change.to_write.size()), std::tuple(1u, 0u));
}

TEST_F(gateway_lists, with_parents_in_a_circle_or_too_deep_are_taken_all_the_same) {
    take(entry("A", R"(,"parent":"B")") + entry("B", R"(,"parent":"C")") + entry("C", R"(,"parent":"A")") +
         entry("D", R"(,"parent":"D")"));
    EXPECT_EQ(parsed().agencies().size(), 9u);
    std::string chain = entry("N0");
    for (int n = 1; n < 200; ++n) chain += entry(fmt::format("N{}", n), fmt::format(R"(,"parent":"N{}")", n - 1));
    take(chain);
    EXPECT_NE(parsed().find_agency("N199"), nullptr);
    EXPECT_EQ(take(chain).to_write.size(), 0u);
}

TEST_F(gateway_lists, that_look_cut_off_are_told_apart) {
    EXPECT_FALSE(plan("").closes_too_many()); // nothing is known yet
    take(numbered(0, 100));
    EXPECT_FALSE(plan(numbered(20, 100)).closes_too_many());
    EXPECT_TRUE(plan(numbered(21, 100)).closes_too_many());
    EXPECT_FALSE(plan(numbered(20, 200)).closes_too_many());
    EXPECT_TRUE(plan(numbered(100, 300)).closes_too_many());
    EXPECT_TRUE(plan("").closes_too_many());
    take(numbered(0, 12));
    EXPECT_FALSE(plan(numbered(10, 12)).closes_too_many()); // ten are few
    EXPECT_TRUE(plan("[]").closes_too_many());
}

TEST_F(gateway_lists, forget_what_was_closed_a_year_ago) {
    take(entry("H02") + entry("A.H02", R"(,"parent":"H02")") + entry("C.H02") + entry("D.H02"));
    take(entry("H02") + entry("D.H02"));
    const auto later = noon + remembered_closed;
    EXPECT_THAT(plan(entry("D.H02"), later - std::chrono::hours(1)).to_forget, testing::IsEmpty());
    EXPECT_THAT(plan(entry("D.H02"), later, {"C.H02"}).to_forget, ElementsAre("A.H02"));
    EXPECT_THAT(plan(entry("D.H02") + entry("A.H02"), later).to_forget, ElementsAre("C.H02")) << "it is open again";
    EXPECT_THAT(take(entry("D.H02"), later).to_forget, ElementsAre("A.H02", "C.H02"));
    EXPECT_EQ(parsed().find_agency("A.H02"), nullptr);
    EXPECT_NE(parsed().find_agency("H02"), nullptr) << "closed now";
    const auto after = text;
    EXPECT_THAT(take(entry("D.H02"), later).to_write, testing::IsEmpty());
    EXPECT_EQ(text, after);
}

TEST_F(gateway_lists, do_not_forget_whom_another_record_names) {
    text += client_line("mine", "A.H02", "") + agency_line("A.H02", "ninhthuan", through + closed) +
            agency_line("B.H02", "ninhthuan", through + closed + R"(,"successors":["C.H02"])") +
            agency_line("C.H02", "ninhthuan", through + closed) + agency_line("P.H02", "ninhthuan", through + closed) +
            agency_line("E.H02", "ninhthuan", R"(,"parent":"P.H02")") +
            agency_line("F.H02", "ninhthuan", through + closed) + agency_line("G.H02", "ninhthuan", closed);
    EXPECT_THAT(take(entry("H02"), noon + remembered_closed).to_forget, ElementsAre("F.H02"));
    EXPECT_NE(parsed().find_agency("P.H02"), nullptr);
}

TEST_F(gateway_lists, forget_the_oldest_when_there_are_too_many) {
    std::unordered_set<std::string> all;
    for (int n = 0; n < 110'000; ++n) {
        const auto code = fmt::format("C{:06}", n);
        all.insert(code);
        text += agency_line(code, "ninhthuan",
                            fmt::format(R"({},"valid_to":"2026-{:02}-01T00:00:00+07:00")", through, 9 - n / 30'000));
    }
    const auto change = plan("");
    ASSERT_EQ(change.to_forget.size(), 10'000u);
    EXPECT_EQ(change.to_forget.front(), "C090000") << "closed first";
    const auto large = numbered(0, 190'000);
    const auto tight = plan(large);
    EXPECT_EQ(tight.records, 250'000u);
    EXPECT_TRUE(with_change(text, tight));
    const auto refused = with_change(text, plan(large, noon, all));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, errc::bad_directory);
    EXPECT_THAT(refused.error().what, HasSubstr("may have 250000"));
}

/// 123,000 agencies: what it takes beside reading the file.
TEST_F(gateway_lists, of_a_country_are_taken_in_seconds) {
    const auto list = numbered(0, 123'000);
    const auto began = std::chrono::steady_clock::now();
    EXPECT_EQ(take(list).added, 123'000u);
    EXPECT_EQ(take(list + entry("H02")).kept, 123'000u);
    const auto passed = std::chrono::steady_clock::now() - began;
    EXPECT_LT(passed, std::chrono::seconds(60)) << "sanitizers included";
}

} // namespace
} // namespace truc::directory
