#pragma once
#include "agency_client.hpp"
#include "broker_process.hpp"
#include "sized_signer.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace truc::bench {

/// The demonstration network as `truc demo init` makes it: ministry, province, district, commune, each a process of its
/// own. Documents go from the ministry's agency to the commune's, over three hops, one at a time.
class chain {
  public:
    /// Starts the nodes and waits until a first document has gone through all of them. `truc` is the program that makes
    /// the network. Throws failure.
    chain(const std::filesystem::path& trucd, const std::filesystem::path& truc,
          const std::filesystem::path& directory);

    /// One document of that size: the time from the first byte of its submission until the commune's long poll has
    /// answered with it. The content is fetched, compared and acknowledged afterwards. Throws failure.
    std::chrono::nanoseconds deliver(std::size_t size);
    /// Books of every node balance, and the origin has evidence of the end of everything. Throws failure.
    void check();

    const std::vector<std::unique_ptr<broker_process>>& brokers() const { return brokers_; }

  private:
    std::string make_document(std::size_t size);

    std::vector<network> nodes_; ///< from the ministry down
    std::vector<std::unique_ptr<broker_process>> brokers_;
    bench_agency sender_;
    std::optional<sized_signer> signer_; ///< of the sender
    bench_agency recipient_;
    std::optional<agency_client> submitting_;
    std::optional<agency_client> receiving_;
    std::size_t number_ = 0;
};

} // namespace truc::bench
