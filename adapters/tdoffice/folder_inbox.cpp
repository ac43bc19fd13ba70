#include "folder_inbox.hpp"

#include "own_directory.hpp"
#include "safe_name.hpp"

#include <truc/base/ascii.hpp>
#include <truc/base/durable.hpp>
#include <truc/base/log.hpp>
#include <truc/pack/edxml_record.hpp>

#include <fmt/format.h>

#include <set>
#include <system_error>
#include <variant>

namespace truc::tdoffice {

namespace {

constexpr unsigned document_mode = 0664; ///< the legacy system takes them away
/// What is kept about a delivery outlives every doubt about it.
constexpr std::chrono::hours kept{7 * 24};
constexpr std::chrono::hours tidied_every{24};

bool is_present(const std::filesystem::path& path) {
    std::error_code ec;
    return std::filesystem::exists(std::filesystem::symlink_status(path, ec));
}

/// A UUIDv7 begins with its moment.
std::string day_of(const uuid& id) {
    std::int64_t ms = 0;
    for (int i = 0; i < 6; ++i) ms = ms << 8 | id.bytes[static_cast<std::size_t>(i)];
    const auto day = to_rfc3339(from_millis(ms));
    return day.substr(0, 4) + day.substr(5, 2) + day.substr(8, 2);
}

/// Number and notation are the third part of the usual DocumentId; other forms are taken whole.
std::string_view number_part(std::string_view document_id) {
    const auto first = document_id.find(',');
    const auto second = first == std::string_view::npos ? first : document_id.find(',', first + 1);
    return second == std::string_view::npos ? document_id : document_id.substr(second + 1);
}

/// The name in `dir` that has the id in it; nothing where there is no such directory.
std::optional<std::string> name_with(const std::filesystem::path& dir, const std::string& id) {
    std::error_code ec;
    for (std::filesystem::directory_iterator entry(dir, ec), end; !ec && entry != end; entry.increment(ec))
        if (auto name = entry->path().filename().string();
            name.find(id) != std::string::npos && !entry->is_directory(ec))
            return name;
    return std::nullopt;
}

std::string free_name(const std::string& wanted, std::set<std::string>& taken) {
    const auto dot = std::min(wanted.rfind('.'), wanted.size());
    auto name = wanted;
    for (int n = 2; !taken.insert(to_lower(name)).second; ++n)
        name = fmt::format("{}-{}{}", wanted.substr(0, dot), n, wanted.substr(dot));
    return name;
}

} // namespace

std::string folder_inbox::stem_of(const adapter::incoming_item& item) {
    const auto number = ascii_word(number_part(item.document_id));
    const std::string_view kind = item.kind == dispatch_kind::status ? "trang-thai-" : "";
    return fmt::format("{}-{}{}{}{}", day_of(item.dispatch_id), kind, number, number.empty() ? "" : "-",
                       item.delivery_id.str());
}

result<std::string> folder_inbox::deliver(const adapter::incoming_item& item) {
    if (!is_present(o_.inbox)) return fail(errc::legacy_away, o_.inbox.string());
    if (auto made = ensure_own_directory(hidden()); !made) return fail(made.error());
    const auto name = stem_of(item) + ".edxml";
    if (item.perhaps_there || is_present(o_.inbox / name)) {
        auto there = look_for(item);
        if (!there) return fail(there.error());
        if (*there) return std::move(**there);
    }
    if (auto prepared = prepare(item); !prepared) return fail(prepared.error());
    if (auto placed = place(item); !placed) return fail(placed.error());
    tidy_up();
    return name;
}

/// What an earlier attempt brought about, made durable.
result<std::optional<std::string>> folder_inbox::look_for(const adapter::incoming_item& item) const {
    const auto id = item.delivery_id.str();
    const bool marked = is_present(hidden(id + ".placing"));
    if (marked && is_present(hidden(id + ".edxml"))) {
        if (auto placed = place(item); !placed) return fail(placed.error());
    }
    if (auto good = refuse_in_place_of_directory(o_.inbox / "read"); !good) return fail(good.error());
    std::optional<std::string> found;
    if (marked) found = stem_of(item) + ".edxml";
    if (!found) found = name_with(o_.inbox, id);
    if (!found) found = name_with(o_.inbox / "read", id);
    if (!found) return std::nullopt;
    if (auto synced = sync_directory(o_.inbox); !synced) return fail(synced.error());
    return found;
}

result<void> folder_inbox::prepare(const adapter::incoming_item& item) const {
    const auto id = item.delivery_id.str();
    if (auto written = write_file(hidden(id + ".edxml"), item.edxml, document_mode); !written) return written;
    if (o_.unpack_attachments && item.kind == dispatch_kind::edoc)
        if (auto unpacked = unpack(item); !unpacked) return unpacked;
    return write_file(hidden(id + ".placing"), {}, document_mode);
}

/// A document whose attachments cannot be read goes as it is: the legacy system has all of it.
result<void> folder_inbox::unpack(const adapter::incoming_item& item) const {
    const auto dir = hidden(item.delivery_id.str() + ".files");
    std::error_code ec;
    std::filesystem::remove_all(dir, ec);
    const auto record = pack::read_edxml(item.edxml);
    const auto* d = record ? std::get_if<pack::edxml_document>(&*record) : nullptr;
    if (!record)
        spdlog::warn("the attachments of {} are not unpacked: {}", item.delivery_id.str(),
                     explain(record.error(), language::english));
    if (!d || d->attachments.empty()) return {};
    if (auto made = ensure_own_directory(dir); !made) return made;
    std::set<std::string> taken;
    for (std::size_t i = 0; i < d->attachments.size(); ++i) {
        const auto& a = d->attachments[i];
        const auto name = free_name(safe_file_name(a.name, fmt::format("tep-{}", i + 1)), taken);
        if (auto written = write_file(dir / name, a.bytes, document_mode); !written) return written;
    }
    return {};
}

/// The attachments before the document: who sees the document finds them.
result<void> folder_inbox::place(const adapter::incoming_item& item) const {
    const auto id = item.delivery_id.str();
    const auto target = o_.inbox / stem_of(item);
    if (is_present(hidden(id + ".files"))) {
        auto moved = move_file(hidden(id + ".files"), target, existing::keep);
        if (!moved && moved.error().code != errc::already_ended) return moved;
    }
    return move_file(hidden(id + ".edxml"), target.string() + ".edxml", existing::replace);
}

/// Once a day, and nothing depends on it.
void folder_inbox::tidy_up() {
    if (clock_.now() - tidied_ < tidied_every) return;
    tidied_ = clock_.now();
    std::error_code ec;
    const auto oldest = std::filesystem::file_time_type::clock::now() - kept;
    for (std::filesystem::directory_iterator entry(hidden(), ec), end; !ec && entry != end; entry.increment(ec)) {
        std::error_code ignored;
        if (entry->last_write_time(ignored) < oldest && !ignored) std::filesystem::remove_all(entry->path(), ignored);
    }
}

} // namespace truc::tdoffice
