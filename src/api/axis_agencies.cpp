// getAgenciesList and getSynchronizeUnit: the whole directory in one answer, the same for everybody.
#include "axis_questions.hpp"
#include "axis_rows.hpp"
#include "gzip.hpp"

namespace truc::api {

namespace {

constexpr std::size_t piece_size = 64 * 1024; ///< between the text and the compressor

class shared_text final : public http::content {
  public:
    explicit shared_text(std::shared_ptr<const std::string> text) : text_(std::move(text)) {}
    std::uint64_t size() const override { return text_->size(); }
    result<std::string_view> piece(std::uint64_t offset, std::size_t most) override {
        return std::string_view(*text_).substr(offset, most);
    }

  private:
    std::shared_ptr<const std::string> text_;
};

/// Text that is kept as it is, or compressed while it is written.
class list_writer {
  public:
    explicit list_writer(bool compressed) {
        if (compressed) gzip_.emplace();
    }
    void write(std::string_view text) {
        plain_ += text;
        if (gzip_ && plain_.size() >= piece_size) compress();
    }
    std::string finish() {
        if (!gzip_) return std::move(plain_);
        compress();
        gzip_->finish(packed_);
        packed_.shrink_to_fit();
        return std::move(packed_);
    }

  private:
    void compress() {
        gzip_->feed(plain_, packed_);
        plain_.clear();
    }

    std::optional<gzip_writer> gzip_;
    std::string plain_, packed_;
};

json::object describe_listed(const directory::agency& a) {
    return {{"id", a.code.str()}, {"pid", a.parent}, {"code", a.code.str()}, {"name", a.name}, {"mail", a.mail}};
}

bool has_begun(const directory::agency& a, timestamp now) { return !a.valid_from || *a.valid_from <= now; }
bool is_closed(const directory::agency& a, timestamp now) { return a.valid_to && *a.valid_to <= now; }

/// Flags are JSON's true and false: the SDK's reader takes them for flags and for texts. The version counts what an
/// entry went through: it began, it was closed.
json::object describe_unit(const directory::agency& a, timestamp now) {
    const bool closed = is_closed(a, now);
    const auto changed = closed ? a.valid_to : a.valid_from;
    auto o = describe_listed(a);
    o["version"] = closed ? "2" : "1";
    o["centerCode"] = a.node;
    o["deleted"] = closed;
    o["modifyDate"] = changed ? to_rfc3339(*changed) : std::string();
    o["isAgency"] = true;
    return o;
}

std::string text_of(const directory::directory& d, axis_agency_lists::which list, bool compressed, timestamp now) {
    const bool units = list == axis_agency_lists::which::units;
    const auto [head, tail] = axis_frame::of(axis_data::list);
    list_writer out(compressed);
    out.write(head);
    std::string_view comma;
    for (const auto& a : d.agencies()) {
        if (!has_begun(a, now) || (!units && is_closed(a, now))) continue;
        out.write(comma);
        out.write(json::serialize(units ? describe_unit(a, now) : describe_listed(a)));
        comma = ",";
    }
    out.write(tail);
    return out.finish();
}

/// When the list will be another one though the directory is the same.
timestamp next_change(const directory::directory& d, timestamp now) {
    auto next = timestamp::max();
    for (const auto& a : d.agencies())
        for (const auto& moment : {a.valid_from, a.valid_to})
            if (moment && *moment > now) next = std::min(next, *moment);
    return next;
}

} // namespace

struct axis_agency_lists::made {
    std::weak_ptr<const directory::directory> of;
    timestamp from, until;
    body text; ///< null while it is being made
    std::vector<net::completion<body>> waiting;

    bool is_of(const std::shared_ptr<const directory::directory>& d) const {
        return !of.owner_before(d) && !d.owner_before(of);
    }
    bool is_good(timestamp now) const { return from <= now && now < until; }
};

/// Nothing keeps a list of an earlier directory but the answers that are under way.
void axis_agency_lists::ask(const services& s, key k, net::completion<body> done) {
    auto d = s.intake.current_directory();
    const auto now = s.clock.now();
    const std::scoped_lock lock(mutex_);
    std::erase_if(newest_, [&](const auto& entry) { return !entry.second->is_of(d) || !entry.second->is_good(now); });
    auto& newest = newest_[k];
    if (newest && newest->text) return done(newest->text);
    if (newest) return newest->waiting.push_back(std::move(done));
    newest = std::make_shared<made>();
    newest->of = d;
    newest->from = now;
    newest->until = next_change(*d, now);
    newest->waiting.push_back(std::move(done));
    s.pool.post([this, k, m = newest, d = std::move(d)] { make(k, m, *d); });
}

void axis_agency_lists::make(key k, const std::shared_ptr<made>& m, const directory::directory& d) {
    body text;
    std::exception_ptr failure;
    try {
        text = std::make_shared<const std::string>(text_of(d, k.first, k.second, m->from));
    } catch (...) {
        failure = std::current_exception();
    }
    std::vector<net::completion<body>> waiting;
    {
        const std::scoped_lock lock(mutex_);
        m->text = text;
        waiting.swap(m->waiting);
        const auto at = newest_.find(k);
        if (failure && at != newest_.end() && at->second == m) newest_.erase(at); // the next one tries again
    }
    for (const auto& done : waiting) failure ? done.fail(failure) : done(text);
}

axis_outcome axis_agency_lists::answer(const services& s, http::request& r, which list) {
    const auto dropped = co_await drop_body(r);
    if (!dropped) co_return fail(dropped.error());
    const bool compressed = accepts_gzip(r.head().header("Accept-Encoding"));
    net::pending<body> pending;
    ask(s, key(list, compressed), pending.completer());
    const auto text = co_await pending.wait();
    auto answer = axis_stream(std::make_shared<shared_text>(text));
    answer.add("Vary", "Accept-Encoding");
    if (compressed) answer.add("Content-Encoding", "gzip");
    co_return answer;
}

} // namespace truc::api
