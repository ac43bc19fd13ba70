#pragma once
#include <truc/base/result.hpp>

#include <stdexcept>

namespace truc::bench {

/// A measurement either completes or means nothing: whatever goes wrong ends the program with one sentence.
class failure : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

template <class T>
T take(result<T> r, const std::string& doing) {
    if (!r) throw failure(doing + ": " + explain(r.error(), language::english));
    if constexpr (!std::is_void_v<T>) return std::move(*r);
}

/// Throws when the person at the terminal has asked to stop.
void check_interrupted();
/// From now on SIGINT and SIGTERM make check_interrupted() throw, so that what was started is stopped and removed.
void take_interrupts();

} // namespace truc::bench
