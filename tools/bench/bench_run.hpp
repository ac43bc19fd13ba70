#pragma once
#include "amqp_load.hpp"
#include "broker_process.hpp"
#include "documents.hpp"
#include "load.hpp"
#include "measurement.hpp"
#include "scratch.hpp"

#include <truc/model/vocabulary.hpp>

namespace truc::bench {

/// A network, its broker and the clients of its agencies.
class bench_run {
  public:
    explicit bench_run(const settings& s);

    const broker_process& broker() const { return broker_; }
    const network& place() const { return network_; }
    const std::shared_ptr<const trust::tls_context>& tls_of(std::size_t agency) const { return tls_[agency]; }
    document_maker& maker() { return maker_; }

    /// Signs up to `count` documents of that size, to be submitted next at that entrance.
    void prepare(entrance by, std::size_t count, std::size_t size);
    /// The certificates are checked, the caches filled; how many documents a run of the settings' length needs, with
    /// some to spare.
    std::size_t warm_up(entrance by, std::size_t size);
    /// So many documents are under way at once: one on each HTTP connection; over AMQP each agency has one session.
    observation submit(entrance by, std::chrono::nanoseconds time, std::size_t at_once);
    /// Empties the inboxes.
    observation receive(std::chrono::nanoseconds time);
    /// One more was accepted without submit().
    void note_accepted() { ++accepted_; }
    /// Every document that was accepted is in the books once; those whose id was told, under ids of their own.
    void check() const;

  private:
    observation submit_http(std::chrono::nanoseconds time, std::size_t connections);
    observation submit_amqp(std::chrono::nanoseconds time, std::size_t at_once);

    const settings& settings_;
    scratch scratch_;
    network network_;
    document_maker maker_;
    std::vector<std::shared_ptr<const trust::tls_context>> tls_;
    std::vector<std::deque<std::string>> queues_; ///< by agency: documents, or requests with documents
    std::vector<std::string> ids_;
    std::size_t accepted_ = 0;
    broker_process broker_; // stops before its files are removed
};

} // namespace truc::bench
