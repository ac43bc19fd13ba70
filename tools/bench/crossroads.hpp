#pragma once
#include "broker_process.hpp"
#include "conversation.hpp"
#include "measurement.hpp"
#include "network.hpp"
#include "sized_signer.hpp"
#include "stand_in.hpp"

#include <memory>
#include <optional>

namespace truc::bench {

/// Two nodes with the same name, agencies and two neighbours, of which one lives and one is dead; each has a store of
/// its own. What one of them is given besides is the difference that is measured.
class crossroads {
  public:
    static constexpr auto living = "thuannam";
    static constexpr auto dead = "ninhphuoc";

    crossroads(const std::filesystem::path& directory, std::size_t agencies);

    const network& first() const { return first_; }
    const network& second() const { return second_; }
    std::string living_recipient(std::size_t number) const;
    std::string dead_recipient(std::size_t number) const;
    /// So many signed documents, by the agency that submits them, as requests; all to agencies of the living neighbour.
    std::vector<request_queue> make_requests(std::size_t count, std::size_t size);
    std::shared_ptr<const trust::tls_context> tls_of(const std::string& node) const;
    const std::vector<std::shared_ptr<const trust::tls_context>>& clients() const { return clients_; }

  private:
    std::string make_document(std::size_t number, std::size_t size) const;
    void add_neighbours();

    network first_;
    network second_;
    std::optional<sized_signer> signer_;
    std::size_t number_ = 0;
    std::vector<std::shared_ptr<const trust::tls_context>> clients_; ///< by agency
};

/// One of the two under load, with its living neighbour.
class crossing {
  public:
    /// Starts the node, and at once the neighbour. Throws failure, as all members do.
    crossing(const std::filesystem::path& trucd, const crossroads& place, const network& n);
    ~crossing() { loop_.stop(); }

    const broker_process& broker() const { return broker_; }
    /// From the start of the program: until it was ready; until the neighbour had what had waited for it on the disk.
    std::chrono::nanoseconds ready_after() const { return ready_after_; }
    std::chrono::nanoseconds await_first() const;
    void give(const std::vector<request_queue>& more);
    /// Documents a second, from the first byte of the first submission until the neighbour has the last of them.
    double carry(std::chrono::nanoseconds time, std::size_t connections);
    std::size_t accepted() const { return ids_.size(); }
    /// The dead neighbour is back: how many deliveries of the backlog it gets a second, between a warm-up and the end
    /// of the time.
    double drain(const settings& s);

  private:
    void await_taken(std::size_t count) const;

    const crossroads& place_;
    const network& network_;
    const std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
    const broker_process broker_;
    const std::chrono::nanoseconds ready_after_ = std::chrono::steady_clock::now() - begin_;
    stand_in living_{crossroads::living, {}};
    stand_in returning_{crossroads::dead, {}};
    std::vector<request_queue> queues_;
    std::vector<std::string> ids_;
    net::io_loop loop_; // stops before what its handlers refer to
};

} // namespace truc::bench
