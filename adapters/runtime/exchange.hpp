#pragma once
#include <truc/client/exchange_link.hpp>
#include <truc/ledger/event.hpp>

#include <map>

namespace truc::adapter {

/// What a receipt of the feed says.
struct fact {
    std::string agency;
    std::string submission;             ///< ours; empty when it came by another door
    std::optional<ledger::event> event; ///< nothing: a receipt that does not hold, which proves nothing
    std::string cursor;
};

/// The exchange as the runtime sees it: client::exchange_link with receipts checked and read, and in tests something
/// that needs no network. Members as there; all from any thread.
class exchange {
  public:
    virtual ~exchange() = default;

    virtual bool is_connected() const = 0;
    virtual std::string last_fault() const = 0;
    virtual std::optional<timestamp> away_since() const = 0; ///< as far as anybody has looked; nothing while connected

    virtual std::vector<client::submission_answer> submit(const std::vector<client::submission>& all,
                                                          std::chrono::milliseconds patience) = 0;

    virtual std::vector<client::inbox_delivery> receive(std::size_t max, std::chrono::milliseconds wait) = 0;
    virtual void accept(const uuid& delivery) = 0;
    virtual void release(const uuid& delivery) = 0;
    virtual void set_aside(const uuid& delivery, const std::string& why) = 0;
    virtual void ask_again() = 0;

    virtual std::vector<fact> read_evidence(std::size_t max, std::chrono::milliseconds wait) = 0;

    virtual void interrupt() = 0;
};

/// The link itself. `cursors`: by agency, behind which evidence its reading begins. Throws std::runtime_error when the
/// files of the options cannot be used.
std::unique_ptr<exchange> make_exchange(client::exchange_options options,
                                        const std::map<std::string, std::string>& cursors);

} // namespace truc::adapter
