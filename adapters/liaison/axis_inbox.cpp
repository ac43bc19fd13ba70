#include "axis_inbox.hpp"

#include <truc/base/ascii.hpp>
#include <truc/pack/edxml.hpp>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>

namespace truc::liaison {

namespace {

constexpr auto clocks_differ = std::chrono::hours(1); ///< ours and the axis', at most
constexpr auto unknown_past = std::chrono::hours(24); ///< in which an attempt without a note was made

bool is_retryable(const error& e) { return describe(e.code).retryable; }

/// number/notation, as the axis' list shows it; empty when the content tells none.
std::string notation_of(std::string_view edxml) {
    const auto m = pack::read_in_transit(edxml);
    if (!m) return {};
    if (m->kind == dispatch_kind::status) return m->response_for.empty() ? std::string() : m->response_for.front().code;
    return m->code_number + "/" + m->code_notation;
}

sent_note new_note(const adapter::incoming_item& item, timestamp now) {
    sent_note n;
    n.delivery = item.delivery_id;
    n.digest = sha256(item.edxml);
    n.kind = item.kind;
    n.from = item.from;
    n.to = item.to;
    n.notation = notation_of(item.edxml);
    n.first_tried = now;
    n.last_tried = now;
    return n;
}

/// The axis may not have told its name for it; then ours must do.
std::string name_of(const sent_note& note, const std::string& doc_id) {
    return doc_id.empty() ? note.delivery.str() : doc_id;
}

/// Whether the row may be the note's. What the axis leaves out tells nothing.
bool fits(const axis_sent_row& row, const sent_note& note) {
    const auto same = [](std::string_view told, std::string_view ours) {
        return told.empty() || iequal(trim(told), ours);
    };
    return !row.doc_id.empty() && iequal(row.to, note.to) && same(row.from, note.from) &&
           (note.notation.empty() || same(row.notation, note.notation)) &&
           (!row.sent_at || *row.sent_at >= note.first_tried - clocks_differ);
}

} // namespace

axis_inbox::axis_inbox(axis_options options, milliseconds settle, const std::filesystem::path& notes, const clock& c,
                       metrics_registry& metrics)
    : clock_(c),
      settle_(settle),
      axis_(std::move(options), c, metrics),
      notes_file_(notes),
      settled_(metrics.get_counter("truc_axis_settled_total",
                                   "Doubtful sendEdoc whose document was found in the axis' list")),
      repeated_after_look_(metrics.get_counter("truc_axis_repeated_total", "sendEdoc repeated after a doubtful one",
                                               R"(look="not_there")")),
      repeated_blindly_(metrics.get_counter("truc_axis_repeated_total", "sendEdoc repeated after a doubtful one",
                                            R"(look="undecided")")) {}

result<std::string> axis_inbox::deliver(const adapter::incoming_item& item) {
    try {
        return deliver_noted(item);
    } catch (const store::sqlite_error& e) {
        return fail(e.is_full() ? errc::no_space : errc::internal, e.what());
    }
}

sent_notes& axis_inbox::notes() {
    if (!notes_) notes_.emplace(notes_file_, store::connection::mode::writer, clock_.now());
    return *notes_;
}

result<std::string> axis_inbox::deliver_noted(const adapter::incoming_item& item) {
    const auto known = notes().find(item.delivery_id);
    if (known && known->known == sent_note::state::sent) return name_of(*known, known->doc_id);
    auto note = known ? *known : new_note(item, clock_.now());
    const bool lost_note = !known && item.perhaps_there;
    if (lost_note) note.first_tried = note.last_tried = clock_.now() - unknown_past;
    if (lost_note || (known && known->known == sent_note::state::doubtful)) {
        const auto there = settle(note, lost_note);
        if (!there) return fail(there.error());
        if (*there) return **there;
    }
    if (auto alone = settle_twins(note); !alone) return fail(alone.error());
    return send(item, std::move(note));
}

result<std::optional<std::string>> axis_inbox::settle(sent_note note, bool lost_note) {
    const auto seen = look(note);
    if (!seen) return fail(seen.error());
    switch (seen->found) {
    case finding::there:
        settled_.add();
        if (lost_note) notes().begin(note);
        return conclude(note, seen->rows);
    case finding::not_yet:
        return fail(errc::legacy_away, "the axis has not said whether it took the last attempt");
    case finding::not_there:
        notes().is_not_there(note.delivery, sent_note::state::never_came);
        return std::nullopt;
    case finding::undecided:
        break;
    }
    spdlog::warn("delivery {} goes to the axis once more: nobody can say whether it is there", note.delivery.str());
    return std::nullopt;
}

/// They need not be on their way here now: what is known of them is in the notes.
result<void> axis_inbox::settle_twins(const sent_note& note) {
    for (const auto& twin : notes().doubtful_twins(note)) {
        const auto seen = look(twin);
        if (!seen) return fail(seen.error());
        if (seen->found == finding::not_yet)
            return fail(errc::legacy_away, "another delivery that looks alike there is in doubt");
        if (seen->found == finding::there) {
            settled_.add();
            conclude(twin, seen->rows);
        }
        if (seen->found == finding::not_there) notes().is_not_there(twin.delivery, sent_note::state::never_came);
    }
    return {};
}

/// Error: the axis cannot be asked now.
result<axis_inbox::settlement> axis_inbox::look(const sent_note& note) {
    settlement s;
    const auto asked = axis_.sent(note.kind, note.first_tried - clocks_differ, [&](const axis_sent_row& row) {
        const bool seen = std::find(s.rows.begin(), s.rows.end(), row.doc_id) != s.rows.end();
        if (!seen && fits(row, note) && !notes().is_taken(row.doc_id, note.to)) s.rows.push_back(row.doc_id);
    });
    if (!asked && is_retryable(asked.error())) return fail(asked.error());
    const bool told_apart =
        notes().doubtful_twins(note).empty() && !notes().has_repeated_twin(note, note.first_tried - settle_);
    if (!s.rows.empty() && told_apart)
        s.found = finding::there;
    else if (clock_.now() < note.last_tried + settle_)
        s.found = finding::not_yet;
    else
        s.found = s.rows.empty() && asked ? finding::not_there : finding::undecided;
    return s;
}

result<std::string> axis_inbox::send(const adapter::incoming_item& item, sent_note note) {
    if (auto there = make_sure_it_answers(item.kind); !there) return fail(there.error());
    note.last_tried = clock_.now();
    if (const auto before = notes().find(note.delivery)) {
        count_repetition(before->known);
        if (before->known != sent_note::state::doubtful) note.first_tried = note.last_tried;
    }
    notes().begin(note);
    const auto doc_id = axis_.send(item.kind, item.from, item.to, item.edxml);
    if (doc_id) return conclude(note, doc_id->empty() ? std::vector<std::string>() : std::vector{*doc_id});
    if (!is_retryable(doc_id.error())) {
        notes().is_not_there(note.delivery, sent_note::state::refused);
        return fail(doc_id.error());
    }
    // The sooner it is looked for, the less there is to be mistaken for it.
    const auto seen = look(note);
    answers_ = seen.has_value();
    if (!seen || seen->found != finding::there) return fail(doc_id.error());
    settled_.add();
    return conclude(note, seen->rows);
}

void axis_inbox::count_repetition(sent_note::state known) {
    if (known == sent_note::state::doubtful) repeated_blindly_.add();
    if (known == sent_note::state::never_came) repeated_after_look_.add();
}

/// An axis that is away must not put one document after the other in doubt.
result<void> axis_inbox::make_sure_it_answers(dispatch_kind kind) {
    if (answers_) return {};
    const auto asked = axis_.sent(kind, clock_.now(), [](const axis_sent_row&) {});
    if (!asked && is_retryable(asked.error())) return asked;
    answers_ = true;
    return {};
}

std::string axis_inbox::conclude(const sent_note& note, const std::vector<std::string>& rows) {
    notes().sent(note, rows);
    return name_of(note, rows.empty() ? std::string() : rows.front());
}

} // namespace truc::liaison
