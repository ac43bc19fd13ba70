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
constexpr std::size_t most_left_out = 1000; ///< deliveries that a link passes over at a time
constexpr std::string_view reason_annotation = "x-opt-truc-reason";
/// Claims of others run out without anybody saying so.
constexpr seconds longest_pause{30};
constexpr seconds crowded_pause{2}; ///< while the client settles nothing of what it has on all its links

amqp::message message_of(const store::inbox_item& i, store::content bytes) {
    amqp::message m;
    m.head.message_id = i.delivery_id.str();
    m.head.correlation_id = i.document_id;
    m.head.subject = to_string(i.kind);
    m.head.content_type = "application/xml";
    m.head.delivery_count = i.attempts;
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
    deliver::inbox::query q;
    q.leave_out = left_out();
    if (q.leave_out.size() >= most_left_out) return look_later(longest_pause);
    q.max = room;
    q.claim = deliver::inbox::until_given_back;
    reading_ = true;
    news_ = false;
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
    b.keys = agencies->inbox_keys();
    q.recipients = agencies->inboxes(core.use.store);
    b.items = core.use.inbox.read(q);
    open_contents(core, login.client, b);
    return b;
}

/// The first in any case, the others while they are not too large together; what is left is for others, or for later.
void agency_inbox::open_contents(agency_core& core, const std::string& client, batch& b) {
    std::vector<store::inbox_item> opened;
    std::uint64_t bytes = 0;
    for (auto& i : b.items) {
        const bool fits = opened.empty() || bytes + i.size <= most_bytes;
        if (!fits || b.crowded || !open_content(core, client, i, b)) {
            core.use.inbox.give_back(i.delivery_id);
            continue;
        }
        bytes += i.size;
        opened.push_back(std::move(i));
    }
    b.items = std::move(opened);
}

bool agency_inbox::open_content(agency_core& core, const std::string& client, const store::inbox_item& i, batch& b) {
    b.crowded = !core.admit.lend(client, i.size);
    if (b.crowded) return false;
    auto content = core.use.store.open_content(i.sha256);
    if (content) {
        b.contents.push_back(std::move(*content));
        return true;
    }
    spdlog::error("the delivery {} cannot be sent to its recipient: {}", i.delivery_id.str(),
                  explain(content.error(), language::english));
    core.admit.give_back(client, i.size);
    b.unreadable.push_back(i.delivery_id);
    return false;
}

void agency_inbox::take(result<batch> looked, std::size_t asked) {
    reading_ = false;
    if (!looked) return end_link(looked.error());
    auto& b = *looked;
    for (const auto& delivery : b.unreadable) let_rest(delivery, longest_rest);
    for (std::size_t n = 0; n < b.items.size(); ++n)
        if (over() || !send(b.items[n], std::move(b.contents[n]))) return_item(b.items[n]);
    if (over()) return;
    const bool moved = watch(std::move(b.keys));
    if (!b.crowded && (moved || news_ || b.items.size() == asked))
        pump();
    else
        look_later(b.crowded ? crowded_pause : longest_pause);
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
bool agency_inbox::watch(std::vector<std::string> keys) {
    if (place_ && keys == keys_) return false;
    keys_ = std::move(keys);
    auto wake = [weak = weak_from_this(), rung = rung_, strand = strand()] {
        if (rung->exchange(true)) return; // one turn on the strand for all that commits until then
        net::asio::post(strand, [weak, rung] {
            rung->store(false);
            if (const auto part = weak.lock()) std::static_pointer_cast<agency_inbox>(part)->pump();
        });
    };
    place_ = use().waiting.enter(keys_, std::move(wake));
    return true;
}

void agency_inbox::look_later(seconds at_most) {
    auto at = steady::now() + at_most;
    for (const auto& [delivery, r] : rests_)
        if (r.until > steady::now()) at = std::min(at, r.until);
    timer_.expires_at(at);
    timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& failure) {
        const auto part = weak.lock();
        if (!failure && part) std::static_pointer_cast<agency_inbox>(part)->pump();
    });
}

// --- what the client answers ------------------------------------------------------------------------------------

