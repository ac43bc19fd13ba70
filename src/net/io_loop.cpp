#include <truc/base/log.hpp>
#include <truc/net/io_loop.hpp>

#include <exception>

namespace truc::net {

io_loop::io_loop(unsigned threads)
    : context_(static_cast<int>(threads ? threads : 1)), guard_(context_.get_executor()) {
    for (unsigned i = 0; i < (threads ? threads : 1); ++i) threads_.emplace_back([this] { run(); });
}

io_loop::~io_loop() { stop(); }

void io_loop::stop() {
    context_.stop();
    for (auto& t : threads_)
        if (t.joinable()) t.join();
}

void io_loop::run() {
    // One handler's fault must not end the others: coroutines catch their own, this is the last net.
    while (!context_.stopped()) {
        try {
            context_.run();
        } catch (const std::exception& e) {
            spdlog::critical("a handler let an exception escape into the loop: {}", e.what());
        }
    }
}

} // namespace truc::net
