#include <truc/intake/transit.hpp>
#include <truc/pack/envelope_text.hpp>

#include <fmt/format.h>

namespace truc::intake {

namespace {

/// As long as a receipt may be (ledger); one of a dispatch to a thousand recipients has about a tenth of it.
constexpr std::size_t longest_receipt = std::size_t{1} << 20;

xml::limits content_limits() {
    xml::limits l;
    l.bytes = rules_of(entrance::relay).largest_message;
    return l;
}

} // namespace

leg_reception::leg_reception(std::string neighbour, spool content)
    : neighbour_(std::move(neighbour)), content_(std::move(content)), first_pass_(content_limits()) {}

result<void> leg_reception::feed(std::size_t section, std::string_view piece) {
    if (section >= 2) return feed_content(piece);
    auto& text = section == 0 ? envelope_ : receipt_;
    const auto limit = section == 0 ? pack::longest_envelope : longest_receipt;
    if (text.size() + piece.size() > limit) {
        fault_ = error(errc::too_large,
                       fmt::format("{} of more than {} KiB", section == 0 ? "an envelope" : "a receipt", limit >> 10));
        return fail(*fault_);
    }
    text.append(piece);
    return {};
}

/// A fault in the XML does not stop it: what matters more is whether these are the bytes that were accepted.
result<void> leg_reception::feed_content(std::string_view piece) {
    const auto largest = rules_of(entrance::relay).largest_message;
    size_ += piece.size();
    if (size_ > largest) {
        fault_ = error(errc::too_large, fmt::format("more than {} MiB", largest >> 20));
        return fail(*fault_);
    }
    if (!malformed_) {
        if (auto looked = first_pass_.feed(piece); !looked) {
            malformed_ = looked.error();
            content_.discard();
        }
    }
    auto kept = content_.append(piece);
    if (!kept) fault_ = kept.error();
    return kept;
}

result<void> leg_reception::finish() {
    if (fault_) return fail(*fault_);
    if (auto kept = content_.finish(); !kept) {
        fault_ = kept.error();
        return kept;
    }
    if (!malformed_)
        if (auto looked = first_pass_.finish(); !looked) malformed_ = looked.error();
    return {};
}

} // namespace truc::intake