bool agency_inbox::settled(amqp::message_handle message, const amqp::settlement& how) {
    const auto at = under_way_.find(message);
    if (at == under_way_.end()) return false;
    const auto i = std::move(at->second);
    under_way_.erase(at);
    bytes_ -= i.size;
    core().admit.give_back(login().client, i.size);
    switch (how.result) {
    case amqp::outcome::accepted:
        acknowledge(i, true, {});
        break;
    case amqp::outcome::rejected:
        acknowledge(i, false, how.why ? text_of(how.why) : "the recipient's system refuses it");
        break;
    case amqp::outcome::modified:
        modified(i, how);
        break;
    case amqp::outcome::released:
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

void agency_inbox::modified(const item& i, const amqp::settlement& how) {
    if (!how.not_here)
        let_rest(i.delivery, first_rest);
    else if (not_here_.size() < most_left_out)
        not_here_.push_back(i.delivery);
    if (how.failed) {
        const auto* said = amqp::find<std::string>(how.annotations, reason_annotation);
        report_failure(i, said ? *said : "the recipient's system failed");
    } else {
        give_back(i);
    }
    if (not_here_.size() == most_left_out)
        end_link(amqp::condition{std::string(amqp::resource_limit_exceeded), "too much is not to come on this link"});
}

void agency_inbox::acknowledge(const item& i, bool accepted, std::string reason) {
    rests_.erase(i.delivery);
    deliver::inbox::answer a;
    a.delivery = i.delivery;
    a.recipients = {i.to};
    a.outcome = accepted ? deliver::inbox::outcome::accepted : deliver::inbox::outcome::rejected;
    a.reason = std::move(reason);
    a.channel = channel_name();
    tell_store(i, true, [core = shared_core(), a = std::move(a)](const answered& told) {
        core->use.inbox.acknowledge(a, [told](const result<store::conclusion_record>& record) {
            told(record ? result<void>() : fail(record.error()));
        });
    });
}

/// An attempt to hand over has failed. Given back when that is on record, so that the next one to have it is told.
void agency_inbox::report_failure(const item& i, std::string reason) {
    store::inbox_report r;
    r.delivery_id = i.delivery;
    r.recipients = {i.to};
    r.said = store::reported::failed;
    r.reason = std::move(reason);
    r.channel = channel_name();
    tell_store(i, false, [core = shared_core(), r = std::move(r)](const answered& told) {
        core->use.store.report(
            r, [told](const result<std::monostate>& kept) { told(kept ? result<void>() : fail(kept.error())); });
    });
}

/// Goes on when the link is gone: the client has said what it had to say. `ends`: that ends the delivery; where it does
/// not, or could not be committed, the delivery is there to be had again.
void agency_inbox::tell_store(const item& i, bool ends, std::function<void(const answered&)> tell) {
    ++ending_;
    const answered told = [self = self<agency_inbox>(), i, ends](const result<void>& outcome) {
        net::asio::post(self->strand(), [self, i, ends, outcome] {
            --self->ending_;
            if (!outcome)
                spdlog::debug("the delivery {}: {}", i.delivery.str(), explain(outcome.error(), language::english));
            if (!outcome || !ends) self->give_back(i);
            self->pump();
        });
    };
    auto work = [tell = std::move(tell), told]() -> result<void> {
        tell(told);
        return {};
    };
    work_then(use().pool, strand(), std::move(work), [told](const result<void>& begun) {
        if (!begun) told(begun);
    });
}

std::string agency_inbox::channel_name() const {
    return std::string(to_string(login().entrance)) + ":" + login().client;
}

/// It was claimed, and did not get to the client. Whoever looked meanwhile did not find it; while this link is there,
/// it would be the first to hear of it, and could do as little with it again.
void agency_inbox::return_item(const store::inbox_item& i) {
    core().admit.give_back(login().client, i.size);
    if (over())
        give_back({i.delivery_id, i.to, i.size});
    else
        use().inbox.give_back(i.delivery_id);
}

void agency_inbox::give_back(const item& i) {
    use().inbox.give_back(i.delivery);
    use().waiting.news_for(inbox_news(*use().intake.current_directory(), {i.to})); // others may have it now
}

/// A client that gives everything back at once would get it again at once, for ever.
void agency_inbox::let_rest(const uuid& delivery, seconds at_least) {
    auto& r = rests_[delivery];
    r.length = std::clamp(2 * r.length, at_least, longest_rest);
    r.until = steady::now() + r.length;
}

/// What is not to be sent now. What has rested long ago is forgotten, and with it how often it was given back.
std::vector<uuid> agency_inbox::left_out() {
    const auto now = steady::now();
    const auto remembered = rests_.size() < most_left_out ? longest_rest : seconds{0};
    std::erase_if(rests_, [&](const auto& r) { return r.second.until + remembered < now; });
    auto all = not_here_;
    for (const auto& [delivery, r] : rests_)
        if (r.until > now) all.push_back(delivery);
    return all;
}

void agency_inbox::closed() {
    place_.reset();
    timer_.cancel();
    for (const auto& [message, i] : std::exchange(under_way_, {})) {
        core().admit.give_back(login().client, i.size);
        give_back(i);
    }
}

} // namespace truc::api
