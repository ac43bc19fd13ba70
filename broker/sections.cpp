#include "sections.hpp"

#include <truc/base/log.hpp>

#include <fmt/format.h>

#include <future>

namespace truc::broker {

namespace {

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

sections::sections(options o, std::shared_ptr<const directory::directory> own)
    : o_(std::move(o)), own_(own), book_(o_.node, std::move(own)) {
    restore();
}

/// Only the latest version of each node counts; the older ones are for neighbours that lack them.
void sections::restore() {
    std::map<std::string, std::string> latest;
    for (auto& kept : o_.store->read_sections()) latest[kept.node] = std::move(kept.text); // oldest first
    std::vector<directory::section> stored;
    for (const auto& [node, text] : latest) {
        auto s = directory::read_section(text, *o_.exchange, o_.clock->now());
        if (!s) {
            o_.alarms->raise("section_refused", node, "as stored: " + explain(s.error(), language::english));
            continue;
        }
        if (node == o_.node) own_body_ = s->body;
        stored.push_back(std::move(*s));
    }
    for (const auto& e : book_.restore(std::move(stored)))
        spdlog::warn("a stored section of the directory does not count: {}", explain(e, language::english));
    versions_ = std::make_shared<const versions_by_node>(book_.versions());
}

// --- the own one -------------------------------------------------------------------------------------------------

result<void> sections::publish(std::shared_ptr<const directory::directory> own,
                               std::shared_ptr<const trust::signing_key> key) {
    const std::scoped_lock lock(publishing_);
    key_ = std::move(key);
    {
        const std::scoped_lock book(mutex_);
        book_.use_own(own);
        if (auto displaced = book_.compose().displaced) {
            book_.use_own(own_);
            return fail(std::move(*displaced));
        }
    }
    own_ = std::move(own);
    auto signed_anew = sign_own();
    compose();
    return signed_anew;
}

/// Under publishing_. Kept in the store before anybody sees it: a version that was sent must never mean anything else.
result<void> sections::sign_own() {
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
    if (keys.empty()) return {};
    std::map<std::pair<std::string, std::uint64_t>, std::string> texts;
    for (auto& kept : o_.store->read_sections()) texts[{kept.node, kept.version}] = std::move(kept.text);
    std::vector<store::kept_section> lacking;
    for (auto& key : keys)
        if (const auto at = texts.find({key.node, key.version}); at != texts.end())
            lacking.push_back({std::move(key.node), key.version, std::move(at->second)});
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
    if (!judged) {
        // Two neighbours may bring the same one, the slower after the next version has come.
        if (judged.error().code == errc::section_old && is_kept(o->section))
            return end(o, taken{o->section.node, o->section.version, false});
        return refuse(o, judged.error());
    }
    if (*judged == directory::taking::known) return end(o, taken{o->section.node, o->section.version, false});
    o_.store->keep_section(
        {o->section.node, o->section.version, o->section.text},
        [this, o](const result<std::monostate>& stored) {
            o_.pool->post([this, o, stored] { attempt(o, [&] { kept(o, stored); }); });
        });
}

void sections::kept(const offer_ptr& o, const result<std::monostate>& stored) {
    if (!stored) return end(o, fail(stored.error()));
    const taken news{o->section.node, o->section.version, true};
    const auto body = o->section.body;
    result<directory::taking> took = directory::taking::fresh;
    {
        const std::scoped_lock lock(mutex_);
        took = book_.take(std::move(o->section));
        versions_ = std::make_shared<const versions_by_node>(book_.versions());
        if (const auto at = refused_.find(news.node); at != refused_.end() && describe(at->second).retryable) {
            refused_.erase(at);
            o_.alarms->clear("section_refused", news.node);
        }
    }
    if (!took) return refuse(o, took.error());
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
    const auto& s = o->section;
    o_.alarms->raise("section_refused", s.node,
                     fmt::format("version {} of its section, brought by {}: {}", s.version, o->neighbour,
                                 explain(why, language::english)));
    {
        const std::scoped_lock lock(mutex_);
        refused_[s.node] = why.code;
    }
    end(o, fail(why));
}

bool sections::is_kept(const directory::section& s) const {
    for (const auto& kept : o_.store->read_sections())
        if (kept.node == s.node && kept.version == s.version) return kept.text == s.text;
    return false;
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
