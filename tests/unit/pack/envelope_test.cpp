// Envelopes as neighbours write them: what is read, what is carried on, what is refused.
#include "pack_support.hpp"

#include <truc/pack/envelope_text.hpp>

#include <gtest/gtest.h>

namespace truc::pack {
namespace {

using test::with;

envelope sample() {
    envelope e;
    e.dispatch_id = *uuid::parse("0192f0c4-7a1e-7000-8000-000000000001");
    e.priority = priority::express;
    e.hops = {"trung-uong", "ninhthuan"};
    e.sections = {{"ninhthuan", 4}, {"phuoc-dinh", 18446744073709551615u}, {"trung-uong", 0}};
    const auto deadline = test::test_pki::moment("2026-11-24T16:27:10.358+07:00");
    e.deliveries = {{*uuid::parse("0192f0c4-7a1e-7000-8000-00000000000a"), "000.00.36.H43", deadline},
                    {*uuid::parse("0192f0c4-7a1e-7000-8000-00000000000b"), "H43.36_1", deadline}};
    return e;
}

std::string text() { return write_envelope(sample()); }

/// "read", or the code of the refusal and what it says.
std::string outcome_of(std::string_view bytes) {
    xml::initialise();
    const auto e = read_envelope(bytes);
    if (e) return "read";
    return fmt::format("{}: {}", describe(e.error().code).name, e.error().what);
}

TEST(envelope_text, is_as_published) {
    xml::initialise();
    const auto written = text();
    EXPECT_EQ(written, "<Envelope xmlns=\"urn:truc:envelope:1\">"
                       "<DispatchId>0192f0c4-7a1e-7000-8000-000000000001</DispatchId><Priority>express</Priority>"
                       "<Hop>trung-uong</Hop><Hop>ninhthuan</Hop>"
                       "<Section node=\"ninhthuan\" version=\"4\"></Section>"
                       "<Section node=\"phuoc-dinh\" version=\"18446744073709551615\"></Section>"
                       "<Section node=\"trung-uong\" version=\"0\"></Section>"
                       "<Delivery deadline=\"2026-11-24T16:27:10.358+07:00\""
                       " id=\"0192f0c4-7a1e-7000-8000-00000000000a\" to=\"000.00.36.H43\"></Delivery>"
                       "<Delivery deadline=\"2026-11-24T16:27:10.358+07:00\""
                       " id=\"0192f0c4-7a1e-7000-8000-00000000000b\" to=\"H43.36_1\"></Delivery></Envelope>");
    EXPECT_EQ(xml::canonical(xml::document::parse(written)->root()), written);
    const xml::schema_registry schemas(TRUC_SOURCE_DIR "/schemas/truc");
    const auto valid = schemas.validate(written);
    EXPECT_TRUE(valid) << explain(valid.error(), language::english);
    EXPECT_FALSE(schemas.validate(with(written, "express", "fast")));
}

TEST(envelope_text, reads_back_what_was_written) {
    xml::initialise();
    const auto e = read_envelope(text());
    ASSERT_TRUE(e) << e.error().what;
    const auto wanted = sample();
    EXPECT_EQ(e->dispatch_id, wanted.dispatch_id);
    EXPECT_EQ(e->priority, wanted.priority);
    EXPECT_EQ(e->hops, wanted.hops);
    EXPECT_EQ(e->sections, wanted.sections);
    ASSERT_EQ(e->deliveries.size(), 2u);
    EXPECT_EQ(e->deliveries[1].id, wanted.deliveries[1].id);
    EXPECT_EQ(e->deliveries[1].recipient, wanted.deliveries[1].recipient);
    EXPECT_EQ(e->deliveries[1].deadline, wanted.deliveries[1].deadline);
    EXPECT_TRUE(e->extra.empty());
    EXPECT_EQ(outcome_of(with(text(), "</Delivery><", "</Delivery>\n  <!-- for people --><")), "read");
    EXPECT_EQ(outcome_of(with(with(text(), "Envelope xmlns=", "x:Envelope xmlns:x=\"urn:truc:envelope:1\" xmlns="),
                              "</Envelope", "</x:Envelope")),
              "read");
}

TEST(envelope_text, carries_what_newer_nodes_add) {
    xml::initialise();
    const std::string extra = "<Colour xmlns=\"urn:truc:envelope:1\" shade=\"1\">đỏ &amp; vàng</Colour>"
                              "<n:Route xmlns:n=\"urn:truc:envelope:2\"><n:Via>a</n:Via></n:Route>";
    auto e = sample();
    e.extra = extra;
    for (int hops = 0; hops < 3; ++hops) {
        const auto read = read_envelope(write_envelope(e));
        ASSERT_TRUE(read) << read.error().what;
        EXPECT_EQ(read->extra, extra);
        e = *read;
    }
    // Names that only the root declares go with the elements that use them.
    const auto prefixed =
        read_envelope(with(with(text(), "<Envelope xmlns=", "<Envelope xmlns:n=\"urn:n\" xmlns:m=\"urn:m\" xmlns="),
                           "</Envelope>", "<n:X/></Envelope>"));
    ASSERT_TRUE(prefixed) << prefixed.error().what;
    EXPECT_EQ(prefixed->extra, "<n:X xmlns:n=\"urn:n\"></n:X>");
}

// --- the trace context ---------------------------------------------------------------------------------------------

constexpr auto trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

std::string with_trace(std::string_view value) {
    return with(text(), "</Envelope>",
                fmt::format("<TraceParent xmlns=\"urn:truc:trace:1\">{}</TraceParent></Envelope>", value));
}

TEST(envelope_text, carries_the_trace_context) {
    xml::initialise();
    auto e = sample();
    e.traceparent = trace;
    e.extra = "<n:Route xmlns:n=\"urn:truc:envelope:2\"></n:Route>";
    for (int hops = 0; hops < 3; ++hops) {
        const auto read = read_envelope(write_envelope(e));
        ASSERT_TRUE(read) << read.error().what;
        EXPECT_EQ(read->traceparent, trace);
        EXPECT_EQ(read->extra, "<n:Route xmlns:n=\"urn:truc:envelope:2\"></n:Route>");
        e = *read;
    }
    const xml::schema_registry schemas(TRUC_SOURCE_DIR "/schemas/truc");
    const auto valid = schemas.validate(with_trace(trace));
    EXPECT_TRUE(valid) << explain(valid.error(), language::english);
}

/// A node that does not know the element carries it with all others of that kind: it has no name in the envelope's own
/// namespace, stands last, and comes back as it was written.
TEST(envelope_text, the_trace_context_is_what_an_older_node_carries_as_unknown) {
    xml::initialise();
    auto e = sample();
    e.traceparent = trace;
    const auto written = write_envelope(e);
    EXPECT_EQ(written, with_trace(trace));
    auto carried = sample();
    carried.extra = fmt::format("<TraceParent xmlns=\"urn:truc:trace:1\">{}</TraceParent>", trace);
    EXPECT_EQ(write_envelope(carried), written);
}

TEST(envelope_text, a_trace_context_that_is_none_is_as_if_it_had_not_come) {
    xml::initialise();
    const std::string values[] = {"", "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
                                  "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01 trace=x", "<a></a>",
                                  std::string(100'000, 'f')};
    for (const auto& value : values) {
        const auto read = read_envelope(with_trace(value));
        ASSERT_TRUE(read) << read.error().what;
        EXPECT_EQ(read->traceparent, "") << value.substr(0, 100);
        EXPECT_EQ(read->extra, "");
    }
    const auto twice =
        read_envelope(with(with_trace(trace), "</Envelope>",
                           "<TraceParent xmlns=\"urn:truc:trace:1\">"
                           "00-aaaa2f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01</TraceParent></Envelope>"));
    ASSERT_TRUE(twice);
    EXPECT_EQ(twice->traceparent, trace);
}

TEST(envelope_text, refuses_what_does_not_fit) {
    const std::pair<const char*, const char*> cases[] = {
        {"urn:truc:envelope:1", "urn:truc:envelope:2"},
        {"<Envelope xmlns", "<Envelope id=\"1\" xmlns"},
        {"<Priority>", "text<Priority>"},
        {"0192f0c4-7a1e-7000-8000-000000000001", "0192f0c4-7a1e-7000-8000-00000000000"},
        {"<DispatchId>", "<DispatchId a=\"1\">"},
        {"<DispatchId>", "<DispatchId><!-- x -->"},
        {"<Priority>express</Priority>", ""},
        {"<Priority>express</Priority>", "<Priority>express</Priority><Priority>normal</Priority>"},
        {"<Priority>express</Priority><Hop>", "<Hop>x</Hop><Priority>express</Priority><Hop>"},
        {"express", "EXPRESS"},
        {"<Hop>trung-uong</Hop><Hop>ninhthuan</Hop>", ""},
        {"<Hop>ninhthuan", "<Hop>Ninh Thuận"},
        {"<Hop>ninhthuan", "<Hop>"},
        {"node=\"ninhthuan\"", "node=\"\""},
        {"node=\"ninhthuan\"", "name=\"ninhthuan\""},
        {"node=\"trung-uong\"", "node=\"ninhthuan\""},
        {"version=\"4\"", "version=\"04\""},
        {"version=\"4\"", "version=\"-1\""},
        {"version=\"4\"", "version=\"18446744073709551616\""},
        {"version=\"4\"", "version=\"4\" more=\"1\""},
        {"8000-00000000000b", "8000-00000000000a"},
        {"to=\"H43.36_1\"", "to=\"000.00.36.H43\""},
        {"to=\"H43.36_1\"", "to=\"h43.36_1\""},
        {"to=\"H43.36_1\"", "to=\"H43-36\""},
        {"to=\"H43.36_1\"", "to=\"\""},
        {" to=\"H43.36_1\"", ""},
        {"2026-11-24T16", "2026-11-24T26"},
        {"H43.36_1\"></Delivery>", "H43.36_1\">x</Delivery>"},
        {"<Section node=\"ninhthuan\"", "<New xmlns=\"urn:x\"/><Section node=\"ninhthuan\""},
    };
    for (const auto& [from, to] : cases)
        EXPECT_EQ(outcome_of(with(text(), from, to)).substr(0, 17), "envelope_invalid:") << from << " → " << to;
    EXPECT_EQ(outcome_of("<Receipt xmlns=\"urn:truc:receipt:1\"/>"), "envelope_invalid: not an Envelope of version 1");
}

TEST(envelope_text, refuses_endless_ones) {
    const auto repeated = [](const char* unit, std::size_t times) {
        std::string all;
        for (std::size_t i = 0; i < times; ++i) all += unit;
        return all;
    };
    EXPECT_EQ(outcome_of(with(text(), "<Hop>trung-uong</Hop>", repeated("<Hop>a</Hop>", most_hops - 1))), "read");
    EXPECT_EQ(outcome_of(with(text(), "<Hop>trung-uong</Hop>", repeated("<Hop>a</Hop>", most_hops))),
              "envelope_invalid: more than 64 Hop");
    EXPECT_EQ(outcome_of(with(text(), "</Envelope>", repeated("<a xmlns=\"urn:x\"></a>", 33) + "</Envelope>")),
              "envelope_invalid: more unknown elements than are carried");
    EXPECT_EQ(
        outcome_of(with(text(), "</Envelope>", "<a xmlns=\"urn:x\">" + std::string(50 << 10, 'x') + "</a></Envelope>")),
        "envelope_invalid: more unknown elements than are carried");
    EXPECT_EQ(outcome_of(with(text(), "</Envelope>", std::string(longest_envelope, ' '))),
              "too_large: more than 262144 bytes");
    EXPECT_EQ(outcome_of(with(text(), "</Envelope>", repeated("<a xmlns=\"urn:x\">", 20))),
              "too_deep: more than 16 levels of elements");
    EXPECT_EQ(outcome_of("<!DOCTYPE Envelope>" + text()), "doctype_forbidden: DOCTYPE");
    EXPECT_EQ(outcome_of(""), "not_xml: no root element");
}

TEST(envelope_text, a_full_one_can_be_read_and_passed_on) {
    xml::initialise();
    auto e = sample();
    e.deliveries.clear();
    for (unsigned i = 0; i < most_deliveries; ++i) {
        auto code = fmt::format("{:035}", i);
        e.deliveries.push_back({uuid::make(timestamp{}), std::move(code), timestamp{}});
    }
    e.sections.clear();
    for (unsigned i = 0; i < most_sections; ++i) e.sections[fmt::format("{:063}", i)] = ~std::uint64_t{0};
    e.hops.assign(most_hops, std::string(63, 'a'));
    e.extra = "<a xmlns=\"urn:x\">" + std::string(40 << 10, 'x') + "</a>";
    EXPECT_EQ(outcome_of(write_envelope(e)), "read");
    e.deliveries.push_back({uuid::make(timestamp{}), "H43", timestamp{}});
    EXPECT_EQ(outcome_of(write_envelope(e)), "envelope_invalid: more than 1000 Delivery");
}

} // namespace
} // namespace truc::pack
