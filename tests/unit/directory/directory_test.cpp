#include "temporary_directory.hpp"

#include <truc/base/durable.hpp>
#include <truc/directory/directory.hpp>

#include <gtest/gtest.h>

namespace truc::directory {
namespace {

const timestamp before_reform = *from_rfc3339("2025-06-30T23:59:59.999+07:00");
const timestamp reform = *from_rfc3339("2025-07-01T00:00:00+07:00");

std::string digest(char c) { return std::string(64, c); }

/// Ninh Thuận around the reform of 2025: the district Thuận Nam is closed, its commune Cà Ná stands under the province.
const std::string exchange = R"(# the exchange
{"node": {"name": "vpcp", "level": "ministry"}}
{"node": {"name": "ninhthuan", "level": "province", "parent": "vpcp", "http": "https://127.0.0.1:18443"}}

{"agency": {"code": "000.00.00.G22", "name": "Văn phòng Chính phủ", "node": "vpcp", "level": "ministry"}}
{"agency": {"code": "000.00.00.H43", "name": "UBND tỉnh Ninh Thuận", "node": "ninhthuan", "level": "province", "parent": "000.00.00.G22"}}
{"agency": {"code": "000.00.12.H43", "name": "Sở Thông tin và Truyền thông", "node": "ninhthuan", "level": "department", "parent": "H43", "aliases": ["H43.12"], "certificates": [")" +
                             digest('a') + R"("], "mail": "so-tttt@ninhthuan.gov.vn"}}
{"agency": {"code": "000.00.30.H43", "name": "UBND huyện Thuận Nam", "node": "ninhthuan", "level": "district", "parent": "000.00.00.H43", "valid_to": "2025-07-01T00:00:00+07:00", "successors": ["000.08.30.H43"]}}
{"agency": {"code": "000.05.30.H43", "name": "UBND xã Phước Dinh", "node": "ninhthuan", "level": "commune", "parent": "000.00.30.H43", "valid_to": "2025-07-01T00:00:00+07:00", "successors": ["000.08.30.H43", "000.00.00.H43"]}}
{"agency": {"code": "000.06.30.H43", "name": "UBND xã Cà Ná cũ", "node": "ninhthuan", "level": "commune", "parent": "000.00.30.H43", "valid_to": "2025-07-01T00:00:00+07:00", "successors": ["000.00.30.H43"]}}
{"agency": {"code": "000.07.30.H43", "name": "UBND xã Nhị Hà", "node": "ninhthuan", "level": "commune", "parent": "000.00.30.H43", "valid_to": "2025-07-01T00:00:00+07:00"}}
{"agency": {"code": "000.08.30.H43", "name": "UBND xã Cà Ná", "node": "ninhthuan", "level": "commune", "parent": "000.00.00.H43", "valid_from": "2025-07-01T00:00:00+07:00", "documents": "required", "statuses": "if_present"}}
{"agency": {"code": "H43", "name": "Tỉnh ủy Ninh Thuận", "node": "ninhthuan"}}
{"client": {"id": "so-tttt", "certificates": [")" +
                             digest('a') +
                             R"("], "agencies": ["H43.12"], "entrances": ["http", "amqp"]}}
{"client": {"id": "old", "agencies": [], "entrances": ["axis"], "disabled": true}}
)";

directory loaded() {
    auto d = directory::parse(exchange, "exchange.jsonl");
    if (!d) throw std::runtime_error(d.error().what);
    return std::move(*d);
}

std::string failure_of(std::string_view text) {
    const auto d = directory::parse(text, "x.jsonl");
    if (d) return "no error";
    return d.error().code == errc::bad_directory ? d.error().what : "another code";
}

std::vector<std::string> codes(const std::vector<const agency*>& found) {
    std::vector<std::string> text;
    for (const auto* a : found) text.push_back(a->code.str());
    return text;
}

TEST(directory, finds_an_agency_by_every_form_of_its_code) {
    const auto d = loaded();
    for (const auto* form :
         {"000.00.12.H43", "000-00-12-H43", "000.00.12.h43", " 000.00.12.H43\n", "H43.12", "h43-12"}) {
        const auto* a = d.find_agency(form);
        ASSERT_NE(a, nullptr) << form;
        EXPECT_EQ(a->name, "Sở Thông tin và Truyền thông");
    }
    for (const auto* form : {"", "000.00.13.H43", "000.00.12.H4", "Sở"})
        EXPECT_EQ(d.find_agency(form), nullptr) << form;
}

TEST(directory, keeps_every_member) {
    const auto d = loaded();
    const auto* a = d.find_agency("000.00.12.H43");
    ASSERT_NE(a, nullptr);
    EXPECT_EQ(a->node, "ninhthuan");
    EXPECT_EQ(a->level, "department");
    EXPECT_EQ(a->parent, "H43");
    EXPECT_EQ(a->mail, "so-tttt@ninhthuan.gov.vn");
    EXPECT_EQ(a->aliases.size(), 1u);
    EXPECT_FALSE(a->documents);
    const auto* commune = d.find_agency("000.08.30.H43");
    ASSERT_NE(commune, nullptr);
    EXPECT_EQ(commune->documents, signature_policy::required);
    EXPECT_EQ(commune->statuses, signature_policy::if_present);
    EXPECT_EQ(commune->valid_from, reform);
    EXPECT_FALSE(commune->valid_to);
    const auto* n = d.find_node("ninhthuan");
    ASSERT_NE(n, nullptr);
    EXPECT_EQ(n->parent, "vpcp");
    EXPECT_EQ(n->http, "https://127.0.0.1:18443");
    EXPECT_EQ(d.find_node("cana"), nullptr);
}

TEST(directory, a_commune_stands_under_a_province_or_under_a_district) {
    const auto d = loaded();
    EXPECT_EQ(d.find_agency(d.find_agency("000.08.30.H43")->parent)->level, "province");
    EXPECT_EQ(d.find_agency(d.find_agency("000.07.30.H43")->parent)->level, "district");
}

TEST(directory, finds_clients) {
    const auto d = loaded();
    const auto* c = d.find_client("so-tttt");
    ASSERT_NE(c, nullptr);
    EXPECT_EQ(c, d.find_client_by_certificate(*sha256_digest::from_hex(digest('a'))));
    EXPECT_EQ(c->entrances, (std::vector{entrance::http, entrance::amqp}));
    ASSERT_EQ(c->agencies.size(), 1u);
    EXPECT_EQ(c->agencies[0].str(), "000.00.12.H43"); // named by an alias in the file
    EXPECT_FALSE(c->disabled);
    EXPECT_TRUE(d.find_client("old")->disabled);
    EXPECT_EQ(d.find_client("So-TTTT"), nullptr);
    EXPECT_EQ(d.find_client_by_certificate(*sha256_digest::from_hex(digest('b'))), nullptr);
}

TEST(directory, knows_whose_a_certificate_is) {
    const auto d = loaded();
    EXPECT_EQ(d.find_signer(*sha256_digest::from_hex(digest('a'))), d.find_agency("000.00.12.H43"));
    EXPECT_EQ(d.find_signer(*sha256_digest::from_hex(digest('b'))), nullptr);
}

TEST(directory, validity_ends_at_the_moment_of_closing) {
    const auto d = loaded();
    const auto& district = *d.find_agency("000.00.30.H43");
    EXPECT_TRUE(d.is_valid(district, before_reform));
    EXPECT_FALSE(d.is_valid(district, reform));
    const auto& commune = *d.find_agency("000.08.30.H43");
    EXPECT_FALSE(d.is_valid(commune, before_reform));
    EXPECT_TRUE(d.is_valid(commune, reform));
}

TEST(directory, the_one_successor_answers_for_a_closed_agency) {
    const auto d = loaded();
    const auto* cana = d.find_agency("000.08.30.H43");
    EXPECT_EQ(d.resolve_recipient("000.00.30.H43", before_reform).value(), d.find_agency("000.00.30.H43"));
    EXPECT_EQ(d.resolve_recipient("000.00.30.H43", reform).value(), cana);
    EXPECT_EQ(d.resolve_recipient("000-06-30-h43", reform).value(), cana); // by way of the district
    EXPECT_EQ(d.resolve_recipient("H43.12", reform).value(), d.find_agency("000.00.12.H43"));
}

TEST(directory, a_recipient_without_one_successor_is_refused) {
    const auto d = loaded();
    const auto code_of = [&](std::string_view code, timestamp at) {
        return d.resolve_recipient(code, at).error().code;
    };
    EXPECT_EQ(code_of("000.05.30.H43", reform), errc::recipient_closed);        // two successors
    EXPECT_EQ(code_of("000.07.30.H43", reform), errc::recipient_closed);        // none
    EXPECT_EQ(code_of("000.08.30.H43", before_reform), errc::recipient_closed); // not yet open
    EXPECT_EQ(code_of("000.00.99.H43", reform), errc::recipient_unknown);
    EXPECT_EQ(d.resolve_recipient("000.00.99.H43", reform).error().what, "000.00.99.H43");
}

TEST(directory, successors_in_a_circle_end) {
    const auto d = directory::parse(R"({"node": {"name": "n"}}
{"agency": {"code": "A", "name": "a", "node": "n", "valid_to": "2020-01-01T00:00:00Z", "successors": ["B"]}}
{"agency": {"code": "B", "name": "b", "node": "n", "valid_to": "2020-01-01T00:00:00Z", "successors": ["A"]}})",
                                    "x");
    ASSERT_TRUE(d) << d.error().what;
    EXPECT_EQ(d->resolve_recipient("A", reform).error().code, errc::recipient_closed);
}

