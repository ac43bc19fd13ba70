#pragma once
#include <truc/api/relay.hpp>
#include <truc/directory/section_book.hpp>
#include <truc/trust/signing_key.hpp>

#include <atomic>
#include <deque>
#include <mutex>

namespace truc::broker {

/// The directory in force: this node's own file and what other nodes have signed. Signs this node's own section anew
/// whenever the file says something else, checks what neighbours bring, keeps every version in the store before it
/// counts, and says what is in force whenever that changes.
///
/// Threads: take() and newer_than() on the pool; publish() on any thread that may wait for a commit, which is none of
/// the loop's and not the store's writer; the rest from any. The directory in force is composed on the pool, once for
/// all sections that came meanwhile.
class sections final : public api::section_keeper {
  public:
    struct options {
        std::string node;
        store::store* store = nullptr;
        net::work_pool* pool = nullptr;
        alarm_board* alarms = nullptr;
        std::shared_ptr<const trust::certificate_store> exchange;
        const truc::clock* clock = &system_clock();
        /// The store was restored from a copy: versions of the own section that it lacks may be known elsewhere, so
        /// none is signed before a neighbour was heard and has brought them.
        bool restored = false;
        /// The directory that counts from now on. From any thread, one call at a time.
        std::function<void(std::shared_ptr<const directory::directory>)> in_force;
    };
    /// Takes up what the store has kept; of `file` only what others say of no node yet. Nothing is in force before
    /// publish().
    sections(options o, const std::shared_ptr<const directory::directory>& file);

    /// The file or the key was read, at start or anew: signs the own section if its body is another one than before,
    /// and puts the directory in force before it returns. Errors: not_ready, no_space: the section is still the old
    /// one, the file counts here all the same. section_conflict: the file claims what another node has; what was in
    /// force stays (at start what this node signed last), because a section of it would count nowhere.
    result<void> publish(std::shared_ptr<const directory::directory> own,
                         std::shared_ptr<const trust::signing_key> key);

    /// 0: none is known.
    std::uint64_t version_of(std::string_view node) const;

    versions_by_node versions() const override;
    std::vector<store::kept_section> newer_than(const versions_by_node& theirs) const override;
    void take(const std::string& neighbour, std::string text, std::function<void(result<taken>)> done) override;
    void heard(const versions_by_node& theirs) override;

  private:
    struct offer;
    using offer_ptr = std::shared_ptr<offer>;

    void restore(const directory::directory& file);
    std::optional<directory::section> read_stored(const std::string& node, std::uint64_t version);
    void restore_own(const directory::directory& file, const directory::section& said);
    result<void> use_own(std::shared_ptr<const directory::directory> own);
    result<void> sign_own();
    template <class Step>
    void attempt(const offer_ptr& o, Step step);
    void next();
    void judge(const offer_ptr& o);
    void kept(const offer_ptr& o, const result<std::monostate>& stored);
    bool has_turn(const std::string& node);
    void take_turn(const std::string& node);
    void settle();
    void forgive(const std::string& node);
    void end(const offer_ptr& o, result<taken> outcome);
    void refuse(const offer_ptr& o, const error& why);
    void complain(const taken& what, const std::string& neighbour, const error& why);
    bool is_kept(const directory::section& s) const;
    void put_in_force();
    void compose_soon();
    void compose();

    options o_;
    std::mutex publishing_; ///< one publish() at a time
    std::shared_ptr<const trust::signing_key> key_;
    std::optional<sha256_digest> own_body_; ///< of the own section's latest version
    std::shared_ptr<const directory::directory> own_;
    std::atomic<bool> asks_first_; ///< nothing is signed yet, see options::restored

    mutable std::mutex mutex_; ///< for the book and what follows
    directory::section_book book_;
    std::deque<offer_ptr> offers_; ///< taken one after the other, since each is judged by the one before
    bool busy_ = false;
    /// By node; when all that came is paid for at one version in a while. Only where offers are judged.
    std::map<std::string, timestamp> turns_until_;
    std::map<std::string, errc> refused_; ///< by node, while the alarm stands

    std::mutex composing_; ///< one composition at a time, put in force before the next begins
    std::atomic<bool> outdated_{false};
    std::atomic<std::shared_ptr<const versions_by_node>> versions_; ///< of the book, to be read without waiting for it
};

} // namespace truc::broker
