#include "agency_inbox.hpp"

namespace truc::api {

namespace {

using std::chrono::seconds;
using steady = std::chrono::steady_clock;

constexpr std::size_t most_under_way = 256;                   ///< messages on one link
constexpr std::uint64_t most_bytes = std::uint64_t{32} << 20; ///< of contents under way on one link, but for the first
constexpr std::size_t batch_size = 64;
constexpr seconds first_rest{1}; ///< of what the client gave back, on this link
constexpr seconds longest_rest{60};
/// Claims of others run out without anybody saying so.
constexpr seconds longest_pause{30};

amqp::message message_of(const store::inbox_item& i, store::content bytes) {
    amqp::message m;
    m.head.message_id = i.delivery_id.str();
    m.head.correlation_id = i.document_id;
    m.head.subject = to_string(i.kind);
    m.head.content_type = "application/xml";
    m.head.properties["truc-id"] = i.id.str();
    m.head.properties["truc-from"] = i.from;
    m.head.properties["truc-to"] = i.to;
    m.head.properties["truc-priority"] = std::string(to_string(i.priority));
    m.head.properties["truc-sha256"] = i.sha256.hex();
    auto kept = std::make_shared<const store::content>(std::move(bytes));
    m.body.emplace_back(kept->view(), kept);
    return m;
}

} // namespace

agency_inbox::agency_inbox(std::shared_ptr<agency_core> c, std::shared_ptr<amqp::session> session,
                           amqp::link_handle link, agency_login login, std::string named)
    : agency_part(std::move(c), std::move(session), link, std::move(login)),
      named_(std::move(named)),
      timer_(strand()) {}

agency_inbox::~agency_inbox() = default;

void agency_inbox::open() {
    amqp().accept_link(link());
    pump();
}

// --- sending -----------------------------------------------------------------------------------------------------

void agency_inbox::pump() {
    if (over()) return;
    const auto busy = under_way_.size() + ending_;
    const auto room = busy >= most_under_way || bytes_ >= most_bytes
                          ? 0
                          : std::min({amqp().credit(link()), most_under_way - busy, batch_size});
    if (reading_ || room == 0) {
        news_ = true;
        return;
    }
    reading_ = true;
    news_ = false;
    deliver::inbox::query q;
    q.max = room;
    q.claim = deliver::inbox::until_given_back;
    q.leave_out = resting();
    auto work = [core = shared_core(), login = login(), named = named_, q = std::move(q)]() mutable {
        return look(*core, login, named, std::move(q));
    };
    work_then(use().pool, strand(), std::move(work),
              [self = self<agency_inbox>(), room](result<batch> b) { self->take(std::move(b), room); });
}

/// On the pool. Who the client is and acts for is asked each time: the directory may have changed.
result<agency_inbox::batch> agency_inbox::look(agency_core& core, const agency_login& login, const std::string& named,
                                               deliver::inbox::query q) {
    const auto channel = login.channel(core);
    if (!channel) return fail(channel.error());
    auto agencies =
        agencies_of(core.use, *channel, named.empty() ? std::nullopt : std::optional<std::string_view>(named));
    if (!agencies) return fail(agencies.error());
    batch b;
    b.codes = std::move(agencies->codes);
    q.recipients = b.codes;
    b.items = core.use.inbox.read(q);
    open_contents(core, b);
    return b;
}

/// The first in any case, the others while they are not too large together; what is left is for others, or for later.
void agency_inbox::open_contents(agency_core& core, batch& b) {
    std::vector<store::inbox_item> opened;
    std::uint64_t bytes = 0;
    for (auto& i : b.items) {
        if (!opened.empty() && bytes + i.size > most_bytes) {
            core.use.inbox.give_back(i.delivery_id);
            continue;
        }
        auto content = core.use.store.open_content(i.sha256);
        if (!content) {
            spdlog::error("the delivery {} cannot be sent to its recipient: {}", i.delivery_id.str(),
                          explain(content.error(), language::english));
            b.unreadable.push_back(i.delivery_id);
            core.use.inbox.give_back(i.delivery_id);
            continue;
        }
        bytes += i.size;
        b.contents.push_back(std::move(*content));
        opened.push_back(std::move(i));
    }
    b.items = std::move(opened);
}

void agency_inbox::take(result<batch> looked, std::size_t asked) {
    reading_ = false;
    if (!looked) return end_link(looked.error());
    auto& b = *looked;
    for (const auto& delivery : b.unreadable) let_rest(delivery, longest_rest);
    for (std::size_t n = 0; n < b.items.size(); ++n)
        if (over() || !send(b.items[n], std::move(b.contents[n]))) use().inbox.give_back(b.items[n].delivery_id);
    if (over()) return;
    const bool moved = watch(std::move(b.codes));
    if (moved || news_ || b.items.size() == asked)
        pump();
    else
        look_later();
}

bool agency_inbox::send(const store::inbox_item& i, store::content bytes) {
    const auto handle = amqp().send(link(), message_of(i, std::move(bytes)));
    if (!handle) return false;
    under_way_.emplace(*handle, item{i.delivery_id, i.to, i.size});
    bytes_ += i.size;
    return true;
}

/// Takes its place in the waiting room. True: another one than before, so the inbox has to be read again, for news may
/// have come before.
bool agency_inbox::watch(std::vector<std::string> codes) {
    if (place_ && codes == codes_) return false;
    codes_ = std::move(codes);
    auto wake = [weak = weak_from_this(), rung = rung_, strand = strand()] {
        if (rung->exchange(true)) return; // one turn on the strand for all that commits until then
        net::asio::post(strand, [weak, rung] {
            rung->store(false);
            if (const auto part = weak.lock()) std::static_pointer_cast<agency_inbox>(part)->pump();
        });
    };
    place_ = use().waiting.enter(waiting_keys("inbox:", codes_), std::move(wake));
    return true;
}

void agency_inbox::look_later() {
    auto at = steady::now() + longest_pause;
    for (const auto& [delivery, r] : rests_)
        if (r.until > steady::now()) at = std::min(at, r.until);
    timer_.expires_at(at);
    timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& failure) {
        const auto part = weak.lock();
        if (!failure && part) std::static_pointer_cast<agency_inbox>(part)->pump();
    });
}

