#include "documents.hpp"

#include "parallel.hpp"

#include <fmt/format.h>

#include <edxml_builder.hpp>

namespace truc::bench {

namespace {

constexpr auto date = "2024/03/05";
constexpr auto notation = "STTTT-CNTT";

std::string document_id(const network& n, std::size_t number) {
    return fmt::format("{},{},{}/{}", n.agencies[number % n.agencies.size()].code, date, number, notation);
}

} // namespace

std::size_t document_maker::recipient_of(std::size_t number) const {
    const auto agencies = network_.agencies.size();
    const auto sender = number % agencies;
    // Every other agency in turn, never the sender itself.
    return (sender + 1 + number / agencies % (agencies - 1)) % agencies;
}

std::string document_maker::make_one(std::size_t number, std::size_t size) const {
    const auto& sender = network_.agencies[number % network_.agencies.size()];
    test::edxml_document d;
    d.from = sender.code;
    d.to = {network_.agencies[recipient_of(number)].code};
    d.number = std::to_string(number);
    d.notation = notation;
    d.date = date;
    d.document_id = document_id(network_, number);
    return signer_.make(d, size, static_cast<unsigned>(number) * 2654435761U + seed_, *sender.signing);
}

/// Each agency gets its documents in the order of their numbers.
void document_maker::begin_round() {
    while (number_ % network_.agencies.size() != 0) ++number_;
}

std::vector<std::vector<std::string>> document_maker::make(std::size_t count, std::size_t size) {
    const auto agencies = network_.agencies.size();
    begin_round();
    std::vector<std::vector<std::string>> made(agencies, std::vector<std::string>(count));
    const auto first = number_;
    in_parallel(count * agencies, [&](std::size_t i) { made[i % agencies][i / agencies] = make_one(first + i, size); });
    number_ += count * agencies;
    return made;
}

std::vector<std::string> document_maker::make_of(std::size_t agency, std::size_t count, std::size_t size) {
    const auto agencies = network_.agencies.size();
    begin_round();
    std::vector<std::string> made(count);
    const auto first = number_ + agency;
    in_parallel(count, [&](std::size_t i) { made[i] = make_one(first + i * agencies, size); });
    number_ += count * agencies;
    return made;
}

document_maker::status document_maker::make_status(std::size_t number) const {
    test::edxml_status s;
    const auto from = recipient_of(number);
    s.from = network_.agencies[from].code;
    s.to = network_.agencies[number % network_.agencies.size()].code;
    s.document_id = document_id(network_, number);
    s.document_code = fmt::format("{}/{}", number, notation);
    return {from, test::build(s)};
}

} // namespace truc::bench
