#pragma once
#include <truc/base/clock.hpp>
#include <truc/directory/directory.hpp>
#include <truc/trust/sealing_key.hpp>

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace truc::directory {

/// The secrets with which clients of the axis SDK sign their headers (HMAC needs them in clear, so a digest would not
/// do). They belong to the node alone: they stand in a file of its own, each encrypted with a key from another file,
/// and both may be read by their owner only. Immutable, thread-safe.
///
/// File: JSON Lines, `{"client": "<id>", "sealed": "<base64>", "until": "<time>"}`; `until` only of a secret that was
/// replaced and is good for a while yet. A client stands there at most twice. That a client is unknown to the directory
/// is no error: the directory changes on its own.
class secret_book {
  public:
    secret_book() = default;
    /// Errors: bad_configuration (what = "file:line: …": not to be read, not readable by its owner only, sealed with
    /// another key).
    static result<secret_book> load(const std::filesystem::path& file, const std::filesystem::path& key_file);
    static result<secret_book> parse(std::string_view text, std::string_view name_for_errors,
                                     const trust::sealing_key& key);
    /// A line of such a file, without its end and without `until`.
    static std::string line_of(std::string_view client, std::string_view secret, const trust::sealing_key& key);

    /// The secrets that are good for this client at that moment; the newest first.
    std::vector<std::string_view> secrets_of(std::string_view client, timestamp at) const;
    /// The clients that may call themselves so: the one with that id, or those with a secret here that act for the
    /// agency with that code (in any form) and are not disabled. Which of them it is, the signature says. None where
    /// they would be more than `most_candidates`: those use their ids.
    std::vector<const client*> candidates(const directory& d, std::string_view name) const;
    static constexpr std::size_t most_candidates = 8;

  private:
    struct entry {
        std::string secret;
        std::optional<timestamp> until;
    };
    std::map<std::string, std::vector<entry>, std::less<>> by_client_;
};

} // namespace truc::directory
