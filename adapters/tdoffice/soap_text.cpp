#include "soap_text.hpp"

#include <truc/base/ascii.hpp>
#include <truc/base/utf8.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <iconv.h>
#include <memory>
#include <optional>
#include <type_traits>

namespace truc::tdoffice {

namespace {

constexpr std::string_view utf8_mark = "\xEF\xBB\xBF";

struct iconv_close_it {
    void operator()(void* handle) const { ::iconv_close(handle); }
};

/// Our name of an encoding that somebody declared; empty when it is none that we read.
std::string_view known_encoding(std::string_view declared) {
    struct alias {
        std::string_view written;
        std::string_view name;
    };
    static constexpr alias all[] = {
        {"utf-8", "UTF-8"},       {"utf8", "UTF-8"},          {"us-ascii", "UTF-8"},        {"utf-16", "UTF-16LE"},
        {"utf-16le", "UTF-16LE"}, {"utf-16be", "UTF-16BE"},   {"unicode", "UTF-16LE"},      {"windows-1258", "CP1258"},
        {"cp1258", "CP1258"},     {"windows-1252", "CP1252"}, {"iso-8859-1", "ISO-8859-1"},
    };
    for (const auto& [written, name] : all)
        if (iequal(written, declared)) return name;
    return {};
}

/// The value behind `key=`, with or without quotes; empty when there is none.
std::string_view value_behind(std::string_view text, std::string_view key) {
    const auto found = std::ranges::search(text, key, [](char a, char b) { return to_lower(a) == to_lower(b); });
    if (found.empty()) return {};
    auto rest = trim(text.substr(static_cast<std::size_t>(found.end() - text.begin())));
    if (!rest.starts_with('=')) return {};
    rest = trim(rest.substr(1));
    if (rest.starts_with('"') || rest.starts_with('\'')) {
        const auto end = rest.find(rest.front(), 1);
        return end == std::string_view::npos ? std::string_view() : rest.substr(1, end - 1);
    }
    return rest.substr(0, rest.find_first_of("; \t"));
}

/// `<?xml … ?>` at the beginning of the text, or nothing. In UTF-8, a code page or what was UTF-16.
std::string_view declaration_of(std::string_view text) {
    constexpr std::size_t longest = 256;
    if (!text.starts_with("<?xml")) return {};
    const auto end = text.substr(0, longest).find("?>");
    return end == std::string_view::npos ? std::string_view() : text.substr(0, end + 2);
}

struct found_encoding {
    std::string declared; ///< for people
    std::string_view name;
    std::size_t mark = 0; ///< bytes of the byte order mark
};

found_encoding encoding_of(std::string_view bytes, std::string_view content_type) {
    if (bytes.starts_with(utf8_mark)) return {"UTF-8", "UTF-8", utf8_mark.size()};
    if (bytes.starts_with("\xFF\xFE")) return {"UTF-16", "UTF-16LE", 2};
    if (bytes.starts_with("\xFE\xFF")) return {"UTF-16", "UTF-16BE", 2};
    using namespace std::string_view_literals;
    if (bytes.starts_with("<\0"sv)) return {"UTF-16", "UTF-16LE", 0};
    if (bytes.starts_with("\0<"sv)) return {"UTF-16", "UTF-16BE", 0};
    auto declared = value_behind(content_type, "charset");
    if (declared.empty()) declared = value_behind(declaration_of(bytes), "encoding");
    if (declared.empty()) declared = "UTF-8";
    auto name = known_encoding(declared);
    // .NET writes the declaration of its strings in front of bytes that are UTF-8: what is readable here is not UTF-16.
    if (name.starts_with("UTF-16") && bytes.starts_with('<')) name = "UTF-8";
    return {std::string(declared), name, 0};
}

bool is_ascii(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

result<std::string> convert(std::string_view bytes, const found_encoding& from) {
    const std::unique_ptr<std::remove_pointer_t<iconv_t>, iconv_close_it> handle(
        ::iconv_open("UTF-8", std::string(from.name).c_str()));
    if (handle.get() == reinterpret_cast<iconv_t>(-1)) return fail(errc::internal, "iconv");
    std::string out(bytes.size() * 3 + 16, '\0'); // the longest that any of these encodings can grow
    auto* in = const_cast<char*>(bytes.data());   // iconv(3) does not write there
    auto in_left = bytes.size();
    auto* into = out.data();
    auto room = out.size();
    const bool done = ::iconv(handle.get(), &in, &in_left, &into, &room) != static_cast<std::size_t>(-1) &&
                      ::iconv(handle.get(), nullptr, nullptr, &into, &room) != static_cast<std::size_t>(-1);
    if (!done) return fail(errc::encoding, fmt::format("the answer is not the {} that it declares", from.declared));
    out.resize(out.size() - room);
    return out;
}

} // namespace

result<std::string> to_utf8(std::string bytes, std::string_view content_type) {
    const auto from = encoding_of(bytes, content_type);
    if (from.name.empty()) return fail(errc::encoding, fmt::format("the answer declares {}", from.declared));
    bytes.erase(0, from.mark);
    const bool wide = from.name.starts_with("UTF-16");
    const bool page = !wide && from.name != "UTF-8";
    if (page && !is_ascii(bytes) && is_utf8(bytes))
        return fail(errc::encoding, fmt::format("the answer declares {} and is UTF-8", from.declared));
    if (from.name != "UTF-8") {
        auto converted = convert(bytes, from);
        if (!converted) return converted;
        bytes = *std::move(converted);
    }
    if (!is_utf8(bytes)) return fail(errc::encoding, "the answer is not the UTF-8 that it declares");
    if (bytes.starts_with(utf8_mark)) bytes.erase(0, utf8_mark.size());
    bytes.erase(0, declaration_of(bytes).size());
    bytes.erase(0, bytes.find_first_not_of(" \t\r\n"));
    return bytes;
}

} // namespace truc::tdoffice
