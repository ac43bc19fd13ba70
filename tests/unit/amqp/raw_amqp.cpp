#include "raw_amqp.hpp"

#include <truc/trust/socket_bio.hpp>

#include <array>
#include <stdexcept>

namespace truc::amqp::test {

raw_amqp::raw_amqp(std::uint16_t port, const trust::tls_context& tls) : socket_(port), ssl_(SSL_new(tls.get())) {
    BIO* bio = trust::make_socket_bio(socket_.fd());
    SSL_set_bio(ssl_.get(), bio, bio);
    if (SSL_connect(ssl_.get()) != 1) throw std::runtime_error("TLS handshake");
}

bool raw_amqp::send(std::string_view bytes) {
    while (!bytes.empty()) {
        std::size_t count = 0;
        if (SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &count) != 1) return false;
        bytes.remove_prefix(count);
    }
    return true;
}

bool raw_amqp::receive() {
    std::array<char, 4096> buffer;
    std::size_t count = 0;
    if (SSL_read_ex(ssl_.get(), buffer.data(), buffer.size(), &count) != 1) return false;
    received_.append(buffer.data(), count);
    return true;
}

bool raw_amqp::sees(std::string_view text) {
    while (received_.find(text) == std::string::npos)
        if (!receive()) return false;
    return true;
}

bool raw_amqp::is_closed() {
    while (receive()) {
    }
    const int why = SSL_get_error(ssl_.get(), 0);
    return why == SSL_ERROR_ZERO_RETURN || why == SSL_ERROR_SSL || why == SSL_ERROR_SYSCALL;
}

performative& performative::null() {
    ++count_;
    wire::write_null(fields_);
    return *this;
}

performative& performative::text(std::string_view value) {
    ++count_;
    wire::write_string(fields_, value);
    return *this;
}

performative& performative::symbol(std::string_view value) {
    ++count_;
    wire::write_symbol(fields_, value);
    return *this;
}

performative& performative::binary(std::string_view value) {
    ++count_;
    fields_.push_back('\xa0');
    fields_.push_back(static_cast<char>(value.size()));
    fields_.append(value);
    return *this;
}

performative& performative::truth(bool value) {
    ++count_;
    fields_.push_back(value ? '\x41' : '\x42');
    return *this;
}

performative& performative::byte(std::uint8_t value) {
    ++count_;
    fields_.push_back('\x50');
    fields_.push_back(static_cast<char>(value));
    return *this;
}

performative& performative::number(std::uint32_t value) {
    ++count_;
    fields_.push_back('\x70');
    wire::write_big_endian(fields_, value, 4);
    return *this;
}

performative& performative::nested(const performative& value) {
    ++count_;
    fields_.append(value.str());
    return *this;
}

performative& performative::map(std::string_view key, std::string_view value) {
    ++count_;
    std::string body;
    wire::write_symbol(body, key);
    wire::write_string(body, value);
    wire::write_compound(fields_, true, 2, body);
    return *this;
}

std::string performative::str() const {
    std::string out("\x00\x53", 2);
    out.push_back(static_cast<char>(descriptor_));
    wire::write_compound(out, false, count_, fields_);
    return out;
}

std::string performative::framed(std::uint8_t type, std::uint16_t channel, std::string_view payload) const {
    const auto body = str();
    std::string out;
    wire::write_big_endian(out, 8 + body.size() + payload.size(), 4);
    out.push_back('\x02');
    out.push_back(static_cast<char>(type));
    wire::write_big_endian(out, channel, 2);
    return out.append(body).append(payload);
}

std::string performative::frame(std::uint16_t channel, std::string_view payload) const {
    return framed(0, channel, payload);
}

std::string performative::sasl_frame() const { return framed(1, 0, {}); }

std::string greeting() {
    std::string out(sasl_header);
    out += performative(0x41).symbol("EXTERNAL").binary("").sasl_frame();
    out += amqp_header;
    out += performative(0x10).text("raw").frame();
    return out + begin(0);
}

std::string begin(std::uint16_t channel) {
    return performative(0x11).null().number(0).number(1000).number(1000).frame(channel);
}

performative source(std::string_view address) { return performative(0x28).text(address); }

performative target(std::string_view address) { return performative(0x29).text(address); }

std::string attach(std::uint32_t handle, const performative& to, std::uint8_t settle_mode) {
    performative p(0x12);
    p.text("link-" + std::to_string(handle)).number(handle).truth(false).byte(settle_mode).byte(0);
    p.nested(source("mine")).nested(to).null().null().number(0);
    return p.frame();
}

std::string transfer(std::uint32_t id, std::string_view payload, bool more) {
    performative p(0x14);
    p.number(0).number(id).binary(std::to_string(id)).number(0).truth(false).truth(more);
    return p.frame(0, payload);
}

} // namespace truc::amqp::test
