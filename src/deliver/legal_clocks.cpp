#include <truc/deliver/legal_clocks.hpp>

#include <fmt/format.h>

namespace truc::deliver {

namespace {

using namespace std::chrono_literals;

constexpr milliseconds between_rounds = 1min;
constexpr milliseconds between_pages = 1s;

/// A round goes through what is open, state by state, then through what was handed over.
constexpr std::array open_states = {delivery_state::queued, delivery_state::relayed, delivery_state::consigned};

/// What is late, for people: {0} deliveries, {1} the agency.
struct sentence {
    std::string_view english, vietnamese;
};
sentence sentence_of(legal_clock c) {
    switch (c) {
    case legal_clock::urgent:
        return {"{0} urgent deliveries of {1} are not handed over in time",
                "{0} lượt giao văn bản khẩn của {1} chưa được "
                "bàn giao đúng hạn"};
    case legal_clock::arrived:
        return {"{0} deliveries of {1} have not arrived by the next working morning",
                "{0} lượt giao của {1} chưa đến nơi nhận trong buổi sáng ngày làm việc kế tiếp"};
    case legal_clock::received:
        return {"{0} deliveries of {1} were handed over, and no status 01 came on the same day",
                "{0} lượt giao của {1} đã bàn giao nhưng chưa có trạng thái 01 trong ngày"};
    case legal_clock::accepted:
        return {
            "{0} deliveries of {1} have arrived, and neither 03 nor 02 came by the next working morning",
            "{0} lượt giao của {1} đã đến nhưng chưa tiếp nhận (03) hay từ chối (02) trong buổi sáng ngày làm việc kế "
            "tiếp"};
    }
    return {};
}

/// Whom to look to: where the recipient is at home here it has to act, and is asked here.
const std::string& agency_for(legal_clock c, const store::delivery_history& h) {
    const bool by_sender = c == legal_clock::arrived || !h.home_here;
    return by_sender ? h.sender : h.recipient;
}

} // namespace

std::string describe(const late_deliveries& l, language lang) {
    const bool vietnamese = lang == language::vietnamese;
    const auto s = sentence_of(l.clock);
    const auto what = fmt::format(fmt::runtime(vietnamese ? s.vietnamese : s.english), l.count, l.agency);
    return fmt::format(
        fmt::runtime(vietnamese ? "{}; lâu nhất: {} gửi {}, hết hạn {}" : "{}; the oldest: {} to {}, due {}"), what,
        l.document_id, l.recipient, to_rfc3339(l.oldest).substr(0, 16));
}

legal_clocks::legal_clocks(options o) : o_(std::move(o)) {}

void legal_clocks::use(clock_rules rules) {
    const std::scoped_lock lock(mutex_);
    o_.rules = std::move(rules);
}

clock_rules legal_clocks::rules() const {
    const std::scoped_lock lock(mutex_);
    return o_.rules;
}

legal_clocks::finding legal_clocks::last_round() const {
    const std::scoped_lock lock(mutex_);
    return last_;
}

timestamp legal_clocks::look() {
    const auto in_force = rules();
    const auto page = next_page();
    for (const auto& h : page.rows) judge(h, in_force);
    after_ = page.next;
    if (!page.last) return o_.clock->now() + between_pages;
    after_ = {};
    if (part_++ < open_states.size()) return o_.clock->now(); // the next part; an empty one costs nothing
    end_round();
    return o_.clock->now() + between_rounds;
}

store::history_page legal_clocks::next_page() {
    if (part_ < open_states.size()) return read_open_histories(*o_.store, open_states[part_], after_, o_.page);
    return read_handed_over(*o_.store, o_.clock->now() - o_.look_back, after_, o_.page);
}

void legal_clocks::judge(const store::delivery_history& h, const clock_rules& rules) {
    for (const auto c : legal_clocks_all) {
        if (c == legal_clock::arrived && !h.sent_here) continue; // the sender's node watches the way
        const auto reading = read_clock(c, h.life, rules, o_.clock->now());
        if (reading.state == clock_state::late) add(c, agency_for(c, h), h, reading.due);
    }
}

void legal_clocks::add(legal_clock c, const std::string& agency, const store::delivery_history& h, timestamp due) {
    auto& l = found_[{c, agency}];
    l.clock = c;
    l.agency = agency;
    ++l.count;
    if (due >= l.oldest) return;
    l.oldest = due;
    l.document_id = h.document_id;
    l.recipient = h.recipient;
}

void legal_clocks::end_round() {
    std::set<key> now;
    finding f;
    for (auto& [of, l] : found_) {
        o_.alarms->raise(to_string(of.first), of.second, describe(l, language::english));
        now.insert(of);
        f.late.push_back(std::move(l));
    }
    for (const auto& of : alarmed_)
        if (!now.contains(of)) o_.alarms->clear(to_string(of.first), of.second);
    alarmed_ = std::move(now);
    found_.clear();
    part_ = 0;
    f.at = o_.clock->now();
    const std::scoped_lock lock(mutex_);
    last_ = std::move(f);
}

} // namespace truc::deliver
