// The first look at hostile bytes. Beyond staying alive: how the bytes are cut must not change the answer, and what
// passes must be within what the DOM parser can take.
#include <truc/xml/document.hpp>
#include <truc/xml/first_pass.hpp>

#include <cstdint>
#include <cstdlib>

namespace {

using truc::xml::first_pass;

truc::xml::limits small_limits() {
    truc::xml::limits l;
    l.bytes = std::size_t{1} << 16;
    l.depth = 16;
    l.nodes = 256;
    return l;
}

truc::result<void> look(std::string_view bytes, std::size_t piece) {
    first_pass pass(small_limits());
    while (!bytes.empty()) {
        if (auto fed = pass.feed(bytes.substr(0, piece)); !fed) return fed;
        bytes.remove_prefix(std::min(piece, bytes.size()));
    }
    return pass.finish();
}

bool same(const truc::result<void>& a, const truc::result<void>& b) {
    if (a.has_value() != b.has_value()) return false;
    return a || (a.error().code == b.error().code && a.error().where->line == b.error().where->line &&
                 a.error().where->column == b.error().where->column);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    [[maybe_unused]] static const bool ready = (truc::xml::initialise(), true);
    if (size == 0) return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto whole = look(bytes, size);
    if (!same(whole, look(bytes, 1)) || !same(whole, look(bytes, 7))) std::abort();
    if (whole) (void)truc::xml::document::parse(bytes);
    return 0;
}
