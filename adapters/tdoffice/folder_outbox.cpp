#include "folder_outbox.hpp"

#include "own_directory.hpp"

#include <truc/base/ascii.hpp>

#include <fmt/format.h>

#include <system_error>

namespace truc::tdoffice {

namespace {

constexpr std::size_t longest_note = std::size_t{4} << 20; ///< a line for each of a thousand recipients and more
constexpr std::size_t where_numbers_stand = std::size_t{64} << 10;
constexpr unsigned note_mode = 0664; ///< the legacy system takes them away

bool ends_a_wait(std::string_view name, bool appeared) {
    return appeared ? is_document_name(name) : name.size() > 4 && iequal(name.substr(name.size() - 4), ".err");
}

bool is_present(const std::filesystem::path& path) {
    std::error_code ec;
    return std::filesystem::exists(std::filesystem::symlink_status(path, ec));
}

/// X.edxml → X.<id>.edxml
std::string with_id(std::string_view file, std::string_view id, std::string_view ending) {
    return fmt::format("{}.{}{}", answer_name(file, "", false), id, ending);
}

/// Empty when there is none that can be read.
std::string note_at(const std::filesystem::path& path) {
    const auto text = is_present(path) ? read_file(path, longest_note) : result<std::string>();
    return text ? *text : std::string();
}

} // namespace

folder_outbox::folder_outbox(folder_options o, const clock& c)
    : o_(std::move(o)), scan_(o_, c), watch_(o_.outbox, ends_a_wait) {}

result<std::vector<adapter::waiting_item>> folder_outbox::list(std::size_t max) {
    watch_.begin();
    for (const auto& name : watch_.take_renamed()) scan_.renamed(name);
    const auto found = scan_.look(max);
    if (!found) return fail(found.error());
    std::vector<adapter::waiting_item> items;
    for (const auto& f : *found) items.push_back({f.key, std::string(name_in_key(f.key))});
    return items;
}

/// What changed since it was listed waits under another key; this one is asked for no more.
result<std::string> folder_outbox::load(const std::string& key) {
    const auto found = scan_.find(key);
    if (!found) return fail(found.error());
    if (found->fault) return fail(*found->fault);
    auto read = read_document_file(o_.outbox / found->name, o_.largest, keep_content::yes);
    if (!read) return fail(read.error());
    if (key_of(found->name, read->digest) != key) return fail(errc::legacy_away, found->name + " is being written");
    return std::move(read->content);
}

void folder_outbox::wait(std::chrono::milliseconds at_most) {
    at_most = std::min<std::chrono::milliseconds>(at_most, o_.scan);
    if (const auto next = scan_.next_ready()) at_most = std::min<std::chrono::milliseconds>(at_most, *next);
    watch_.wait(at_most);
}

result<void> folder_outbox::report(const adapter::outgoing_report& r) {
    using stage = adapter::outgoing_report::stage;
    if (r.reached == stage::accepted) return accepted(r);
    return r.reached == stage::refused ? refused(r) : note_recipient(r);
}

/// The document's own version, not one that has come in its place.
bool folder_outbox::is_there(const std::string& name, const std::string& key) const {
    const auto read = read_document_file(o_.outbox / name, o_.largest, keep_content::no);
    return read && key_of(name, read->digest) == key;
}

document_name folder_outbox::describe_file(const std::string& name) const {
    const auto read = read_document_file(o_.outbox / name, o_.largest, keep_content::yes);
    return {name, read ? number_in(std::string_view(read->content).substr(0, where_numbers_stand)) : std::string()};
}

std::filesystem::path folder_outbox::done_of(const std::string& name) const {
    return o_.outbox / answer_name(name, ".done", false);
}

/// Whether this has been told before, so that a note which the legacy system took away does not come again.
bool folder_outbox::was_sent(const std::string& name, const adapter::outgoing_report& r) const {
    if (is_present(o_.outbox / name)) return false;
    for (const auto& path : {sent(name), sent(with_id(name, r.dispatch_id, ".edxml"))})
        if (const auto read = read_document_file(path, o_.largest, keep_content::no);
            read && key_of(name, read->digest) == r.key)
            return true;
    return false;
}

/// First the note, then the document goes: whoever sees it gone finds the note.
result<void> folder_outbox::accepted(const adapter::outgoing_report& r) {
    // The note names Truc's id, which comes with the receipt: a moment later it is told again.
    if (r.dispatch_id.empty()) return {};
    const std::string name(name_in_key(r.key));
    if (auto made = ensure_own_directory(o_.outbox / "sent"); !made) return made;
    if (was_sent(name, r)) return {};
    if (auto written = write_done(name, r); !written) return written;
    if (auto moved = move_to_sent(name, r); !moved) return moved;
    for (const bool in_the_way : {false, true})
        if (auto removed = remove_file(o_.outbox / answer_name(name, ".err", in_the_way)); !removed) return removed;
    return {};
}

/// The note about an earlier document of this name goes where that document went.
result<void> folder_outbox::write_done(const std::string& name, const adapter::outgoing_report& r) {
    const auto done = done_of(name);
    const auto earlier = dispatch_in(note_at(done));
    if (earlier == r.dispatch_id) return {};
    if (uuid::parse(earlier))
        if (auto moved = move_file(done, sent(with_id(name, earlier, ".done")), existing::replace); !moved)
            return moved;
    const auto old_note = sent(with_id(name, r.dispatch_id, ".done"));
    if (const auto text = note_at(old_note); !text.empty()) return move_file(old_note, done, existing::replace);
    return write_file(done, done_text(describe_file(name), r), note_mode);
}

/// The legacy system may put another document there at any moment: only what has been moved can be looked at in peace.
result<void> folder_outbox::move_to_sent(const std::string& name, const adapter::outgoing_report& r) {
    const auto moving = sent("." + with_id(name, r.dispatch_id, ".moving"));
    if (!is_present(moving)) {
        if (!is_there(name, r.key)) return {};
        if (auto moved = move_file(o_.outbox / name, moving, existing::replace); !moved) return moved;
    }
    const auto read = read_document_file(moving, o_.largest, keep_content::no);
    if (!read && describe(read.error().code).retryable) return fail(read.error());
    if (!read || key_of(name, read->digest) != r.key) return move_back(moving, name, r.dispatch_id);
    const auto there = read_document_file(sent(name), o_.largest, keep_content::no);
    const bool is_free = !is_present(sent(name)) || (there && there->digest == read->digest);
    return move_file(moving, is_free ? sent(name) : sent(with_id(name, r.dispatch_id, ".edxml")), existing::replace);
}

result<void> folder_outbox::move_back(const std::filesystem::path& moved, const std::string& name,
                                      const std::string& dispatch) {
    auto back = move_file(moved, o_.outbox / name, existing::keep);
    if (back || back.error().code != errc::already_ended) return back;
    return move_file(moved, o_.outbox / with_id(name, dispatch, ".edxml"), existing::keep);
}

/// Only beside a document that is still the one which was refused.
result<void> folder_outbox::refused(const adapter::outgoing_report& r) {
    const auto found = scan_.find(r.key);
    if (!found && found.error().code == errc::not_found) return {};
    if (!found) return fail(found.error());
    const auto err = answer_name(found->name, ".err", found->in_the_way);
    if (key_in(note_at(o_.outbox / err)) == r.key) return {};
    const auto described =
        found->fault ? document_name{std::string(name_in_key(r.key)), {}} : describe_file(found->name);
    return write_file(o_.outbox / err, err_text(described, err, r), note_mode);
}

/// Where the note is by now; when the legacy system took it away, the rest of the story lies beside the document.
result<void> folder_outbox::note_recipient(const adapter::outgoing_report& r) {
    const std::string name(name_in_key(r.key));
    auto path = done_of(name);
    auto text = note_at(path);
    if (dispatch_in(text) != r.dispatch_id) {
        path = sent(with_id(name, r.dispatch_id, ".done"));
        text = note_at(path);
    }
    if (text.empty()) {
        if (auto made = ensure_own_directory(o_.outbox / "sent"); !made) return made;
        auto first = r;
        first.reached = adapter::outgoing_report::stage::accepted;
        text = done_text({name, {}}, first);
    }
    const auto line = recipient_line(r);
    if (text.find(line) != std::string::npos) return {};
    return write_file(path, text + line, note_mode);
}

} // namespace truc::tdoffice
