#pragma once
#include <truc/base/log.hpp>
#include <truc/base/result.hpp>
#include <truc/net/async.hpp>
#include <truc/net/connection.hpp>

namespace truc::api {

namespace detail {

/// A fault of ours in work for one peer becomes a failure of that work.
template <class Work>
auto guarded(Work& work) -> decltype(work()) {
    try {
        return work();
    } catch (const std::exception& e) {
        spdlog::error("work for an AMQP session: {}", e.what());
        return fail(errc::internal, e.what());
    }
}

} // namespace detail

/// Runs `work`, which returns a result, on the pool, and then `then` with it on the strand.
template <class Work, class Then>
void work_then(net::work_pool& pool, net::connection::strand strand, Work work, Then then) {
    pool.post([strand = std::move(strand), work = std::move(work), then = std::move(then)]() mutable {
        auto outcome = detail::guarded(work);
        net::asio::post(strand,
                        [then = std::move(then), outcome = std::move(outcome)]() mutable { then(std::move(outcome)); });
    });
}

} // namespace truc::api
