#pragma once
#include "folder_options.hpp"

#include <truc/base/bytes.hpp>
#include <truc/base/durable.hpp>

#include <sys/stat.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace truc::tdoffice {

/// What tells one version of a file from the next without reading it.
struct file_version {
    std::int64_t size = -1;
    std::int64_t modified_ns = 0;
    std::int64_t changed_ns = 0;

    static file_version of(const struct stat& info);
    bool operator==(const file_version&) const = default;
};

/// A file of the outbox as it was read. Content is empty for what is only hashed.
struct read_document {
    sha256_digest digest;
    std::string tail; ///< its last bytes
    file_version version;
    std::string content;
};

/// Reads an ordinary file, never a link, of at most `largest` bytes. Errors: record_invalid (no ordinary file; may not
/// be read), too_large, not_found, internal.
enum class keep_content { no, yes };
result<read_document> read_document_file(const std::filesystem::path& path, std::size_t largest, keep_content keep);

/// The name of the answer to a document: X.edxml → X.done. Of a file that stands in another's way (x.EDXML beside
/// X.edxml): x.EDXML.done.
std::string answer_name(std::string_view file, std::string_view ending, bool in_the_way);

bool is_document_name(std::string_view name); ///< *.edxml, upper case too, not hidden

/// What waits in the outbox. It remembers when it saw which version of a file first, and what it read of it, and looks
/// again at what it finds changed: nothing is lost with it. One thread.
class folder_scan {
  public:
    /// A file that is ready, or that never will be and has a fault instead.
    struct found {
        std::string name;
        std::string key = {};            ///< name and digest; with a fault, name and what is wrong
        std::optional<error> fault = {}; ///< load() answers with it
        bool in_the_way = false;
    };

    folder_scan(const folder_options& o, const clock& c) : o_(o), clock_(c) {}

    /// That file is complete: it got its name by a rename.
    void renamed(const std::string& name) { renamed_.push_back(name); }
    /// Oldest first, at most `max`; without those whose error file is still there. Errors: legacy_away (the directory
    /// is away), internal.
    result<std::vector<found>> look(std::size_t max);
    /// One that is there now. Errors: as look(), not_found.
    result<found> find(const std::string& key);
    /// How long until a file that is not ready may be; nothing when there is none.
    std::optional<milliseconds> next_ready() const { return next_ready_; }

  private:
    struct candidate {
        file_version version;
        timestamp since{}; ///< when the name was seen first
        timestamp seen{};  ///< and this version of it
        bool complete = false;
        bool in_the_way = false;
        bool examined = false;
        bool ends_well = false;
        found what = {};
        file_version err_version = {}; ///< of its error file, when that was read last
        std::string err_key = {};
    };

    result<void> list_names();
    void see(const std::string& name);
    void mark_clashes();
    std::vector<candidate*> by_age();
    bool is_ready(candidate& c);
    void wait_for(timestamp when);
    void examine(candidate& c);
    candidate* candidate_of(const std::string& name, const std::string& key);
    bool is_refused(candidate& c) const;

    const folder_options& o_;
    const clock& clock_;
    std::map<std::string, candidate> candidates_; ///< by name
    std::vector<std::string> renamed_;
    std::optional<milliseconds> next_ready_;
};

/// The name in a key of a document that can be read.
std::string_view name_in_key(std::string_view key);
std::string key_of(std::string_view name, const sha256_digest& digest);

} // namespace truc::tdoffice
