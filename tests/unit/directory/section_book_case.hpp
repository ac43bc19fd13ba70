#pragma once
#include "section_signing.hpp"

#include <truc/directory/section_book.hpp>

#include <gtest/gtest.h>

namespace truc::directory {

inline std::string node_line(std::string_view name, std::string_view parent, std::string_view more = "") {
    const auto above = parent.empty() ? std::string() : fmt::format(R"(,"parent":"{}")", parent);
    return fmt::format(R"({{"node":{{"name":"{}"{}{}}}}})"
                       "\n",
                       name, above, more);
}

inline std::string agency_line(std::string_view code, std::string_view node, std::string_view more = "") {
    return fmt::format(R"({{"agency":{{"code":"{}","name":"Cơ quan {}","node":"{}"{}}}}})"
                       "\n",
                       code, code, node, more);
}

inline std::string client_line(std::string_view id, std::string_view agency, std::string_view more = "") {
    return fmt::format(R"({{"client":{{"id":"{}","agencies":["{}"]{}}}}})"
                       "\n",
                       id, agency, more);
}

inline std::string certificate(char c) { return fmt::format(R"(,"certificates":["{}"])", std::string(64, c)); }

inline const std::string closed = R"(,"valid_to":"2025-07-01T00:00:00+07:00")";

/// What the file of every node of a small exchange says at first.
inline const std::string file = node_line("vpcp", "") + node_line("ninhthuan", "vpcp") + node_line("phutho", "vpcp") +
                                node_line("thuannam", "ninhthuan") + node_line("cana", "thuannam") +
                                agency_line("G22", "vpcp") + agency_line("H43", "ninhthuan") +
                                agency_line("H44", "phutho") + agency_line("H43.30", "thuannam") +
                                agency_line("H43.30.8", "cana") + client_line("thuannam", "H43.30");

/// A book of the node ninhthuan and what other nodes sign for it.
class section_book_case : public testing::Test, public section_signing {
  protected:
    static std::shared_ptr<const directory> parsed(std::string_view text) {
        auto d = directory::parse(text, "x");
        if (!d) throw std::runtime_error(d.error().what);
        return std::make_shared<const directory>(std::move(*d));
    }

    /// Takes the next version of a node's section; the code of the refusal, or "fresh" or "known".
    std::string take(const std::string& node, std::string_view body) {
        const auto known = book.latest(node);
        return take(
            make(node, known ? known->version + 1 : 1, known ? std::optional(known->digest) : std::nullopt, body));
    }
    std::string take(section s) {
        const auto judged = book.judge(s);
        const auto taken = book.take(std::move(s));
        EXPECT_EQ(judged.has_value(), taken.has_value());
        if (taken) return *taken == taking::fresh ? "fresh" : "known";
        said = taken.error().what;
        return std::string(describe(taken.error().code).name);
    }
    /// Version 1 of what the file says, so that a section is in force for it.
    void take_file(const std::string& node) { EXPECT_EQ(take(node, section_body(*own, node)), "fresh") << said; }

    std::string home_of(std::string_view code) {
        const auto made = book.compose();
        const auto* a = made.in_force.find_agency(code);
        return a ? a->node : "unknown";
    }

    std::shared_ptr<const directory> own = parsed(file);
    section_book book{"ninhthuan", own};
    std::string said; ///< by the last refusal
};

} // namespace truc::directory
