#include "sections.hpp"

#include <truc/base/log.hpp>

#include <fmt/format.h>

#include <future>

namespace truc::broker {

namespace {

constexpr std::size_t most_at_once = directory::section::largest_text;
constexpr int turns_at_once = 50;
constexpr milliseconds turn_every{10'000};

/// Commits, and waits for it.
result<void> keep(store::store& store, store::kept_section section) {
    std::promise<result<void>> committed;
    store.keep_section(std::move(section), [&committed](const result<std::monostate>& done) {
        committed.set_value(done ? result<void>() : fail(done.error()));
    });
    return committed.get_future().get();
}

} // namespace

/// A section that a neighbour brought, until it is answered.
struct sections::offer {
    std::string neighbour;
    directory::section section;
    std::function<void(result<taken>)> done;
};

namespace {

/// The file without what it says of the node's own agencies and clients: with it, no section can be in conflict with
/// this node.
directory::directory without_claims(const directory::directory& file, const std::string& node) {
    directory::section silent;
    silent.node = node;
    silent.version = 1;
    for (const auto& n : file.nodes())
        if (n.name == node || n.parent == node) silent.records.nodes.push_back(n);
    return directory::with_section(file, silent);
}

/// What the node that said it may mend by its next version.
bool is_mendable(errc code) { return describe(code).retryable || code == errc::section_not_yours; }

/// The version has its place, so that the next one can follow; what it says does not count.
bool waits(const error& e) { return e.code == errc::section_conflict || e.code == errc::section_not_yours; }

} // namespace

sections::sections(options o, const std::shared_ptr<const directory::directory>& file)
    : o_(std::move(o)),
      own_(std::make_shared<const directory::directory>(without_claims(*file, o_.node))),
      asks_first_(o_.restored),
      book_(o_.node, own_) {
    restore(*file);
}

/// Of each node the latest version that counted, and the latest one if it waits; the older ones are for neighbours that
/// lack them.
void sections::restore(const directory::directory& file) {
    struct latest {
        std::uint64_t counting = 0;
        std::uint64_t last = 0;
    };
    std::map<std::string, latest> known;
    for (const auto& v : o_.store->section_versions()) { // oldest first
        auto& l = known[v.node];
        l.last = v.version;
        if (v.counts) l.counting = v.version;
    }
    std::vector<directory::section> counting, waiting;
    std::optional<directory::section> own;
    for (const auto& [node, l] : known) {
        if (auto s = read_stored(node, l.counting)) {
            if (node == o_.node) own = *s;
            counting.push_back(std::move(*s));
        }
        if (l.last == l.counting) continue;
        if (auto s = read_stored(node, l.last)) waiting.push_back(std::move(*s));
    }
    for (const auto& e : book_.restore(std::move(counting)))
        spdlog::warn("a stored section of the directory does not count: {}", explain(e, language::english));
    if (own) restore_own(file, *own);
    book_.restore_waiting(std::move(waiting));
    settle();
}

std::optional<directory::section> sections::read_stored(const std::string& node, std::uint64_t version) {
    const auto text = version == 0 ? std::nullopt : o_.store->read_section(node, version);
    if (!text) return std::nullopt;
    auto s = directory::read_section(*text, *o_.exchange, o_.clock->now());
    if (!s) {
        o_.alarms->raise("section_refused", node, "as stored: " + explain(s.error(), language::english));
        return std::nullopt;
    }
    s->text.clear();
    return std::move(*s);
}

/// Until publish() has compared the file with what others have, this node says what it said last.
void sections::restore_own(const directory::directory& file, const directory::section& said) {
    own_body_ = said.body;
    auto last = std::make_shared<const directory::directory>(directory::with_section(file, said));
    book_.use_own(last);
    if (book_.compose().displaced)
        book_.use_own(own_);
    else
        own_ = std::move(last);
}

// --- the own one -------------------------------------------------------------------------------------------------

result<void> sections::publish(std::shared_ptr<const directory::directory> own,
                               std::shared_ptr<const trust::signing_key> key) {
    const std::scoped_lock lock(publishing_);
    key_ = std::move(key);
    if (auto fits = use_own(std::move(own)); !fits) {
        compose(); // at start nothing was in force yet
        return fits;
    }
    auto signed_anew = sign_own();
    compose();
    return signed_anew;
}

/// Under publishing_.
result<void> sections::use_own(std::shared_ptr<const directory::directory> own) {
    const std::scoped_lock lock(mutex_);
    book_.use_own(own);
    if (auto displaced = book_.compose().displaced) {
        book_.use_own(own_);
        return fail(std::move(*displaced));
    }
    own_ = std::move(own);
    settle();
    return {};
}

/// Under publishing_. Kept in the store before anybody sees it: a version that was sent must never mean anything else.
result<void> sections::sign_own() {
    if (asks_first_) return {};
    const auto body = directory::section_body(*own_, o_.node);
    if (own_body_ == sha256(body)) return {};
    std::optional<directory::section_book::position> before;
    {
        const std::scoped_lock lock(mutex_);
        before = book_.latest(o_.node);
    }
    const auto version = before ? before->version + 1 : 1;
    auto text = directory::make_section(o_.node, version, before ? std::optional(before->digest) : std::nullopt,
                                        o_.clock->now(), body, *key_);
    if (!text) return fail(text.error());
    auto section = directory::read_section(*text, *o_.exchange, o_.clock->now());
    if (!section) return fail(section.error());
    if (auto kept = keep(*o_.store, {o_.node, version, std::move(*text)}); !kept) return kept;
    own_body_ = section->body;
    const std::scoped_lock lock(mutex_);
    if (auto took = book_.take(std::move(*section)); !took) return fail(took.error());
    versions_ = std::make_shared<const versions_by_node>(book_.versions());
    spdlog::info("version {} of this node's directory section was signed", version);
    return {};
}

// --- those of others ---------------------------------------------------------------------------------------------

std::uint64_t sections::version_of(std::string_view node) const {
    const auto known = versions_.load();
    const auto at = known->find(std::string(node));
    return at == known->end() ? 0 : at->second;
}

sections::versions_by_node sections::versions() const { return *versions_.load(); }

std::vector<store::kept_section> sections::newer_than(const versions_by_node& theirs) const {
    std::vector<directory::section_key> keys;
    {
        const std::scoped_lock lock(mutex_);
        keys = book_.newer_than(theirs);
    }
    std::vector<store::kept_section> lacking;
    std::size_t bytes = 0;
    for (auto& key : keys) {
        auto text = o_.store->read_section(key.node, key.version);
        if (!text) continue;
        bytes += text->size();
        lacking.push_back({std::move(key.node), key.version, std::move(*text)});
        if (bytes >= most_at_once) break; // the rest after the next announcement
    }
    return lacking;
}

/// A step of an offer. Whatever goes wrong in it, the offer is answered and the next one has its turn.
template <class Step>
void sections::attempt(const offer_ptr& o, Step step) {
    try {
        step();
    } catch (const std::exception& e) {
        spdlog::error("a directory section brought by {} could not be taken: {}", o->neighbour, e.what());
        end(o, fail(errc::internal, e.what()));
    }
}

void sections::take(const std::string& neighbour, std::string text, std::function<void(result<taken>)> done) {
    auto section = directory::read_section(text, *o_.exchange, o_.clock->now());
    auto o = std::make_shared<offer>();
    o->neighbour = neighbour;
    o->done = std::move(done);
    if (!section) {
        o_.alarms->raise("section_refused", neighbour,
                         "a section that it sent: " + explain(section.error(), language::english));
        return o->done(fail(section.error()));
    }
    o->section = std::move(*section);
    {
        const std::scoped_lock lock(mutex_);
        offers_.push_back(std::move(o));
    }
    next();
}

void sections::heard(const versions_by_node& theirs) {
    if (!asks_first_) return;
    const auto at = theirs.find(o_.node);
    if (at != theirs.end() && at->second > version_of(o_.node)) return; // it brings them, and is heard again
    const std::scoped_lock lock(publishing_);
    asks_first_ = false;
    if (auto signed_now = sign_own(); !signed_now) spdlog::error("{}", explain(signed_now.error(), language::english));
}

void sections::next() {
    offer_ptr o;
    {
        const std::scoped_lock lock(mutex_);
        if (busy_ || offers_.empty()) return;
        busy_ = true;
        o = std::move(offers_.front());
        offers_.pop_front();
    }
    attempt(o, [&] { judge(o); });
}

void sections::judge(const offer_ptr& o) {
    result<directory::taking> judged = directory::taking::known;
    {
        const std::scoped_lock lock(mutex_);
        judged = book_.judge(o->section);
    }
    const auto& s = o->section;
    if (judged && *judged == directory::taking::known) return end(o, taken{s.node, s.version, false});
    // Two neighbours may bring the same one, the slower after the next version has come.
    if (!judged && judged.error().code == errc::section_old && is_kept(s))
        return end(o, taken{s.node, s.version, false});
    if (!judged && !waits(judged.error()) && judged.error().code != errc::section_gap) return refuse(o, judged.error());
    if (!has_turn(s.node))
        return end(o, fail(errc::not_ready, "too many versions of the section of " + s.node + " came at once"));
    if (!judged && judged.error().code == errc::section_gap) return refuse(o, judged.error());
    take_turn(s.node);
    o_.store->keep_section({s.node, s.version, s.text, judged.has_value()},
                           [this, o](const result<std::monostate>& stored) {
                               o_.pool->post([this, o, stored] { attempt(o, [&] { kept(o, stored); }); });
                           });
}

/// Each version is kept for ever, by every node: one that signs them in a loop must not fill the disks of all. Offers
/// are judged one at a time.
bool sections::has_turn(const std::string& node) {
    const auto now = o_.clock->now();
    auto& until = turns_until_[node];
    until = std::min(std::max(until, now), now + turns_at_once * turn_every); // whatever the clock did
    return until - now <= (turns_at_once - 1) * turn_every;
}

void sections::take_turn(const std::string& node) { turns_until_[node] += turn_every; }

void sections::kept(const offer_ptr& o, const result<std::monostate>& stored) {
    if (!stored) return end(o, fail(stored.error()));
    const taken news{o->section.node, o->section.version, true};
    const auto body = o->section.body;
    result<directory::taking> took = directory::taking::fresh;
    {
        const std::scoped_lock lock(mutex_);
        took = book_.take(std::move(o->section));
        if (took) forgive(news.node);
        settle();
    }
    if (!took) complain(news, o->neighbour, took.error());
    if (!took && !waits(took.error())) return end(o, fail(took.error()));
    spdlog::info("version {} of the directory section of {} is known, by {}", news.version, news.node, o->neighbour);
    if (news.node == o_.node) {
        // Others know a later version of ours than we do: this store was restored from a copy.
        const std::scoped_lock lock(publishing_);
        own_body_ = body;
        if (auto again = sign_own(); !again) spdlog::error("{}", explain(again.error(), language::english));
    }
    end(o, news);
    compose_soon();
}

/// Under mutex_. What waited and fits now counts from now on, after a restart as well.
void sections::settle() {
    for (const auto& [node, version] : book_.settle()) {
        spdlog::info("version {} of the directory section of {} is in force, since it fits now", version, node);
        forgive(node);
        o_.store->count_section(node, version, [](const result<std::monostate>& done) {
            if (!done) spdlog::error("{}", explain(done.error(), language::english));
        });
    }
    versions_ = std::make_shared<const versions_by_node>(book_.versions());
}

/// Under mutex_.
void sections::forgive(const std::string& node) {
    const auto at = refused_.find(node);
    if (at == refused_.end() || !is_mendable(at->second)) return;
    refused_.erase(at);
    o_.alarms->clear("section_refused", node);
}

/// Once for each offer; again it changes nothing.
void sections::end(const offer_ptr& o, result<taken> outcome) {
    const auto done = std::exchange(o->done, nullptr);
    if (!done) return;
    try {
        done(std::move(outcome));
    } catch (const std::exception& e) {
        spdlog::error("the answer about a directory section was lost: {}", e.what());
    }
    {
        const std::scoped_lock lock(mutex_);
        busy_ = false;
        if (offers_.empty()) return;
    }
    o_.pool->post([this] { next(); });
}

void sections::refuse(const offer_ptr& o, const error& why) {
    complain({o->section.node, o->section.version, false}, o->neighbour, why);
    end(o, fail(why));
}

void sections::complain(const taken& what, const std::string& neighbour, const error& why) {
    o_.alarms->raise("section_refused", what.node,
                     fmt::format("version {} of its section, brought by {}: {}", what.version, neighbour,
                                 explain(why, language::english)));
    const std::scoped_lock lock(mutex_);
    refused_[what.node] = why.code;
}

bool sections::is_kept(const directory::section& s) const {
    return o_.store->read_section(s.node, s.version) == s.text;
}

// --- the whole ---------------------------------------------------------------------------------------------------

/// Under composing_.
void sections::put_in_force() {
    directory::composition made;
    {
        const std::scoped_lock lock(mutex_);
        made = book_.compose();
    }
    for (const auto& e : made.left_out) spdlog::warn("left out of the directory: {}", explain(e, language::english));
    o_.in_force(std::make_shared<const directory::directory>(std::move(made.in_force)));
}

/// On the pool. While one thread composes, the others only leave word.
void sections::compose_soon() {
    outdated_ = true;
    while (outdated_) {
        const std::unique_lock lock(composing_, std::try_to_lock);
        if (!lock || !outdated_.exchange(false)) return;
        try {
            put_in_force();
        } catch (...) {
            outdated_ = true; // the next section brings it
            throw;
        }
    }
}

void sections::compose() {
    {
        const std::scoped_lock lock(composing_);
        outdated_ = false;
        put_in_force();
    }
    if (outdated_) compose_soon(); // word was left meanwhile
}

} // namespace truc::broker
