#pragma once
#include <truc/base/durable.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace truc::test {

/// A client that says exactly what it is told, for tests of protocols. Blocking; what does not come within ten seconds
/// does not come.
class raw_socket {
  public:
    /// To 127.0.0.1, as if from that host: any 127.… is this machine. Throws std::system_error.
    explicit raw_socket(std::uint16_t port, const std::string& from = "127.0.0.1");
    explicit raw_socket(const std::filesystem::path& unix_socket);

    /// False when the other side is gone.
    bool send(std::string_view bytes);
    /// What comes until the other side closes (or the time is up).
    std::string read_all();
    /// Reads until this text has come; gives what came.
    std::string read_until(std::string_view text);
    /// Reads so many bytes, fewer at the end of the stream.
    std::string read(std::size_t count);
    /// True once the other side has ended or reset the connection; throws away what comes before.
    bool is_closed_by_peer();
    void end_writing();
    void close() { socket_ = file_handle(); }
    /// Closing sends a reset instead of an orderly end.
    void reset();
    int fd() const { return socket_.fd(); }

  private:
    std::size_t receive(char* to, std::size_t most);
    file_handle socket_;
    bool timed_out_ = false;
};

} // namespace truc::test
