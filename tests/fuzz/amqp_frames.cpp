// A peer that speaks AMQP and makes no sense: every frame is well-formed, so that the engine behind the guard sees all
// of them; which ones come, and what their fields say, is the input.
#include "amqp_handler.hpp"
#include "amqp_peer.hpp"

#include <array>
#include <cstdint>

namespace {

using namespace truc;

void write_number(std::string& out, std::uint64_t value, unsigned bytes) {
    while (bytes-- > 0) out.push_back(static_cast<char>(value >> (8 * bytes)));
}

class script {
  public:
    explicit script(std::string_view input) : input_(input) {}

    bool is_over() const { return input_.empty(); }
    std::uint8_t next() {
        if (input_.empty()) return 0;
        const auto byte = static_cast<std::uint8_t>(input_.front());
        input_.remove_prefix(1);
        return byte;
    }
    bool flag() { return (next() & 1) != 0; }
    /// Mostly small, sometimes at an edge.
    std::uint32_t number() {
        constexpr std::array<std::uint32_t, 8> edges{65535,      65536,      0x7fffffff, 0x80000000,
                                                     0xfffffffe, 0xffffffff, 1000,       64};
        const auto byte = next();
        return byte < 248 ? byte % 8 : edges[byte - 248U];
    }

  private:
    std::string_view input_;
};

/// The fields of a list, one after the other.
class fields {
  public:
    explicit fields(script& s) : script_(s) {}

    fields& null() { return add("\x40"); }
    fields& number() { return add("\x70", script_.number(), 4); }
    fields& maybe_number() { return script_.flag() ? number() : null(); }
    fields& handle() { return add("\x70", script_.next() % 4U, 4); }
    fields& flag() { return add(script_.flag() ? "\x41" : "\x42"); }
    fields& mode() { return add("\x50", script_.next() % 3U, 1); }
    fields& name() { return text(std::array{"own", "feed", "a", "b", "c"}[script_.next() % 5U]); }
    fields& text(std::string_view value) {
        ++count_;
        bytes_.push_back('\xb1');
        write_number(bytes_, value.size(), 4);
        bytes_.append(value);
        return *this;
    }
    fields& tag() {
        add("\xa0", 1, 1);
        bytes_.push_back(static_cast<char>(script_.next()));
        return *this;
    }
    fields& described(std::uint8_t descriptor, const fields& value) {
        ++count_;
        bytes_ += value.list(descriptor);
        return *this;
    }
    fields& terminus(std::uint8_t descriptor) {
        const auto kind = script_.next() % 6U;
        if (kind == 0) return null();
        if (kind == 1 && descriptor == 0x29) return described(0x30, fields(script_)); // a coordinator
        fields f(script_);
        if (kind == 2)
            f.null().null().null().null().flag();
        else
            f.text(kind == 3 ? "no" : "submit");
        return described(descriptor, f);
    }
    fields& state() {
        const auto descriptor = static_cast<std::uint8_t>(0x23 + script_.next() % 6U);
        if (descriptor == 0x28) return null();
        fields f(script_);
        if (descriptor == 0x23) f.number().add("\x80", script_.number(), 8);
        if (descriptor == 0x27) f.flag().flag();
        return described(descriptor, f);
    }

    std::string list(std::uint8_t descriptor) const {
        std::string out("\x00\x53", 2);
        out.push_back(static_cast<char>(descriptor));
        out.push_back('\xd0');
        write_number(out, bytes_.size() + 4, 4);
        write_number(out, count_, 4);
        out.append(bytes_);
        return out;
    }

  private:
    fields& add(const char* constructor, std::uint64_t value = 0, unsigned bytes = 0) {
        ++count_;
        bytes_ += constructor;
        write_number(bytes_, value, bytes);
        return *this;
    }
    script& script_;
    std::string bytes_;
    std::size_t count_ = 0;
};

void write_frame(std::string& out, const std::string& performative, unsigned channel, std::string_view payload = {},
                 std::uint8_t kind = 0) {
    write_number(out, 8 + performative.size() + payload.size(), 4);
    out.push_back('\x02');
    out.push_back(static_cast<char>(kind));
    write_number(out, channel, 2);
    out.append(performative).append(payload);
}

/// Parts of messages that fit together, and some that do not.
std::string_view payload(script& s) {
    constexpr std::array<std::string_view, 6> parts{
        std::string_view("\x00\x53\x75\xa0\x04"
                         "data",
                         9),
        std::string_view("\x00\x53\x75\xa0\x08"
                         "ha",
                         7),
        std::string_view("lf data", 6),
        std::string_view(),
        std::string_view("\x00\x53\x73\xc0\x0b\x04\x40\x40\x40\xa1\x06"
                         "refuse\x00\x53\x75\xa0\x00",
                         21),
        std::string_view("\x00\x53\x73\xc0\x0b\x04\x40\x40\x40\xa1\x06"
                         "detach\x00\x53\x75\xa0\x00",
                         21),
    };
    return parts[s.next() % parts.size()];
}

void write_next(script& s, std::string& out) {
    const auto kind = s.next() % 10U;
    const auto channel = s.next() % 3U;
    fields f(s);
    switch (kind) {
    case 0:
        return write_frame(out, f.null().number().number().number().list(0x11), channel);
    case 1:
    case 2:
        f.name().handle().flag().mode().mode().terminus(0x28).terminus(0x29).null().null().maybe_number();
        return write_frame(out, f.list(0x12), channel);
    case 3:
        f.maybe_number().number().number().number();
        if (s.flag()) f.handle().maybe_number().maybe_number().maybe_number().flag().flag();
        return write_frame(out, f.list(0x13), channel);
    case 4:
    case 5:
        f.handle().maybe_number().tag().number().flag().flag().null().state().flag().flag();
        return write_frame(out, f.list(0x14), channel, payload(s));
    case 6:
    case 7:
        f.flag().number().maybe_number().flag().state();
        return write_frame(out, f.list(0x15), channel);
    case 8:
        return write_frame(out, f.handle().flag().list(0x16), channel);
    default:
        if (s.flag()) return write_frame(out, {}, 0);
        return write_frame(out, f.list(s.next() == 255 ? 0x18 : 0x17), channel);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size > 4'000) return 0;
    script s(std::string_view(reinterpret_cast<const char*>(data), size));
    std::string input("AMQP\x03\x01\x00\x00", 8);
    std::string init("\x00\x53\x41\xc0\x0d\x02\xa3\x08"
                     "EXTERNAL\xa0\x00",
                     18);
    write_frame(input, init, 0, {}, 1);
    input.append("AMQP\x00\x01\x00\x00", 8);
    write_frame(input, fields(s).text("peer").list(0x10), 0);
    write_frame(input, fields(s).null().number().number().number().list(0x11), 0);
    while (!s.is_over()) write_next(s, input);
    fuzz::serve(input, {}, true, [](amqp::session& session) { return std::make_unique<fuzz::answering>(session); });
    return 0;
}
