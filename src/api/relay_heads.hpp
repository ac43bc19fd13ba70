#pragma once
#include "relay_announcement.hpp"

#include <truc/store/custody.hpp>

namespace truc::api {

/// What a neighbour's announcement says of its log, compared with what is remembered of it.
struct head_judgement {
    enum class verdict : std::uint8_t {
        nothing,     ///< no head, or the remembered one
        extends,     ///< proven to extend the remembered one, or the first one seen
        new_log,     ///< a later epoch: the neighbour was restored from a copy
        unproven,    ///< it is larger, but the proof begins elsewhere: the neighbour did not know what we know
        contradicts, ///< no log that only grows looks like this
    };
    verdict is = verdict::nothing;
    std::string why;                           ///< of contradicts, for people
    std::optional<store::known_head> remember; ///< of extends and new_log
};

/// Checks the head's signature and the consistency proof. Takes CPU.
head_judgement judge_head(const relay_announcement& a, const std::string& neighbour,
                          const std::optional<store::known_head>& known, const trust::certificate_store& exchange);

} // namespace truc::api
