#pragma once
#include "actor.hpp"

#include <chrono>
#include <string>
#include <thread>

namespace truc::cli::demo {

/// Asks until it is so; ends the story when it never is.
template <class Condition>
void wait_until(const Condition& holds, const std::string& what) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!holds()) {
        if (std::chrono::steady_clock::now() > until) throw broken_expectation(what);
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
}

} // namespace truc::cli::demo
