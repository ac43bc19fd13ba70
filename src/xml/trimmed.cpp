#include "trimmed.hpp"

#include "characters.hpp"

namespace truc::xml {

std::string_view without_outer_space(std::string_view text) {
    while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
    return text;
}

std::string trimmed(std::string_view message) {
    constexpr std::size_t longest = 240;
    message = without_outer_space(message);
    while (message.ends_with('.')) message.remove_suffix(1);
    std::string line;
    if (message.size() > longest) {
        std::size_t cut = longest;
        while (cut != 0 && (static_cast<unsigned char>(message[cut]) & 0xC0) == 0x80) --cut;
        line.assign(message.substr(0, cut)).append("…");
    } else {
        line.assign(message);
    }
    for (char& c : line)
        if (c == '\n' || c == '\r' || c == '\t') c = ' ';
    return line;
}

} // namespace truc::xml
