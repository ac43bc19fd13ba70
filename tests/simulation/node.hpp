#pragma once
#include "cast.hpp"
#include "dice.hpp"
#include "fuse.hpp"

#include <truc/base/alarms.hpp>
#include <truc/deliver/forwarder.hpp>
#include <truc/deliver/inbox.hpp>
#include <truc/intake/transit.hpp>

#include <future>

namespace truc::simulation {

/// A leg on its way, in the sections of the relay protocol.
struct letter {
    std::string neighbour; ///< who sends it
    std::string envelope;
    std::string receipt;
    std::string content;
};

/// One node of the exchange: the real store, pipeline, transit, forwarder and inbox over a directory on disk. It can
/// die at any moment and come back with what was committed.
///
/// The harness and the writer's thread never run at the same time: whatever is asked of the store within act() waits
/// until it ends and is then committed as one group; act() returns when the writer has nothing left to do.
class node {
  public:
    /// What the others have to know, told at the end of an act.
    struct events {
        std::function<void(node&)> wants_to_run;
        std::function<void(node&, const store::commit_notice&)> committed;
        std::function<void(node&)> died; ///< by its fuse
    };
    node(const node_role& role, const timeline& time, std::filesystem::path directory, milliseconds skew,
         std::uint64_t seed, events e);
    ~node();

    const std::string& name() const { return role_.name; }
    bool is_up() const { return store_ != nullptr; }
    /// Rises with each start: what was begun in an earlier life has nobody to come back to.
    unsigned life() const { return life_; }
    milliseconds skew() const { return clock_.skew(); }

    void start();
    /// Drops everything that is not on the disk.
    void die();
    /// Dies after so many more commits; each act makes two at least.
    void set_fuse(std::optional<unsigned> commits) { clock_.set_fuse(commits); }
    /// One directory after the other up to this one, as sections come: none is left out. They stay over deaths.
    void learn(const std::vector<edition>& editions, std::size_t up_to);
    const edition& knows() const { return editions_.back(); }

    /// Lets something happen. False when the node died of it: then nobody may be told what it answered.
    bool act(const std::function<void()>& what);

    // What comes from outside. nullopt: the node died, there is no answer.
    std::optional<result<store::acceptance>> submit(const std::string& client, std::string_view bytes);
    std::optional<deliver::leg_answer> take(const letter& l);
    std::optional<result<store::conclusion_record>> conclude(deliver::inbox::answer a);
    bool take_feed(const std::string& neighbour, const std::string& log, std::uint64_t from,
                   const std::vector<intake::transit::fed_receipt>& receipts);
    /// The same for evidence that nobody asked for: what is true has still to be read.
    bool take_lies(const std::string& neighbour, const std::string& log,
                   const std::vector<intake::transit::fed_receipt>& receipts);
    /// Lets the forwarder do what is due. Returns when it wants to again.
    std::optional<timestamp> run();

    store::store& store() { return *store_; }
    deliver::forwarder& forwarder() { return *forwarder_; }
    deliver::inbox& inbox() { return *inbox_; }
    const alarm_board& alarms() const { return *alarms_; }

  private:
    void open_parts();
    void drop_parts();
    std::uint64_t version_of(std::string_view section) const;
    void on_commit(const store::commit_notice& notice);
    bool settle(std::promise<void>& gate);
    result<intake::verified_dispatch> examine(intake::reception& r, std::string_view bytes);
    void use(const edition& e);

    const node_role& role_;
    std::filesystem::path directory_;
    skewed_clock clock_;
    std::uint64_t seed_;
    events events_;
    std::vector<edition> editions_; ///< as this node knows them
    unsigned life_ = 0;
    std::atomic<bool> woken_{false};
    std::vector<store::commit_notice> notices_; ///< since the act began

    // Memory: gone when the node dies.
    std::unique_ptr<alarm_board> alarms_;
    std::unique_ptr<store::store> store_;
    std::unique_ptr<intake::pipeline> pipeline_;
    std::unique_ptr<intake::transit> transit_;
    std::unique_ptr<deliver::inbox> inbox_;
    std::unique_ptr<deliver::forwarder> forwarder_;
};

} // namespace truc::simulation
