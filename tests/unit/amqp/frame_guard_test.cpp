#include "../../../src/amqp/frame_guard.hpp"
#include "raw_amqp.hpp"

#include <gtest/gtest.h>

namespace truc::amqp::test {
namespace {

constexpr std::uint32_t limit = 1000;

/// Empty when the guard lets all of it through, whatever the pieces it comes in.
std::string fault_of(const std::string& bytes) {
    std::string first;
    for (const std::size_t at_a_time : {bytes.size(), std::size_t{1}, std::size_t{13}}) {
        frame_guard guard(limit);
        std::string_view rest = bytes;
        while (!rest.empty() && guard.check(rest.substr(0, at_a_time)))
            rest.remove_prefix(std::min(at_a_time, rest.size()));
        if (at_a_time != bytes.size()) {
            EXPECT_EQ(guard.fault().description, first);
        }
        first = guard.fault().description;
    }
    return first;
}

/// The client has a link on handle 0.
std::string linked() { return greeting() + attach(0); }

std::string big_endian(std::uint32_t value) {
    std::string out;
    wire::write_big_endian(out, value, 4);
    return out;
}

TEST(frame_guard, lets_a_dialogue_through) {
    const auto empty_frame = big_endian(8) + std::string("\x02\x00\x00\x00", 4);
    EXPECT_EQ(fault_of(greeting() + attach(0) + empty_frame + transfer(0, "payload", true) + transfer(0, "more") +
                       transfer(1, "") + performative(0x16).number(0).truth(true).frame() + performative(0x17).frame() +
                       performative(0x18).frame()),
              "");
}

TEST(frame_guard, a_continued_message_needs_no_number) {
    performative p(0x14);
    p.number(0).null().null().null().null().truth(true);
    const auto unnumbered = p.frame(0, "x");
    EXPECT_EQ(fault_of(linked() + transfer(0, "x", true) + unnumbered + transfer(0, "x")), "");
    const auto fault = "a message without a delivery-id or delivery-tag";
    EXPECT_EQ(fault_of(linked() + unnumbered), fault);
    EXPECT_EQ(fault_of(linked() + transfer(0, "x", true) + transfer(0, "x") + unnumbered), fault);
    const auto anew = performative(0x16).number(0).truth(true).frame() + attach(0);
    EXPECT_EQ(fault_of(linked() + transfer(0, "x", true) + anew + unnumbered), fault);
    performative aborted(0x14);
    aborted.number(0).null().null().null().null().truth(true).null().null().null().truth(true);
    EXPECT_EQ(fault_of(linked() + transfer(0, "x", true) + aborted.frame() + unnumbered), fault);
}

TEST(frame_guard, connections_sessions_and_links_begin_once_and_are_used_while_they_last) {
    const auto open = performative(0x10).text("raw").frame();
    const auto close = performative(0x18).frame();
    const auto end = performative(0x17).frame();
    const auto detach = performative(0x16).number(0).truth(true).frame();
    const auto order = "not the order of open and close";
    EXPECT_EQ(fault_of(greeting() + open), order);
    EXPECT_EQ(fault_of(greeting() + close + close), order);
    EXPECT_EQ(fault_of(greeting() + close + end), "a frame before open or after close");
    EXPECT_EQ(fault_of(greeting() + begin(0)), "a session that has begun already");
    EXPECT_EQ(fault_of(greeting() + end + begin(0)), "");
    EXPECT_EQ(fault_of(greeting() + end + end), "a frame of no session");
    EXPECT_EQ(fault_of(linked() + attach(0)), "a handle that is in use");
    EXPECT_EQ(fault_of(linked() + detach + attach(0)), "");
    EXPECT_EQ(fault_of(linked() + end + begin(0) + attach(0)), "");
    EXPECT_EQ(fault_of(linked() + detach + detach), "a handle that is not attached");
    EXPECT_EQ(fault_of(greeting() + transfer(0, "x")), "a handle that is not attached");
}

TEST(frame_guard, messages_come_on_links_by_which_the_peer_sends) {
    const auto receiver = performative(0x12).text("a").number(0).truth(true).frame();
    const auto detach = performative(0x16).number(0).truth(true).frame();
    EXPECT_EQ(fault_of(greeting() + receiver + transfer(0, "x")), "a message on a link by which the peer receives");
    EXPECT_EQ(fault_of(greeting() + receiver + detach + attach(0) + transfer(0, "x")), "");
}

TEST(frame_guard, sasl_says_nothing_twice) {
    const auto init = performative(0x41).symbol("PLAIN").sasl_frame();
    EXPECT_EQ(fault_of(std::string(sasl_header) + init), "");
    EXPECT_EQ(fault_of(std::string(sasl_header) + init + init), "SASL says the same twice");
}

TEST(frame_guard, a_disposition_names_no_more_deliveries_than_there_can_be) {
    const auto of = [](std::uint32_t first, std::uint32_t last) {
        return performative(0x15).truth(true).number(first).number(last).truth(true).frame();
    };
    EXPECT_EQ(fault_of(linked() + of(0, 65535) + of(0xffffffff, 3) + of(7, 7)), "");
    const auto fault = "a disposition of too many deliveries";
    EXPECT_EQ(fault_of(linked() + of(0, 65536)), fault);
    EXPECT_EQ(fault_of(linked() + of(1, 0)), fault);
    EXPECT_EQ(fault_of(linked() + of(0x80000002, 0)), fault);
}

TEST(frame_guard, frames_have_their_form) {
    EXPECT_EQ(fault_of(greeting() + big_endian(7) + std::string("\x02\x00\x00\x00", 4)), "not a frame");
    EXPECT_EQ(fault_of(greeting() + transfer(0, std::string(limit, 'x'))), "not a frame");
    EXPECT_EQ(fault_of(greeting() + big_endian(8) + std::string("\x03\x00\x00\x00", 4)), "not a frame");
    EXPECT_EQ(fault_of(greeting() + performative(0x41).symbol("EXTERNAL").sasl_frame()), "not a frame");
    EXPECT_EQ(fault_of(greeting() + big_endian(9) + std::string("\x02\x00\x00\x00\x00", 5)),
              "a frame that ends too early");
    EXPECT_EQ(fault_of(greeting() + big_endian(20) + std::string("\x02\x00\x00\x00", 4) + std::string(12, 'x')),
              "a frame without a performative");
    EXPECT_EQ(fault_of(greeting() + performative(0x18).frame(0, "x")), "bytes after a performative");
}

TEST(frame_guard, headers_have_their_order) {
    const auto fault = "not the protocol header that may stand here";
    EXPECT_EQ(fault_of("GET / HTTP/1.1"), fault);
    EXPECT_EQ(fault_of(std::string("AMQP\x02\x01\x00\x00", 8)), fault);
    EXPECT_EQ(fault_of(std::string(sasl_header) + std::string(sasl_header)), fault);
    EXPECT_EQ(fault_of(greeting() + std::string(amqp_header)), fault);
}

TEST(frame_guard, fields_have_their_types) {
    const auto fault = "a performative that is malformed";
    EXPECT_EQ(fault_of(greeting() + performative(0x10).frame()), fault) << "no container";
    EXPECT_EQ(fault_of(greeting() + performative(0x10).symbol("x").frame()), fault) << "a symbol is no string";
    EXPECT_EQ(fault_of(greeting() + performative(0x16).text("x").frame()), fault);
    EXPECT_EQ(fault_of(greeting() + performative(0x18).null().null().frame()), fault) << "a field too many";
    EXPECT_EQ(fault_of(greeting() + performative(0x19).frame()), fault) << "unknown";
    EXPECT_EQ(fault_of(greeting() + performative(0x17).text("x").frame()), fault);
    EXPECT_EQ(fault_of(std::string(sasl_header) + performative(0x41).text("EXTERNAL").sasl_frame()), fault);
}

} // namespace
} // namespace truc::amqp::test