// --- what the client answers ------------------------------------------------------------------------------------

bool agency_inbox::settled(amqp::message_handle message, amqp::outcome result,
                           const std::optional<amqp::condition>& why) {
    const auto at = under_way_.find(message);
    if (at == under_way_.end()) return false;
    const auto i = std::move(at->second);
    under_way_.erase(at);
    bytes_ -= i.size;
    switch (result) {
    case amqp::outcome::accepted:
        acknowledge(i, true, {});
        break;
    case amqp::outcome::rejected:
        acknowledge(i, false, why ? text_of(why) : "the recipient's system refuses it");
        break;
    case amqp::outcome::released:
    case amqp::outcome::modified:
        let_rest(i.delivery, first_rest);
        give_back(i);
        break;
    case amqp::outcome::lost:
        give_back(i);
        break;
    }
    pump();
    return true;
}

/// Goes on when the link is gone: the client has said what it had to say.
void agency_inbox::acknowledge(const item& i, bool accepted, std::string reason) {
    ++ending_;
    rests_.erase(i.delivery);
    auto told = [self = self<agency_inbox>(), i](const result<store::conclusion_record>& record) {
        auto outcome = record ? result<void>() : fail(record.error());
        net::asio::post(self->strand(), [self, i, outcome = std::move(outcome)] {
            --self->ending_;
            // It ended otherwise meanwhile, or could not be committed: then it is there to be had again.
            if (!outcome) {
                spdlog::debug("the delivery {}: {}", i.delivery.str(), explain(outcome.error(), language::english));
                self->give_back(i);
            }
            self->pump();
        });
    };
    auto work = [core = shared_core(), login = login(), i, accepted, reason = std::move(reason),
                 told]() -> result<void> {
        deliver::inbox::answer a;
        a.delivery = i.delivery;
        a.recipients = {i.to};
        a.outcome = accepted ? deliver::inbox::outcome::accepted : deliver::inbox::outcome::rejected;
        a.reason = reason;
        a.channel = std::string(to_string(entrance::amqp)) + ":" + login.client;
        core->use.inbox.acknowledge(std::move(a), told);
        return {};
    };
    work_then(use().pool, strand(), std::move(work), [told](const result<void>& begun) {
        if (!begun) told(fail(begun.error()));
    });
}

void agency_inbox::give_back(const item& i) {
    use().inbox.give_back(i.delivery);
    use().waiting.news_for(waiting_keys("inbox:", {i.to})); // others may have it now
}

/// A client that gives everything back at once would get it again at once, for ever.
void agency_inbox::let_rest(const uuid& delivery, seconds at_least) {
    auto& r = rests_[delivery];
    r.length = std::clamp(2 * r.length, at_least, longest_rest);
    r.until = steady::now() + r.length;
}

/// What has rested long ago is forgotten, and with it how often it was given back.
std::vector<uuid> agency_inbox::resting() {
    const auto now = steady::now();
    std::erase_if(rests_, [now](const auto& r) { return r.second.until + longest_rest < now; });
    std::vector<uuid> all;
    for (const auto& [delivery, r] : rests_)
        if (r.until > now) all.push_back(delivery);
    return all;
}

void agency_inbox::closed() {
    place_.reset();
    timer_.cancel();
    for (const auto& [message, i] : std::exchange(under_way_, {})) give_back(i);
}

} // namespace truc::api
