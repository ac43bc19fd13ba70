#include "../../../src/amqp/message_decoder.hpp"

#include <gtest/gtest.h>

namespace truc::amqp {
namespace {

struct reading {
    std::string end; ///< "complete", "partial", or the fault
    message_head head;
    std::vector<std::string> sections;
    int heads = 0;
};

/// Gives the decoder so many bytes at a time.
reading read(std::string_view bytes, std::size_t at_a_time, std::size_t limit = 64 * 1024) {
    message_decoder decoder(limit);
    reading r;
    while (!bytes.empty()) {
        auto some = bytes.substr(0, at_a_time);
        bytes.remove_prefix(some.size());
        for (auto step = decoder.next(some); step != message_decoder::step::more; step = decoder.next(some)) {
            if (step == message_decoder::step::failed) {
                r.end = decoder.fault().description;
                return r;
            }
            if (step == message_decoder::step::head) {
                ++r.heads;
                r.head = decoder.head();
                continue;
            }
            if (decoder.section() >= r.sections.size()) r.sections.resize(decoder.section() + 1);
            r.sections[decoder.section()] += decoder.piece();
        }
    }
    r.end = decoder.complete() ? "complete" : "partial";
    return r;
}

std::string data_section_of(std::string_view bytes) { return encode_data_prefix(bytes.size()).append(bytes); }

std::string bytes_of(std::initializer_list<int> values) {
    std::string out;
    for (const int v : values) out.push_back(static_cast<char>(v));
    return out;
}

/// Small encodings, annotations and a footer: what other people's clients write.
std::string foreign_message() {
    return bytes_of({0x00, 0x53, 0x70, 0xc0, 0x06, 0x03, 0x41, 0x50, 0x07, 0x52, 0x64}) +
           bytes_of({0x00, 0x53, 0x72, 0xc1, 0x06, 0x02, 0xa3, 0x01, 'k', 0x54, 0x05}) +
           bytes_of({0x00, 0x80, 0, 0, 0, 0, 0, 0, 0, 0x73, 0xc0, 0x05, 0x01, 0xa1, 0x02, 'i', 'd'}) +
           bytes_of({0x00, 0x53, 0x74, 0xc1, 0x06, 0x02, 0xa1, 0x01, 'n', 0x55, 0xff}) +
           bytes_of({0x00, 0x53, 0x75, 0xa0, 0x02, 'h', 'i'}) + bytes_of({0x00, 0x53, 0x75, 0xa0, 0x00}) +
           bytes_of({0x00, 0x53, 0x78, 0xc1, 0x01, 0x00});
}

TEST(message_decoder, reads_messages_cut_anywhere) {
    message_head head{"id", "corr", "subject", "text/xml", {}};
    head.properties.emplace("n", std::int64_t{-5});
    head.properties.emplace("list", std::vector<std::string>{"a", ""});
    const auto own =
        encode_head(head) + data_section_of("one") + data_section_of("") + data_section_of(std::string(300, 'x'));
    for (std::size_t n = 1; n <= own.size(); ++n) {
        const auto r = read(own, n);
        ASSERT_EQ(r.end, "complete") << n;
        EXPECT_EQ(r.heads, 1);
        EXPECT_EQ(r.head.message_id, "id");
        EXPECT_EQ(r.head.correlation_id, "corr");
        EXPECT_EQ(r.head.content_type, "text/xml");
        EXPECT_EQ(r.head.properties, head.properties);
        const std::vector<std::string> sections{"one", "", std::string(300, 'x')};
        EXPECT_EQ(r.sections, sections) << n;
    }
}

TEST(message_decoder, reads_what_other_clients_write) {
    const auto message = foreign_message();
    for (const std::size_t n : {std::size_t{1}, std::size_t{7}, message.size()}) {
        const auto r = read(message, n);
        ASSERT_EQ(r.end, "complete") << n;
        EXPECT_EQ(r.head.message_id, "id");
        EXPECT_EQ(*find<std::int64_t>(r.head.properties, "n"), -1);
        const std::vector<std::string> sections{"hi", ""};
        EXPECT_EQ(r.sections, sections);
    }
}

TEST(message_decoder, a_message_is_complete_only_after_a_whole_section) {
    const auto message = foreign_message();
    const auto body_end = message.size() - 6; // before the footer
    for (std::size_t size = 0; size < message.size(); ++size) {
        const bool whole = size == body_end || size == body_end - 5;
        EXPECT_EQ(read(std::string_view(message).substr(0, size), 1000).end, whole ? "complete" : "partial") << size;
    }
}

TEST(message_decoder, ids_of_every_type_have_a_text) {
    const auto properties = [](const std::string& id) {
        return bytes_of({0x00, 0x53, 0x73, 0xc0, static_cast<int>(id.size()) + 1, 1}) + id + data_section_of("x");
    };
    const auto uuid = bytes_of({0x98, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16});
    EXPECT_EQ(read(properties(uuid), 99).head.message_id, "01020304-0506-0708-090a-0b0c0d0e0f10");
    EXPECT_EQ(read(properties(bytes_of({0xa0, 2, 0xab, 0x01})), 99).head.message_id, "ab01");
    EXPECT_EQ(read(properties(bytes_of({0x53, 200})), 99).head.message_id, "200");
    EXPECT_EQ(read(properties(bytes_of({0x80, 255, 255, 255, 255, 255, 255, 255, 255})), 99).head.message_id,
              "18446744073709551615");
    EXPECT_EQ(read(properties(bytes_of({0x52, 7})), 99).end, "properties or annotations are malformed")
        << "a uint is no id";
}

TEST(message_decoder, refuses_what_is_malformed) {
    const auto app = [](const std::string& elements, int count) {
        return bytes_of({0x00, 0x53, 0x74, 0xc1, static_cast<int>(elements.size()) + 1, count}) + elements +
               data_section_of("x");
    };
    const std::string key = bytes_of({0xa1, 1, 'k'});
    for (const auto& [bytes, what] : std::vector<std::pair<std::string, std::string>>{
             {app(key + "\x41", 3), "an odd count"},
             {app(key, 2), "a value that is missing"},
             {app(key + "\x41" + "\x41", 2), "a value too many"},
             {app(key + "\x41" + key + "\x42", 4), "a key twice"},
             {app(std::string("\x41\x41"), 2), "a key that is no text"},
             {app(key + bytes_of({0xa1, 1, 0xff}), 2), "text that is not UTF-8"},
             {app(key + bytes_of({0xa3, 1, 0x80}), 2), "a symbol that is not ASCII"},
             {app(key + bytes_of({0x56, 2}), 2), "a boolean that is neither"},
             {app(key + bytes_of({0x73, 0, 0, 0xd8, 0}), 2), "a surrogate"},
             {app(key + bytes_of({0x3f}), 2), "a constructor of nothing"},
             {app(key + bytes_of({0xe0, 5, 200, 0x54, 1, 2, 3}), 2), "an array that is too short"},
             {app(key + bytes_of({0xf0, 0, 0, 0, 6, 255, 255, 255, 255, 0x40, 0}), 2), "bytes after empty elements"},
             {app(key + std::string(30, '\0') + "\x40", 2), "descriptors of descriptors"},
         })
        EXPECT_EQ(read(bytes, 1000).end, "properties or annotations are malformed") << what;
}

TEST(message_decoder, nesting_is_limited) {
    std::string value = "\x40";
    for (int i = 0; i < 20; ++i) value = bytes_of({0xc0, static_cast<int>(value.size()) + 1, 1}) + value;
    const auto elements = bytes_of({0xa1, 1, 'k'}) + value;
    const auto message =
        bytes_of({0x00, 0x53, 0x74, 0xc1, static_cast<int>(elements.size()) + 1, 2}) + elements + data_section_of("x");
    EXPECT_EQ(read(message, 1000).end, "properties or annotations are malformed");
}

TEST(message_decoder, an_array_of_endless_nothings_costs_nothing) {
    const auto elements = bytes_of({0xa1, 1, 'k', 0xf0, 0, 0, 0, 5, 255, 255, 255, 255, 0x40});
    const auto message =
        bytes_of({0x00, 0x53, 0x74, 0xc1, static_cast<int>(elements.size()) + 1, 2}) + elements + data_section_of("x");
    EXPECT_EQ(read(message, 1000).end, "complete");
}

TEST(message_decoder, sections_have_their_order) {
    const auto header = bytes_of({0x00, 0x53, 0x70, 0x45});
    const auto properties = bytes_of({0x00, 0x53, 0x73, 0x45});
    const auto footer = bytes_of({0x00, 0x53, 0x78, 0xc1, 1, 0});
    EXPECT_EQ(read(header + properties + data_section_of("x"), 100).end, "complete");
    for (const auto& bytes : {properties + header + data_section_of("x"), header + header + data_section_of("x"),
                              data_section_of("x") + header, data_section_of("x") + footer + data_section_of("x"),
                              bytes_of({0x00, 0x53, 0x79, 0x45}) + data_section_of("x")})
        EXPECT_EQ(read(bytes, 100).end, "not the section that may stand here");
    EXPECT_EQ(read(footer, 100).end, "a message without a body");
    EXPECT_EQ(read(bytes_of({0x00, 0x53, 0x76, 0x45}), 100).end, "the body must be data sections");
}

TEST(message_decoder, the_head_has_a_limit_and_the_body_none) {
    message_head head;
    head.subject = std::string(500, 's');
    const auto message = encode_head(head) + data_section_of(std::string(100'000, 'x'));
    EXPECT_EQ(read(message, 1000, 600).end, "complete");
    EXPECT_EQ(read(message, 1000, 500).end, "properties and annotations are too large");
}

} // namespace
} // namespace truc::amqp
