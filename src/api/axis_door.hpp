#pragma once
#include "axis_call.hpp"

#include <truc/api/axis_signature.hpp>
#include <truc/base/seldom.hpp>
#include <truc/directory/secret_book.hpp>

#include <atomic>

namespace truc::api {

/// Lets in whom a secret proves. A stranger learns only that it was not let in, the same for an unknown name and a
/// wrong secret; what was wrong with it stands in the log, and each refusal in a metric. A client that has proven who
/// it is learns what is wrong with its clock or its headers. What is alike is said once a minute: of strangers, who can
/// write any name, for each host; of clients for each of them, so that no stranger's noise hides it.
///
/// Lifecycle: outlives its calls. Thread-safe.
class axis_door {
  public:
    explicit axis_door(const services& s);

    /// From now on; null: nobody gets in.
    void use(std::shared_ptr<const directory::secret_book> book) { book_.store(std::move(book)); }

    /// Errors: credentials, not_permitted, wrong_node.
    result<axis_call> admit(const http::request_head& head, const net::peer_info& peer);

  private:
    result<void> prove(const axis_headers& headers, intake::channel& c) const;
    result<axis_call> open(const axis_headers& headers, intake::channel c) const;
    void note_stranger(std::string_view fault, std::string_view what, std::string_view system_id,
                       const net::peer_info& peer);
    void note_client(const std::string& client, const error& why, const net::peer_info& peer);
    void note(std::optional<std::uint64_t> held_back, std::string_view what, std::string_view name,
              const net::peer_info& peer);

    static constexpr std::size_t clients_a_minute = 1000;

    const services& s_;
    std::atomic<std::shared_ptr<const directory::secret_book>> book_;
    counter& refused_;
    seldom strangers_; ///< kinds of faults by host
    seldom clients_{seldom::usual_pause, clients_a_minute};
};

} // namespace truc::api
