// The directory's text with some lines changed: all others stay byte for byte.
#include <truc/directory/edit.hpp>
#include <truc/directory/json_lines.hpp>

#include <gtest/gtest.h>

namespace truc::directory {
namespace {

const std::string text = "# the exchange\n"
                         R"({"node": {"name": "n"}})"
                         "\n\n"
                         R"({"agency": {"code": "a-1", "name": "one",   "node": "n", "unknown": 5}})"
                         "\n"
                         R"({"client": {"id": "A.1", "agencies": ["A.1"], "entrances": ["http"]}})"
                         "\n"
                         R"({"agency": {"code": "A.2", "name": "two", "node": "n"}})"; // no line end

agency named(const char* code, const char* name) {
    agency a(*agency_code::parse(code));
    a.name = name;
    a.node = "n";
    return a;
}

client disabled(const char* id) {
    client c;
    c.id = id;
    c.agencies = {*agency_code::parse("A.1")};
    c.disabled = true;
    return c;
}

std::string with_line(std::string_view from, std::string_view to) {
    auto changed = text;
    return changed.replace(changed.find(from), from.size(), to) + "\n";
}

TEST(edit, replaces_an_agency_where_it_stands) {
    const auto a = named("A.1", "new");
    EXPECT_EQ(*with_agencies(text, {a}),
              with_line(R"({"agency": {"code": "a-1", "name": "one",   "node": "n", "unknown": 5}})", to_json_line(a)));
}

TEST(edit, adds_what_is_new_at_the_end) {
    const auto a = named("A.3", "three");
    EXPECT_EQ(*with_agencies(text, {a}), text + "\n" + to_json_line(a) + "\n");
    EXPECT_EQ(*with_agencies("", {a}), to_json_line(a) + "\n");
    EXPECT_EQ(*with_clients(text, {disabled("C")}), text + "\n" + to_json_line(disabled("C")) + "\n");
}

TEST(edit, a_client_is_no_agency_of_that_name) {
    const auto c = disabled("A.1");
    EXPECT_EQ(*with_clients(text, {c}),
              with_line(R"({"client": {"id": "A.1", "agencies": ["A.1"], "entrances": ["http"]}})", to_json_line(c)));
    EXPECT_EQ(*with_clients(text, {disabled("A.2")}), text + "\n" + to_json_line(disabled("A.2")) + "\n");
}

TEST(edit, what_cannot_be_read_is_not_written_anew) {
    EXPECT_EQ(with_agencies(text + "\n{", {}).error().code, errc::bad_directory);
    EXPECT_EQ(with_clients("{\"client\": {}}\n", {disabled("C")}).error().code, errc::bad_directory);
}

} // namespace
} // namespace truc::directory
