#include "axis_file.hpp"

#include <truc/base/ascii.hpp>
#include <truc/base/axis_signing.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace truc::api {

namespace {

constexpr std::string_view line_end = "\r\n";

} // namespace

axis_file::axis_file(std::string_view hash, intake::reception& into) : hash_(to_lower(hash)), into_(into) {}

result<void> axis_file::feed(std::string_view piece) {
    const auto known = tail_.size() + piece.size();
    const auto safe = known - std::min(known, line_end.size());
    const auto of_tail = std::min(safe, tail_.size());
    if (auto fed = pass(std::string_view(tail_).substr(0, of_tail)); !fed) return fed;
    if (auto fed = pass(piece.substr(0, safe - of_tail)); !fed) return fed;
    tail_.erase(0, of_tail);
    tail_.append(piece.substr(safe - of_tail));
    return {};
}

result<void> axis_file::finish() {
    if (tail_ == line_end && is(hasher_.so_far())) return {};
    if (auto fed = pass(tail_); !fed) return fed;
    const auto whole = hasher_.finish();
    if (is(whole)) return {};
    (void)into_.finish(); // so that the refusal names by its digest what arrived
    return fail(errc::hash_mismatch, fmt::format("its SHA-256 is {}", whole.hex()));
}

result<void> axis_file::pass(std::string_view piece) {
    if (piece.empty()) return {};
    hasher_.update(piece);
    return into_.feed(piece);
}

bool axis_file::is(const sha256_digest& digest) const { return hash_ == digest.hex() || hash_ == hex_of_sdk(digest); }

} // namespace truc::api
