#include "folder.hpp"

#include "folder_inbox.hpp"
#include "folder_outbox.hpp"

namespace truc::tdoffice {

namespace {

/// A share may be away when the adapter starts: whether the directories exist shows later.
folder_options read_options(settings& s) {
    folder_options o;
    s.read_path("outbox", o.outbox, true, settings::is::any);
    s.read_path("inbox", o.inbox, true, settings::is::any);
    const auto seconds = [&s](std::string_view key, milliseconds& into, std::int64_t most) {
        auto value = std::chrono::duration_cast<std::chrono::seconds>(into);
        s.read_number(key, value, 1, most);
        into = value;
    };
    seconds("scan_seconds", o.scan, 600);
    seconds("settle_seconds", o.settle, 600);
    seconds("unfinished_seconds", o.unfinished, 24 * 3600);
    s.read("unpack_attachments", o.unpack_attachments);
    if (!o.outbox.empty() && o.outbox == o.inbox) s.refuse("inbox", "another directory than the outbox");
    return o;
}

} // namespace

adapter::legacy_system make_folder(settings s, const adapter::adapter_context& context) {
    const auto options = read_options(s);
    return {std::make_unique<folder_outbox>(options, context.clock),
            std::make_unique<folder_inbox>(options, context.clock)};
}

} // namespace truc::tdoffice