TEST(directory, search_ignores_case_and_marks) {
    const auto d = loaded();
    const std::vector<std::string> department = {"000.00.12.H43"};
    for (const auto* query : {"truyền thông", "TRUYEN THONG", "Sở  thông tin", "so thong tin", "H43.12", "000-00-12"})
        EXPECT_EQ(codes(d.search(query, "", 10)), department) << query;
    // The same letters as base letters with combining marks.
    EXPECT_EQ(codes(d.search("truye\xCC\x82\xCC\x80n tho\xCC\x82ng", "", 10)), department);
    EXPECT_EQ(codes(d.search("ca na", "", 10)), (std::vector<std::string>{"000.06.30.H43", "000.08.30.H43"}));
    EXPECT_TRUE(d.search("đắk lắk", "", 10).empty());
}

TEST(directory, search_goes_on_after_a_code) {
    const auto d = loaded();
    const auto all = codes(d.search("", "", 100));
    EXPECT_EQ(all.size(), d.agencies().size());
    EXPECT_TRUE(std::is_sorted(all.begin(), all.end()));
    std::vector<std::string> paged;
    for (std::string after;;) {
        const auto page = codes(d.search("", after, 2));
        if (page.empty()) break;
        EXPECT_LE(page.size(), 2u);
        paged.insert(paged.end(), page.begin(), page.end());
        after = page.back();
    }
    EXPECT_EQ(paged, all);
    EXPECT_TRUE(d.search("", "", 0).empty());
}

