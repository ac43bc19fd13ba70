#pragma once
#include "failure.hpp"
#include "table.hpp"

#include <boost/json/object.hpp>

#include <filesystem>
#include <string>
#include <string_view>

namespace truc::cli {

/// Options that stand before or behind every verb.
struct global_options {
    std::filesystem::path network; ///< network.json
    std::string at;                ///< a node of it
    std::string node;              ///< URL
    std::filesystem::path socket;  ///< the administrators' socket
    std::filesystem::path config;  ///< of a node: how its store is found while it is stopped
    std::string as;                ///< an agency's code
    std::filesystem::path certificate;
    std::filesystem::path key;
    std::filesystem::path authority; ///< of the nodes' certificates
    bool json = false;
};

/// What every verb is given: the options and the one way to standard output. Single-threaded.
class context {
  public:
    explicit context(global_options o) : options_(std::move(o)) {}

    const global_options& options() const { return options_; }

    /// One object a line, with --json only.
    void object(const json::object& o) const;
    /// For people, without --json only.
    void line(std::string_view text) const;
    /// The same for sentences: made printable and broken between words at the width of the terminal; what follows the
    /// first line is indented by as much as `lead` takes.
    void paragraph(std::string_view lead, std::string_view text) const;
    /// What a person has to know beside the answer, on standard error; with and without --json.
    void note(std::string_view text) const;
    void show(const table& t) const;
    /// Objects as lines, or the table that is made of them.
    void show(const std::vector<json::object>& objects, const table& t) const;
    /// Bytes as they are, with and without --json.
    void raw(std::string_view bytes) const;
    /// With --json an object on standard output, else lines on standard error.
    void complain(const failure& f) const;

  private:
    global_options options_;
};

/// A moment for people: 2026-11-21 16:27:10 from RFC 3339.
std::string short_time(std::string_view rfc3339);
/// The same without the year: 11-21 16:27:10.
std::string brief_time(std::string_view rfc3339);
/// Vietnamese readers get the word with Truc's own behind it: states and events are the same everywhere.
std::string state_in_words(std::string_view state);

} // namespace truc::cli
