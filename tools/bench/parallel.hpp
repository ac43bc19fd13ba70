#pragma once
#include "failure.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace truc::bench {

/// Calls work(0) … work(count-1) on all processors. The first exception ends it and is thrown here.
template <class Work>
void in_parallel(std::size_t count, const Work& work) {
    std::atomic<std::size_t> next{0};
    std::exception_ptr thrown;
    std::mutex mutex;
    auto run = [&] {
        try {
            for (std::size_t i = next++; i < count; i = next++) {
                check_interrupted();
                work(i);
            }
        } catch (...) {
            const std::scoped_lock lock(mutex);
            thrown = std::current_exception();
            next = count;
        }
    };
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < std::max(1U, std::thread::hardware_concurrency()); ++i) threads.emplace_back(run);
    for (auto& t : threads) t.join();
    if (thrown) std::rethrow_exception(thrown);
}

} // namespace truc::bench