TEST(directory, what_does_not_fit_together_is_refused) {
    const std::string n = R"({"node": {"name": "n"}})"
                          "\n";
    const auto agency_line = [](std::string_view code, std::string_view more = "") {
        return fmt::format(R"({{"agency": {{"code": "{}", "name": "x", "node": "n"{}}}}})"
                           "\n",
                           code, more);
    };
    const auto certificate = fmt::format(R"(, "certificates": ["{}"])", digest('c'));
    EXPECT_EQ(failure_of(n + agency_line("A") + agency_line("B") + agency_line("a")),
              "x.jsonl:4: agency: the code A belongs to line 2 already");
    EXPECT_EQ(failure_of(n + agency_line("B") + agency_line("A", R"(, "aliases": ["b"])")),
              "x.jsonl:3: agency: the code B belongs to line 2 already");
    EXPECT_EQ(failure_of(n + agency_line("B", certificate) + agency_line("A", certificate)),
              "x.jsonl:3: agency: the certificate " + digest('c') + " belongs to line 2 already");
    EXPECT_EQ(failure_of(n + agency_line("A", R"(, "parent": "Z")")),
              "x.jsonl:2: agency/parent: no agency has the code Z");
    EXPECT_EQ(failure_of(n + agency_line("A", R"(, "successors": ["Z"])")),
              "x.jsonl:2: agency/successors: no agency has the code Z");
    EXPECT_EQ(failure_of(n + agency_line("A", R"(, "successors": ["A"])")),
              "x.jsonl:2: agency/successors: expected another agency than this");
    EXPECT_EQ(failure_of(agency_line("A")), "x.jsonl:1: agency/node: expected a node of this directory, found n");
    EXPECT_EQ(failure_of(n + agency_line("A", R"(, "parent": "B")") + agency_line("B", R"(, "parent": "A")")),
              "x.jsonl:2: parent: the parents of this record run in a circle");
    EXPECT_EQ(failure_of(n + n), "x.jsonl:2: node: the name n belongs to line 1 already");
    EXPECT_EQ(failure_of(R"({"node": {"name": "n", "parent": "m"}})"),
              "x.jsonl:1: node/parent: no node has the name m");
    EXPECT_EQ(failure_of(R"({"node": {"name": "n", "parent": "n"}})"),
              "x.jsonl:1: parent: the parents of this record run in a circle");
    EXPECT_EQ(failure_of(R"({"node": {"name": "n", "links": ["m"]}})"),
              "x.jsonl:1: node/links: no node has the name m");
    EXPECT_EQ(failure_of(R"({"node": {"name": "n", "links": ["n"]}})"),
              "x.jsonl:1: node/links: expected another node than this");
    EXPECT_EQ(failure_of(R"({"client": {"id": "c", "agencies": ["A"]}})"),
              "x.jsonl:1: client/agencies: no agency has the code A");
    EXPECT_EQ(failure_of(R"({"client": {"id": "c"}})"
                         "\n\n"
                         R"({"client": {"id": "c"}})"),
              "x.jsonl:3: client: the id c belongs to line 1 already");
    const auto holder = [&](std::string_view id) {
        return fmt::format(R"({{"client": {{"id": "{}"{}}}}})"
                           "\n",
                           id, certificate);
    };
    EXPECT_EQ(failure_of(holder("b") + holder("a")),
              "x.jsonl:2: client: the certificate " + digest('c') + " belongs to line 1 already");
}

