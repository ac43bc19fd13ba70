#include "axis_outbox.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace truc::liaison {

namespace {

/// An answer may be damaged on its way; what is damaged so often is damaged at the axis.
constexpr unsigned attempts_at_damaged = 3;
constexpr auto shortest_wait = milliseconds(50);

bool is_retryable(const error& e) { return describe(e.code).retryable; }

} // namespace

axis_outbox::axis_outbox(axis_options options, poll_pace pace, const std::filesystem::path& notes, const clock& c,
                         metrics_registry& metrics, std::unique_ptr<directory_sync> directory)
    : clock_(c),
      system_id_(options.system_id),
      axis_(std::move(options), c, metrics),
      pace_(pace),
      notes_file_(notes),
      returned_(metrics.get_counter("truc_axis_returned_total",
                                    "Documents that came back from the national axis to which they had been sent")),
      directory_(std::move(directory)) {}

result<std::vector<adapter::waiting_item>> axis_outbox::list(std::size_t max) {
    if (directory_) directory_->start();
    auto items = choose(max);
    if (!items.empty() || !pace_.is_due(clock_.now())) return items;
    if (auto asked = poll(); !asked) return fail(asked.error());
    return choose(max);
}

/// Both lists; what one of them gave is not lost because the other failed.
result<void> axis_outbox::poll() {
    result<void> outcome;
    std::deque<axis_entry> fresh;
    for (const auto kind : {dispatch_kind::edoc, dispatch_kind::status}) {
        auto entries = axis_.received(kind);
        if (entries)
            for (auto& e : *entries) fresh.push_back(std::move(e));
        else
            outcome = fail(std::move(entries.error()));
    }
    pace_.asked(clock_.now(), !fresh.empty());
    if (fresh.empty() && !outcome) return outcome;
    listed_ = std::move(fresh);
    std::unordered_set<std::string> known;
    for (const auto& e : listed_)
        if (looked_at_.contains(e.doc_id)) known.insert(e.doc_id);
    looked_at_ = std::move(known);
    return {};
}

std::vector<adapter::waiting_item> axis_outbox::choose(std::size_t max) {
    std::vector<adapter::waiting_item> chosen;
    const auto now = clock_.now();
    for (std::size_t i = 0; i < listed_.size() && chosen.size() < max;) {
        const auto e = listed_[i];
        if (!failing_.rests(e.doc_id, now) && !came_back(e))
            chosen.push_back({e.doc_id, fmt::format("{} {} → {}", e.doc_id, e.from, e.to)});
        const bool still_there = i < listed_.size() && listed_[i].doc_id == e.doc_id;
        i += still_there ? 1 : 0;
    }
    return chosen;
}

/// By the name of its sender.
bool axis_outbox::may_be_ours(const axis_entry& entry) {
    if (!notes_ && std::filesystem::exists(notes_file_)) {
        try {
            notes_.emplace(notes_file_, store::connection::mode::reader, clock_.now());
        } catch (const store::sqlite_error&) {
            return false; // the inbox is just making it
        }
    }
    return notes_ && (entry.from == system_id_ || notes_->has_sender(entry.from));
}

/// The digest tells. What cannot be looked at now is looked at later.
bool axis_outbox::came_back(const axis_entry& entry) {
    if (looked_at_.contains(entry.doc_id)) return false;
    if (may_be_ours(entry)) {
        const auto content = axis_.content(entry.doc_id);
        if (!content && is_retryable(content.error())) {
            failing_.failed(entry.doc_id, clock_.now());
            return true;
        }
        if (content && notes_->has(sha256(*content))) {
            if (const auto told = axis_.update_status(entry.doc_id, "done"); !told && is_retryable(told.error())) {
                failing_.failed(entry.doc_id, clock_.now());
                return true;
            }
            returned_.add();
            spdlog::info("docId {} came back from the axis: this gateway had sent it there", entry.doc_id);
            forget(entry.doc_id);
            return true;
        }
    }
    looked_at_.insert(entry.doc_id);
    return false;
}

result<std::string> axis_outbox::load(const std::string& key) {
    auto content = axis_.content(key);
    if (content) {
        failing_.worked(key);
        damaged_.erase(key);
        return content;
    }
    auto why = std::move(content.error());
    const bool damaged = why.code == errc::record_invalid && ++damaged_[key] < attempts_at_damaged;
    if (is_retryable(why) || damaged) {
        failing_.failed(key, clock_.now());
        return fail(damaged ? errc::legacy_away : why.code, why.what);
    }
    damaged_.erase(key);
    if (why.code == errc::too_large) return fail(std::move(why));
    return fail(errc::record_invalid, why.what);
}

/// The axis hears of its own hop only: what becomes of a document further on is told by the recipient's statuses.
result<void> axis_outbox::report(const adapter::outgoing_report& r) {
    using stage = adapter::outgoing_report::stage;
    if (r.reached != stage::accepted && r.reached != stage::refused) return {};
    const auto done = axis_.update_status(r.key, r.reached == stage::accepted ? "done" : "fail");
    if (!done && is_retryable(done.error())) return done;
    // It does not know it any more: then there is nobody to tell.
    if (!done) spdlog::warn("the axis does not take the status of docId {}: {}", r.key, done.error().what);
    forget(r.key);
    return {};
}

void axis_outbox::forget(const std::string& doc_id) {
    std::erase_if(listed_, [&](const axis_entry& e) { return e.doc_id == doc_id; });
    looked_at_.erase(doc_id);
    failing_.worked(doc_id);
    damaged_.erase(doc_id);
}

void axis_outbox::wait(std::chrono::milliseconds at_most) {
    const auto until_poll = std::max<milliseconds>(pace_.next() - clock_.now(), shortest_wait);
    std::unique_lock lock(mutex_);
    news_.wait_for(lock, std::min<milliseconds>(at_most, until_poll), [this] { return interrupted_; });
    interrupted_ = false;
}

void axis_outbox::interrupt() {
    const std::scoped_lock lock(mutex_);
    interrupted_ = true;
    news_.notify_one();
}

} // namespace truc::liaison
