#include <truc/model/delivery_state.hpp>
#include <truc/model/vocabulary.hpp>

#include <algorithm>
#include <array>

namespace truc {

namespace {

constexpr std::array<std::string_view, 21> event_names = {"SubmissionAcceptance",
                                                          "SubmissionRejection",
                                                          "RelayAcceptance",
                                                          "RelayRejection",
                                                          "RelayFailure",
                                                          "ContentConsignment",
                                                          "ContentConsignmentFailure",
                                                          "ContentHandover",
                                                          "ContentHandoverFailure",
                                                          "Recall",
                                                          "Expiry",
                                                          "Hold",
                                                          "Release",
                                                          "LogOpened",
                                                          "ExpiryWarning",
                                                          "RecallTooLate",
                                                          "Resend",
                                                          "Retry",
                                                          "Purge",
                                                          "LegalHold",
                                                          "LegalRelease"};

constexpr std::array<std::string_view, 8> state_names = {"queued",   "relayed",  "consigned", "handed_over",
                                                         "rejected", "recalled", "expired",   "undeliverable"};

constexpr std::array<std::string_view, 5> priority_names = {"normal", "urgent", "very_urgent", "express",
                                                            "express_timed"};

template <class E, std::size_t N>
std::optional<E> find_name(const std::array<std::string_view, N>& names, std::string_view text) {
    for (std::size_t i = 0; i < N; ++i)
        if (names[i] == text) return static_cast<E>(i);
    return std::nullopt;
}

} // namespace

std::string_view to_string(dispatch_kind k) { return k == dispatch_kind::edoc ? "edoc" : "status"; }

std::string_view to_string(priority p) { return priority_names[static_cast<std::size_t>(p)]; }
std::optional<priority> priority_from(std::string_view text) { return find_name<priority>(priority_names, text); }

std::string_view to_string(business_type b) {
    constexpr std::array<std::string_view, 4> names = {"new", "recall", "update", "replace"};
    return names[static_cast<std::size_t>(b)];
}

std::string_view to_string(signature_outcome s) {
    constexpr std::array<std::string_view, 3> names = {"valid", "absent", "not_verifiable"};
    return names[static_cast<std::size_t>(s)];
}

std::string_view to_string(entrance e) {
    constexpr std::array<std::string_view, 5> names = {"http", "amqp", "axis", "adapter", "relay"};
    return names[static_cast<std::size_t>(e)];
}

std::string_view to_string(event_name n) {
    return n == event_name::other ? "other" : event_names[static_cast<std::size_t>(n)];
}
std::optional<event_name> event_name_from(std::string_view text) { return find_name<event_name>(event_names, text); }

bool is_node_name(std::string_view text) {
    constexpr std::size_t longest_node_name = 63;
    const auto known = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
    return !text.empty() && text.size() <= longest_node_name && std::all_of(text.begin(), text.end(), known);
}

std::string_view to_string(delivery_state s) { return state_names[static_cast<std::size_t>(s)]; }
std::optional<delivery_state> delivery_state_from(std::string_view text) {
    return find_name<delivery_state>(state_names, text);
}

} // namespace truc
