#pragma once
#include <truc/base/clock.hpp>
#include <truc/directory/directory.hpp>
#include <truc/trust/password_hash.hpp>

#include <map>
#include <vector>

namespace truc::directory {

/// The passwords by which clients may identify themselves at this node, as scrypt. They belong to the node alone: they
/// stand in a file of their own, which only its owner may read, and in no section. Immutable, thread-safe.
///
/// File: JSON Lines, `{"client": "<id>", "scrypt": {"n": 16384, "r": 8, "p": 1, "salt": "<hex>", "key": "<hex>"},
/// "until": "<time>"}`; `until` only of a password that was replaced and is good for a while yet. Empty lines and lines
/// that begin with '#' are skipped. A client stands there at most twice. That a client is unknown to the directory is
/// no error: the directory changes on its own.
class password_book {
  public:
    password_book() = default;
    /// Error: bad_configuration (what = "file:line: …", also when others than the owner may read the file).
    static result<password_book> load(const std::filesystem::path& file);
    static result<password_book> parse(std::string_view text, std::string_view name_for_errors);
    static std::string line_of(std::string_view client, const trust::password_hash& password);

    /// Those that are good at that moment, at most `most_of_a_client`; the newest first.
    std::vector<const trust::password_hash*> passwords_of(std::string_view client, timestamp at) const;
    std::size_t size() const { return by_client_.size(); } ///< clients

    /// The client that logs in by this name: its id, or the code of an agency (in any form) for which exactly one
    /// enabled client with a password here acts. nullptr when there is none.
    const client* who(const directory& d, std::string_view name) const;

  private:
    struct entry {
        trust::password_hash password;
        std::optional<timestamp> until;
    };
    std::map<std::string, std::vector<entry>, std::less<>> by_client_;
};

} // namespace truc::directory
