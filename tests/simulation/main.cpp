// The long form of the simulation: many seeds, until one breaks a promise.
#include "run.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

using namespace truc::simulation;

namespace {

/// False when a promise was broken.
bool play_and_tell(plan p) {
    const auto o = play(p);
    fmt::print("seed {}{}: {}\n", p.seed, p.liar ? " with a liar" : "", o.summary());
    for (const auto& v : o.violations) fmt::print("  BROKEN: {}\n", v);
    for (const auto& a : o.accused)
        if (p.verbose || (!p.liar && !a.empty())) fmt::print("  {}\n", a);
    std::fflush(stdout);
    return o.violations.empty();
}

} // namespace

int main(int argc, char** argv) {
    plan p;
    std::uint64_t rounds = 1;
    bool only_honest = false, only_liars = false, no_moves = false, no_crashes = false, no_cuts = false,
         no_holds = false;
    CLI::App app("Plays the exchange in virtual time, through deaths, losses and lies, and checks the promises");
    app.add_option("--seed", p.seed, "of the first round; the others count up")->capture_default_str();
    app.add_option("--rounds", rounds, "how many")->capture_default_str();
    app.add_option("--minutes", p.minutes, "virtual minutes of storm in a round")->capture_default_str();
    app.add_option("--documents", p.documents, "sent in a round, statuses not counted")->capture_default_str();
    app.add_flag("--honest", only_honest, "no round with a liar");
    app.add_flag("--liars", only_liars, "each round with a liar");
    app.add_flag("--no-moves", no_moves, "agencies stay where they are");
    app.add_flag("--no-crashes", no_crashes, "nodes do not die");
    app.add_flag("--no-cuts", no_cuts, "ways lose and delay nothing");
    app.add_flag("--no-holds", no_holds, "administrators leave deliveries alone");
    app.add_flag("--verbose", p.verbose, "tell what happens");
    CLI11_PARSE(app, argc, argv);
    p.moves = !no_moves;
    p.crashes = !no_crashes;
    p.cuts = !no_cuts;
    p.holds = !no_holds;
    std::uint64_t broken = 0;
    for (std::uint64_t i = 0; i < rounds; ++i, ++p.seed) {
        p.liar = only_liars || (!only_honest && p.seed % 4 == 3);
        broken += !play_and_tell(p);
    }
    fmt::print("{} of {} rounds broke a promise\n", broken, rounds);
    return broken == 0 ? 0 : 1;
}
