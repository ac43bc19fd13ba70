#include "agency_feed.hpp"

namespace truc::api {

namespace {

constexpr std::size_t page_size = 128; ///< receipts that are read at once
constexpr std::size_t most_under_way = 512;
constexpr std::chrono::seconds rest{1}; ///< before what was given back is sent again

} // namespace

agency_feed::agency_feed(std::shared_ptr<agency_core> c, std::shared_ptr<amqp::session> session, amqp::link_handle link,
                         agency_login login, std::string named, std::uint64_t after)
    : agency_part(std::move(c), std::move(session), link, std::move(login)),
      named_(std::move(named)),
      position_(after),
      timer_(strand()) {}

agency_feed::~agency_feed() = default;

void agency_feed::open() {
    amqp().accept_link(link());
    pump();
}

void agency_feed::pump() {
    if (over()) return;
    const auto free = most_under_way - std::min(most_under_way, under_way_.size());
    const auto room = again_ ? 0 : std::min({amqp().credit(link()), free, page_size});
    if (reading_ || room == 0) {
        news_ = true;
        return;
    }
    reading_ = true;
    news_ = false;
    auto work = [core = shared_core(), login = login(), named = named_, from = position_, room]() -> result<page> {
        const auto channel = login.channel(*core);
        if (!channel) return fail(channel.error());
        auto agencies =
            agencies_of(core->use, *channel, named.empty() ? std::nullopt : std::optional<std::string_view>(named));
        if (!agencies) return fail(agencies.error());
        page p;
        p.entries = core->use.store.read_feed(agencies->codes, from, room);
        p.codes = std::move(agencies->codes);
        return p;
    };
    work_then(use().pool, strand(), std::move(work),
              [self = self<agency_feed>(), room, turn = turn_](const result<page>& p) { self->take(p, room, turn); });
}

void agency_feed::take(const result<page>& read, std::size_t asked, unsigned turn) {
    reading_ = false;
    if (over()) return;
    if (!read) return end_link(read.error());
    if (again_ || turn != turn_) return pump(); // it goes back
    for (const auto& e : read->entries) {
        amqp::message m;
        m.head.message_id = e.event_id;
        m.head.subject = to_string(e.event);
        m.head.content_type = "application/xml";
        m.head.properties["truc-cursor"] = static_cast<std::int64_t>(e.position + 1);
        if (!e.submission.empty()) m.head.properties["truc-submission"] = e.submission;
        m.body.emplace_back(e.xml);
        const auto handle = amqp().send(link(), std::move(m));
        if (!handle) return;
        under_way_.emplace(*handle, e.position);
        position_ = e.position + 1;
    }
    if (watch(read->codes) || news_ || read->entries.size() == asked) pump();
}

/// As in agency_inbox.
bool agency_feed::watch(std::vector<std::string> codes) {
    if (place_ && codes == codes_) return false;
    codes_ = std::move(codes);
    auto wake = [weak = weak_from_this(), rung = rung_, strand = strand()] {
        if (rung->exchange(true)) return;
        net::asio::post(strand, [weak, rung] {
            rung->store(false);
            if (const auto part = weak.lock()) std::static_pointer_cast<agency_feed>(part)->pump();
        });
    };
    place_ = use().waiting.enter(waiting_keys("feed:", codes_), std::move(wake));
    return true;
}

bool agency_feed::settled(amqp::message_handle message, const amqp::settlement& how) {
    const auto at = under_way_.find(message);
    if (at == under_way_.end()) return false;
    const auto position = at->second;
    under_way_.erase(at);
    if (over()) return true;
    if (how.result == amqp::outcome::released || how.result == amqp::outcome::modified) {
        again_ = std::min(again_.value_or(position), position);
        read_again();
    } else {
        pump();
    }
    return true;
}

/// After a rest, from the first one that was given back: those behind it that were sent already come once more.
void agency_feed::read_again() {
    timer_.expires_after(rest);
    timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& failure) {
        const auto part = weak.lock();
        if (failure || !part || part->over()) return;
        auto& feed = static_cast<agency_feed&>(*part);
        if (!feed.again_) return;
        feed.position_ = *std::exchange(feed.again_, std::nullopt);
        ++feed.turn_;
        feed.pump();
    });
}

void agency_feed::closed() {
    place_.reset();
    timer_.cancel();
}

} // namespace truc::api
