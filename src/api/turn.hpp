#pragma once
#include <truc/api/services.hpp>

namespace truc::api {

/// Runs `job`, which must not throw, on the pool when it is this client's turn.
void give_turn(const services& s, const std::string& client, std::function<void()> job);

/// As net::on_pool(), when it is this client's turn. `work` gives a value.
template <class F>
net::awaitable<std::invoke_result_t<F&>> in_turn(const services& s, const std::string& client, F work) {
    net::pending<std::invoke_result_t<F&>> answer;
    auto job = [work = std::move(work), done = answer.completer()]() mutable {
        try {
            done(work());
        } catch (...) {
            done.fail(std::current_exception());
        }
    };
    give_turn(s, client, std::move(job));
    co_return co_await answer.wait();
}

} // namespace truc::api
