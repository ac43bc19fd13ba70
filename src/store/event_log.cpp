#include <truc/base/log.hpp>
#include <truc/base/printable.hpp>
#include <truc/model/traceparent.hpp>
#include <truc/store/event_log.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>

namespace truc::store {

namespace {

constexpr std::size_t longest_value = 200;         // bytes of what a stranger wrote
constexpr std::size_t written_at_once = 64 * 1024; // bytes
constexpr std::size_t most_recipients = 5;

/// The code of the catalogue with which a reason begins; what a person wrote stays in the ledger.
std::string_view code_in(std::string_view reason) {
    const auto word = reason.substr(0, reason.find(':'));
    return errc_from_name(word) ? word : std::string_view();
}

/// Ids, codes and names are; what strangers wrote is looked at more closely.
bool is_plain(std::string_view value) {
    return value.size() <= longest_value &&
           std::all_of(value.begin(), value.end(), [](char c) { return c > ' ' && c < 0x7f && c != '"' && c != '\\'; });
}

/// Writes one member after the other, in the form of the lines.
class line {
  public:
    line(std::string& out, bool json) : out_(out), json_(json) {}

    void begin(const ledger::event& e) {
        if (json_)
            fmt::format_to(to(), R"({{"time":"{}","level":"info","event":"{}")", to_rfc3339(e.time),
                           shown(e.name_text()));
        else
            fmt::format_to(to(), "{} info {}", to_rfc3339(e.time), shown(e.name_text()));
    }
    /// Left out when it is empty.
    void add(std::string_view name, std::string_view value) {
        if (value.empty()) return;
        if (json_)
            fmt::format_to(to(), R"(,"{}":"{}")", name, shown(value));
        else if (value.find_first_of(" \"=\\") == std::string_view::npos)
            fmt::format_to(to(), " {}={}", name, shown(value));
        else
            fmt::format_to(to(), " {}=\"{}\"", name, shown(value));
    }
    void add(std::string_view name, const std::optional<uuid>& id) {
        if (id) add(name, id->str());
    }
    void end() { out_ += json_ ? "}\n" : "\n"; }

  private:
    std::back_insert_iterator<std::string> to() { return std::back_inserter(out_); }
    /// Without quotation marks and controls; the \ of what it replaced is doubled where JSON reads it.
    std::string shown(std::string_view value) const {
        if (is_plain(value)) return std::string(value);
        auto text = printable(value, longest_value);
        if (!json_) return text;
        for (std::size_t at = 0; (at = text.find('\\', at)) != std::string::npos; at += 2) text.insert(at, 1, '\\');
        return text;
    }

    std::string& out_;
    const bool json_;
};

std::string recipients_of(const ledger::event& e) {
    const auto shown = std::min(e.to.size(), most_recipients);
    auto text = fmt::format("{}", fmt::join(e.to.begin(), e.to.begin() + static_cast<std::ptrdiff_t>(shown), ","));
    if (shown < e.to.size()) text += fmt::format(",+{}", e.to.size() - shown);
    return text;
}

void append(const recorded_event& r, bool json, std::string& out) {
    const auto& e = r.event;
    line l(out, json);
    l.begin(e);
    l.add("dispatch", e.dispatch_id);
    l.add("delivery", e.delivery_id);
    l.add("document_id", e.document_id);
    l.add("from", e.from);
    l.add("to", recipients_of(e));
    l.add("channel", e.channel);
    l.add("reason", code_in(e.reason));
    l.add("id", e.id());
    l.add("trace", trace_id_of(r.traceparent));
    l.end();
}

} // namespace

void append_text_line(const recorded_event& e, std::string& out) { append(e, false, out); }
void append_json_line(const recorded_event& e, std::string& out) { append(e, true, out); }

event_log::event_log(metrics_registry* metrics, writer write, std::size_t most)
    : write_(write ? std::move(write) : write_log_lines), most_(most) {
    if (metrics)
        left_out_total_ = &metrics->get_counter("truc_log_lines_left_out_total",
                                                "Lines of events that the reader of the log was too slow for");
    thread_ = std::thread([this] { run(); });
}

event_log::~event_log() {
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    news_.notify_all();
    thread_.join();
}

void event_log::take(recorded_events events) {
    if (!enabled_ || events.empty() || !spdlog::should_log(spdlog::level::info)) return;
    {
        const std::scoped_lock lock(mutex_);
        const auto room = most_ - std::min(most_, waiting_.size());
        const auto fitting = std::min(room, events.size());
        left_out_ += events.size() - fitting;
        if (left_out_total_) left_out_total_->add(events.size() - fitting);
        waiting_.insert(waiting_.end(), std::make_move_iterator(events.begin()),
                        std::make_move_iterator(events.begin() + static_cast<std::ptrdiff_t>(fitting)));
    }
    news_.notify_one();
}

void event_log::run() {
    std::unique_lock lock(mutex_);
    for (;;) {
        news_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
        if (waiting_.empty()) return;
        const auto events = std::exchange(waiting_, {});
        const auto left_out = std::exchange(left_out_, 0);
        lock.unlock();
        write(events, left_out);
        lock.lock();
    }
}

/// What was left out came behind the events that found room.
void event_log::write(const recorded_events& events, std::uint64_t left_out) const {
    const bool json = log_is_json();
    std::string lines;
    for (const auto& e : events) {
        append(e, json, lines);
        if (lines.size() < written_at_once) continue;
        write_(lines);
        lines.clear();
    }
    if (!lines.empty()) write_(lines);
    if (left_out != 0) spdlog::warn("{} lines of events were left out: whoever reads the log is too slow", left_out);
}

} // namespace truc::store
