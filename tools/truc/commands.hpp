#pragma once
#include "verbs.hpp"

#include <functional>

namespace CLI {
class App;
}

namespace truc::cli {

/// What the command line was parsed to: the options that every verb shares, and the verb to run with them.
struct program {
    global_options options;
    std::function<outcome<exit_code>(const context&)> run;
};

/// Declares every option and verb on `app`. Parsing fills `p`, which must outlive it.
void declare(CLI::App& app, program& p);

} // namespace truc::cli
