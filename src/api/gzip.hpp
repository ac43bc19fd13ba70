#pragma once
#include <memory>
#include <string>
#include <string_view>

namespace truc::api {

/// Makes one gzip member (RFC 1952) out of pieces. One thread at a time. Throws std::bad_alloc.
class gzip_writer {
  public:
    gzip_writer();
    ~gzip_writer();

    /// Appends what comes out to `out`.
    void feed(std::string_view piece, std::string& out);
    /// Once, at the end.
    void finish(std::string& out);

  private:
    struct state;
    void run(std::string_view piece, int flush, std::string& out);
    std::unique_ptr<state> state_;
};

/// Whether an Accept-Encoding field allows gzip (RFC 9110, 12.5.3): named or by `*`, and not with the weight 0.
bool accepts_gzip(std::string_view accept_encoding);

} // namespace truc::api