TEST(directory, a_code_may_be_repeated_by_its_own_agency) {
    const auto d = directory::parse(R"({"node": {"name": "n"}}
{"agency": {"code": "A", "name": "x", "node": "n", "aliases": ["a", "B", "b"]}})",
                                    "x");
    EXPECT_TRUE(d) << d.error().what;
}

TEST(directory, files) {
    const test::temporary_directory dir;
    const auto path = dir.path() / "directory.jsonl";
    EXPECT_EQ(directory::load(path).error().code, errc::bad_directory);
    EXPECT_NE(directory::load(path).error().what.find(path.string()), std::string::npos);

    ASSERT_TRUE(write_file(path, "\xEF\xBB\xBF" + exchange)); // as Windows editors save it
    const auto d = directory::load(path);
    ASSERT_TRUE(d) << d.error().what;
    EXPECT_EQ(d->agencies().size(), 9u);
    EXPECT_EQ(d->clients().size(), 2u);
    EXPECT_EQ(d->nodes().size(), 2u);

    ASSERT_TRUE(write_file(path, exchange + "{\r\n"));
    const auto bad = directory::load(path);
    ASSERT_FALSE(bad);
    EXPECT_EQ(bad.error().what.find(path.string() + ":16: expected JSON: "), 0u) << bad.error().what;
}

TEST(directory, an_empty_one_knows_nobody) {
    const auto d = directory::parse("", "x");
    ASSERT_TRUE(d);
    EXPECT_EQ(d->find_agency("A"), nullptr);
    EXPECT_TRUE(d->search("", "", 10).empty());
    EXPECT_EQ(directory().find_client("c"), nullptr);
}

TEST(directory, holds_a_country) {
    constexpr int count = 123'000;
    std::string text = R"({"node": {"name": "n"}})"
                       "\n";
    for (int i = 0; i < count; ++i)
        text += fmt::format(R"({{"agency": {{"code": "{:03}.{:02}.{:02}.H43", "name": "Ủy ban nhân dân xã số {}", )"
                            R"("node": "n", "level": "commune", "mail": "xa{}@ninhthuan.gov.vn", )"
                            R"("certificates": ["{}"]}}}})"
                            "\n",
                            i / 10000, i / 100 % 100, i % 100, i, i, sha256(std::to_string(i)).hex());
    const auto d = directory::parse(text, "country");
    ASSERT_TRUE(d) << d.error().what;
    EXPECT_EQ(d->agencies().size(), static_cast<std::size_t>(count));
    ASSERT_NE(d->find_agency("012.29.99.H43"), nullptr);
    EXPECT_EQ(codes(d->search("XA SO 122999", "", 10)), std::vector<std::string>{"012.29.99.H43"});
}

} // namespace
} // namespace truc::directory
