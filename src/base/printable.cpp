#include <truc/base/printable.hpp>
#include <truc/base/utf8.hpp>

#include <fmt/format.h>

namespace truc {

namespace {

bool is_deceptive(std::string_view character) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(character[i]); };
    if (character.size() == 1) return byte(0) < 0x20 || byte(0) == 0x7f || byte(0) == '"' || byte(0) == '\\';
    if (character.size() == 2) return byte(0) == 0xc2 && byte(1) < 0xa0;
    if (character.size() != 3) return false;
    if (character == "\xef\xbb\xbf") return true;
    if (byte(0) != 0xe2) return false;
    return (byte(1) == 0x80 && (byte(2) >= 0xa8 || (byte(2) >= 0x8b && byte(2) <= 0x8f))) ||
           (byte(1) == 0x81 && byte(2) >= 0xa0 && byte(2) <= 0xaf);
}

} // namespace

std::string printable(std::string_view text, std::size_t longest) {
    std::string out;
    while (!text.empty()) {
        const auto length = utf8_length(text);
        const auto character = text.substr(0, length ? length : 1);
        std::string shown(character);
        if (length == 0 || is_deceptive(character)) {
            shown.clear();
            for (const char c : character) shown += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
        }
        if (out.size() + shown.size() > longest) return out + "…";
        out += shown;
        text.remove_prefix(character.size());
    }
    return out;
}

} // namespace truc
