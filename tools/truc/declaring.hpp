#pragma once
/// How verbs and their options are declared; for the files that declare them.

#include "commands.hpp"
#include "find.hpp"
#include "words.hpp"

#include <CLI/App.hpp>

#include <memory>

namespace truc::cli {

// What the value of an option is: its CLI11 type name, from which the completion knows what to offer.
inline constexpr const char* node_value = "NODE";
inline constexpr const char* agency_value = "AGENCY";
inline constexpr const char* client_value = "CLIENT";
inline constexpr const char* adapter_value = "ADAPTER";
inline constexpr const char* file_value = "FILE";
inline constexpr const char* directory_value = "DIR";

CLI::App* add_verb(CLI::App& parent, const char* name, const std::string& description);
/// A verb that is only the first word of others.
CLI::App* add_group(CLI::App& parent, const char* name, const std::string& description);

template <class Options>
struct declared {
    CLI::App* app;
    std::shared_ptr<Options> options;
};

/// A verb with options of its own, which live as long as the parsed program.
template <class Options>
declared<Options> verb(CLI::App& parent, program& p, const char* name, const std::string& description,
                       outcome<exit_code> (*run)(const context&, const Options&)) {
    auto options = std::make_shared<Options>();
    auto* const app = add_verb(parent, name, description);
    app->callback([&p, options, run] { p.run = [options, run](const context& c) { return run(c, *options); }; });
    return {app, options};
}

/// ID and what else may be known of a document (find.hpp). The same for every verb.
void declare_id(CLI::App& verb, find_options& o);
/// What --since and --until may be, for people.
std::string moment_words();

void declare_documents(CLI::App& app, program& p);      ///< sign, send, check, receive, status
void declare_evidence(CLI::App& app, program& p);       ///< trace, why, receipts, verify
void declare_administration(CLI::App& app, program& p); ///< lanes, books, directory, copies …
void declare_systems(CLI::App& app, program& p);        ///< client, adapter
void declare_completion(CLI::App& app, program& p);     ///< for shells
void declare_demo(CLI::App& app, program& p);

} // namespace truc::cli
