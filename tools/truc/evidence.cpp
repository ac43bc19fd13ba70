#include "evidence.hpp"

#include "words.hpp"

#include <truc/base/durable.hpp>

namespace truc::cli {

outcome<void> make_directory(const std::filesystem::path& dir) {
    std::error_code ec;
    std::filesystem::create_directories(dir, ec);
    if (ec)
        return stop(usage_failure(
            words("cannot make the directory {}: {}", "không tạo được thư mục {}: {}", dir.string(), ec.message())));
    return {};
}

outcome<ledger::event> event_of(std::string_view receipt) {
    constexpr std::string_view end_tag = "</Event>";
    const auto begin = receipt.find("<Event");
    const auto end = receipt.find(end_tag);
    if (begin == std::string_view::npos || end == std::string_view::npos || end < begin)
        return stop(error(errc::receipt_invalid, "expected Receipt"));
    auto e = ledger::parse_event(receipt.substr(begin, end + end_tag.size() - begin));
    if (!e) return stop(e.error());
    return std::move(*e);
}

outcome<std::filesystem::path> save_receipt(const std::filesystem::path& dir, std::string_view receipt) {
    const auto e = event_of(receipt);
    if (!e) return stop(e.error());
    if (const auto made = make_directory(dir); !made) return stop(made.error());
    auto file = dir / (e->id() + ".xml");
    if (const auto written = write_file(file, receipt); !written) return stop(written.error());
    return file;
}

} // namespace truc::cli
