#pragma once
#include <truc/amqp/message.hpp>
#include <truc/api/relay.hpp>

#include <map>
#include <mutex>

namespace truc::api {

class relay_session;

/// Which neighbours there are, who has a session, and what is known of them. Thread-safe.
class relay_registry {
  public:
    relay_registry(std::string node, const std::vector<relay_neighbour>& neighbours, deliver::forwarder& forwarder,
                   alarm_board& alarms, const truc::clock& clock);

    /// A session has opened. Of two sessions of one pair the one stays that was dialled by the node whose name sorts
    /// first, of two with the same dialler the newer one; the other is ended. nullopt: this one stays, else why not.
    std::optional<amqp::condition> admit(const std::shared_ptr<relay_session>& s);
    /// It is over. False: it was not the neighbour's session any more.
    bool leave(const relay_session& s, const std::string& why);

    bool is_connected(const std::string& name) const;
    std::shared_ptr<relay_session> session_of(const std::string& name) const; ///< null: none
    std::vector<std::shared_ptr<relay_session>> sessions() const;

    /// Changes what administrators see of a neighbour.
    void note(const std::string& name, const std::function<void(neighbour_view&)>& change);
    /// The neighbour's clock minus ours. Over 5 s an alarm; while one differs by more than 60 s nothing is expired
    /// (custody rule 9).
    void note_clock(const std::string& name, milliseconds offset);

    bool knows(const std::string& name) const { return entries_.contains(name); }
    std::vector<neighbour_view> view() const;
    std::optional<neighbour_view> view(const std::string& name) const;

  private:
    struct entry {
        neighbour_view view;
        std::shared_ptr<relay_session> session;
    };

    bool is_preferred(const relay_session& fresh, const relay_session& old) const;
    void hold_expiry();

    std::string node_;
    deliver::forwarder& forwarder_;
    alarm_board& alarms_;
    const truc::clock& clock_;
    mutable std::mutex mutex_;
    std::map<std::string, entry> entries_; ///< its keys never change
};

} // namespace truc::api
