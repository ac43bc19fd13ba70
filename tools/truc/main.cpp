// truc: the command line of the exchange, for administrators and for scripts.
#include "commands.hpp"
#include "words.hpp"

#include <truc/dsig/verifier.hpp>
#include <truc/xml/document.hpp>

#include <CLI/CLI.hpp>

#include <cstdio>
#include <exception>

namespace {

using truc::cli::exit_code;

std::string hint() {
    return truc::cli::words("truc --help and truc VERB --help tell more\n", "xem truc --help, truc LỆNH --help\n");
}

/// CLI11 complains of the missing verb where an unknown one was typed.
std::string sentence_on(const CLI::App& app, const CLI::Error& e) {
    const auto unknown = app.remaining(true);
    if (e.get_name() != "RequiredError" || unknown.empty()) return e.what();
    return truc::cli::words("there is no verb {}", "không có lệnh {}", unknown.front());
}

int parse_failed(const CLI::App& app, const CLI::ParseError& e) {
    const bool asked_for_help = app.exit(e) == 0;
    return static_cast<int>(asked_for_help ? exit_code::done : exit_code::usage);
}

int run(int argc, char** argv) {
    CLI::App app(truc::cli::words("truc: sign, send, receive, trace and prove official documents",
                                  "truc: ký, gửi, nhận, theo dõi và chứng minh văn bản điện tử"),
                 "truc");
    truc::cli::program program;
    truc::cli::declare(app, program);
    app.failure_message(
        [](const CLI::App* a, const CLI::Error& e) { return "truc: " + sentence_on(*a, e) + "\n" + hint(); });
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
        return parse_failed(app, e);
    }
    truc::xml::initialise();
    truc::dsig::initialise();
    const truc::cli::context context(program.options);
    const auto ended = program.run(context);
    if (ended) return static_cast<int>(*ended);
    context.complain(ended.error());
    if (ended.error().code == exit_code::usage && !program.options.json) std::fputs(hint().c_str(), stderr);
    return static_cast<int>(ended.error().code);
}

} // namespace

int main(int argc, char** argv) {
    try {
        return run(argc, argv);
    } catch (const std::exception& e) {
        std::fprintf(stderr, "truc: %s\n", e.what());
        return static_cast<int>(exit_code::no);
    }
}
