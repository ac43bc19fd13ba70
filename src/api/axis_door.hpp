#pragma once
#include "axis_call.hpp"

#include <truc/api/axis_signature.hpp>
#include <truc/base/seldom.hpp>
#include <truc/directory/secret_book.hpp>

#include <atomic>

namespace truc::api {

/// Lets in whom a secret proves. A stranger learns only that it was not let in, the same for an unknown name and a
/// wrong secret; what was wrong with it stands in the log, a few lines a minute, and each refusal in a metric. A client
/// that has proven who it is learns what is wrong with its clock or its headers.
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
    void note(std::string_view what, std::string_view system_id, const net::peer_info& peer);

    static constexpr std::size_t lines_a_minute = 6;

    const services& s_;
    std::atomic<std::shared_ptr<const directory::secret_book>> book_;
    counter& refused_;
    seldom said_{seldom::usual_pause, lines_a_minute};
};

} // namespace truc::api
