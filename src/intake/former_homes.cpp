#include <truc/directory/section.hpp>
#include <truc/intake/former_homes.hpp>

#include <set>

namespace truc::intake {

void recall_former_homes(const store::store& kept, const trust::certificate_store& exchange, timestamp now,
                         pipeline& intake) {
    std::set<std::pair<agency_code, std::string>> told; // most versions say what the one before said
    for (const auto& v : kept.section_versions()) {
        // What never counted was never a home.
        const auto text = v.counts ? kept.read_section(v.node, v.version) : std::nullopt;
        if (!text) continue;
        const auto section = directory::read_section(*text, exchange, now);
        if (!section) continue; // sections says so, if it matters
        for (const auto& agency : section->records.agencies)
            if (told.emplace(agency.code, section->node).second) intake.remember_home(agency.code, section->node);
    }
}

} // namespace truc::intake
