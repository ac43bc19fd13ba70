#pragma once
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <thread>
#include <vector>

namespace truc::net {

/// The one io_context of the process and the threads that run it. Handlers never block and never wait for a lock that
/// is held over I/O, so one thread serves thousands of connections.
class io_loop {
  public:
    explicit io_loop(unsigned threads = 1);
    ~io_loop(); ///< stops and joins
    io_loop(const io_loop&) = delete;

    boost::asio::io_context& context() { return context_; }
    /// Ends the threads at once; what was waiting is destroyed together with the loop. Stop listeners first.
    void stop();

  private:
    void run();

    boost::asio::io_context context_;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard_;
    std::vector<std::thread> threads_;
};

} // namespace truc::net
