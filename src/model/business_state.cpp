#include <truc/model/business_state.hpp>

#include <algorithm>
#include <array>

namespace truc {

namespace {

struct saying {
    std::string_view code;
    business_state state = business_state::unknown;
    truc::take_back take_back = take_back::none;
};

/// edXML's StatusCode (QCVN 102:2016).
constexpr std::array<saying, 9> sayings = {{{"01", business_state::arrived},
                                            {"02", business_state::refused},
                                            {"03", business_state::registered},
                                            {"04", business_state::assigned},
                                            {"05", business_state::in_progress},
                                            {"06", business_state::completed},
                                            {"13", business_state::unknown, take_back::asked},
                                            {"15", business_state::unknown, take_back::agreed},
                                            {"16", business_state::unknown, take_back::declined}}};

/// An answer says more than the question, and yes more than an earlier no.
constexpr int weight(take_back t) {
    switch (t) {
    case take_back::none:
        return 0;
    case take_back::asked:
        return 1;
    case take_back::declined:
        return 2;
    case take_back::agreed:
        return 3;
    }
    return 0;
}

} // namespace

business_view business_view_of(std::span<const std::string> codes) {
    business_view view;
    for (const auto& code : codes) {
        const auto* said =
            std::find_if(sayings.begin(), sayings.end(), [&](const saying& s) { return s.code == code; });
        if (said == sayings.end()) continue;
        view.state = std::max(view.state, said->state); // the enumerators stand in that order
        if (weight(said->take_back) > weight(view.take_back)) view.take_back = said->take_back;
    }
    return view;
}

std::string_view to_string(business_state s) {
    constexpr std::array<std::string_view, 7> names = {"",        "arrived",  "registered", "assigned", "in_progress",
                                                       "refused", "completed"};
    return names[static_cast<std::size_t>(s)];
}

std::string_view to_string(take_back t) {
    constexpr std::array<std::string_view, 4> names = {"", "asked", "agreed", "declined"};
    return names[static_cast<std::size_t>(t)];
}

} // namespace truc
