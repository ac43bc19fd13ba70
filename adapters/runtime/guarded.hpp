#pragma once
#include <truc/base/result.hpp>

#include <exception>

namespace truc::adapter {

/// A fault in the code of one kind of legacy system, met by one item, must not end the process for all the others.
template <class Call>
auto guarded(Call call) -> decltype(call()) {
    try {
        return call();
    } catch (const std::exception& e) {
        return fail(errc::internal, e.what());
    }
}

inline bool is_retryable(const error& e) { return describe(e.code).retryable; }

} // namespace truc::adapter
