#pragma once
#include <truc/base/metrics.hpp>
#include <truc/base/seldom.hpp>
#include <truc/directory/directory.hpp>
#include <truc/dsig/verifier.hpp>
#include <truc/intake/reception.hpp>
#include <truc/pack/message.hpp>
#include <truc/store/store.hpp>
#include <truc/xml/schema.hpp>

#include <map>
#include <memory>
#include <mutex>
#include <set>

namespace truc::intake {

/// A dispatch that passed every check of its entrance. Only the pipeline makes one, and the store accepts documents in
/// no other way: "verified" is a type, not a flag that a later step could forget or reset.
class verified_dispatch {
  public:
    verified_dispatch(verified_dispatch&&) = default;
    verified_dispatch& operator=(verified_dispatch&&) = default;

    const store::new_dispatch& dispatch() const { return dispatch_; }

  private:
    friend class pipeline;
    explicit verified_dispatch(store::new_dispatch d) : dispatch_(std::move(d)) {}
    store::new_dispatch dispatch_;
};

/// What the next checks are judged against; replaced as a whole on reload.
struct surroundings {
    std::shared_ptr<const directory::directory> directory;
    std::shared_ptr<const dsig::verifier> verifier;
};

/// The accept pipeline, the same for every entrance: limits while streaming → identity of the channel → safe parse →
/// signature → schema → policy. It yields a verified dispatch or one refusal with a code of the catalogue; all
/// recipients must be acceptable, else the document is refused and every bad one is named.
///
/// Threads: every member may be called from any thread. examine() and accept() do CPU work and disk writes: call them
/// on the CPU pool, never on a connection's strand.
class pipeline {
  public:
    struct options {
        store::store* store = nullptr;
        std::shared_ptr<const xml::schema_registry> schemas;
        std::string node;
        const truc::clock* clock = &system_clock();
        metrics_registry* metrics = nullptr;
        /// Whether new documents may come in; its error is what senders are told. Null: they always may.
        std::function<result<void>()> is_open{};
        /// How long a delivery may stay open before it is reported, by priority (normal … express_timed).
        std::array<milliseconds, 5> time_to_deliver = {std::chrono::hours(72), std::chrono::hours(24),
                                                       std::chrono::hours(8), std::chrono::hours(2),
                                                       std::chrono::hours(1)};
    };
    pipeline(options o, surroundings s);
    ~pipeline();

    /// Swaps directory and certificates; what is under way is judged by the old ones.
    void reload(surroundings s);
    std::shared_ptr<const directory::directory> current_directory() const;
    std::shared_ptr<const surroundings> current() const { return now(); }
    /// The directory once named this node as the agency's home. Forgotten at once where it still does.
    void remember_home(const agency_code& agency, const std::string& node);
    /// Whether a directory that was in force earlier named this node as the agency's home, as remember_home() told or
    /// reload() saw: what it stated or accepted then is still under way.
    bool was_home(const agency_code& agency, std::string_view node) const;
    std::vector<std::string> former_homes(const agency_code& agency) const;

    /// How long a delivery of a document of this priority may stay open.
    milliseconds time_to_deliver(priority p) const { return o_.time_to_deliver[static_cast<std::size_t>(p)]; }

    /// A message begins to arrive on this channel. While there is no space, or is_open() says so, it is closed: only
    /// recall_answer() has something for it.
    result<reception> begin(channel from, wishes asked = {}) const;
    /// Judges a finished reception and takes its content. After an error reception::facts() tells what was read.
    result<verified_dispatch> examine(reception& r) const;

    /// The answer of long ago, when these very bytes were accepted from their sender and would be refused today: a
    /// certificate has expired since, a recipient was closed. nullopt when they are new, or the channel does not act
    /// for their sender.
    std::optional<store::acceptance> recall_answer(const reception& r) const;

    void accept(verified_dispatch d, store::completion<store::acceptance> done);
    /// Records the refusal; the completion gets the receipt for the sender.
    void refuse(const reception& r, const error& e, store::completion<store::refusal_record> done);

  private:
    std::shared_ptr<const surroundings> now() const;
    void say_refused(const reception& r, const error& e) const;
    void note_home(const agency_code& agency, const std::string& node);
    void remember_moves(const directory::directory& before, const directory::directory& after);

    options o_;
    std::shared_ptr<const surroundings> surroundings_; ///< atomic_load and atomic_store only
    mutable std::mutex moves_mutex_;
    /// Nodes by agency's code; guarded by moves_mutex_.
    std::map<std::string, std::set<std::string, std::less<>>> former_homes_;
    std::array<counter*, 5> accepted_{}; ///< by entrance
    duration_histogram* examine_time_ = nullptr;
    duration_histogram* verify_time_ = nullptr;
    mutable seldom refusals_{std::chrono::hours(1), 10'000};
};

} // namespace truc::intake
