#pragma once
#include <openssl/bio.h>

namespace truc::trust {

/// OpenSSL's way to a connected socket (which it does not own): like BIO_new_socket, but writing to a peer that is gone
/// is an error and not a SIGPIPE, so that a library need not change the signals of its program. Works with blocking and
/// non-blocking sockets. The caller, or the SSL it is given to, frees it. Throws std::bad_alloc.
BIO* make_socket_bio(int fd);

} // namespace truc::trust
