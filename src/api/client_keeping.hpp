#pragma once
/// Passwords and secrets as administrators' calls make and write them.

#include <truc/api/services.hpp>
#include <truc/directory/client_lines.hpp>

namespace truc::api {

/// In clear, for the only answer that ever shows it; empty: was not asked for.
struct made_for_client {
    std::string password;
    std::string secret;
};

/// Writes into the files of clients, for one call. What nobody has said is to stay is taken back at the end, and what
/// was good before is good again, also where a reload has put the new in force before it failed.
class client_keeping {
  public:
    explicit client_keeping(const services& s) : services_(s), files_(s.clients) {}
    ~client_keeping();
    client_keeping(const client_keeping&) = delete;

    /// New ones for this client; the old ones stay good until `old_until`. Error: bad_configuration: there is no file
    /// for it, or the file cannot be used.
    result<made_for_client> make(const std::string& client, bool password, bool secret,
                                 std::optional<timestamp> old_until);
    /// Nothing of an earlier client with that id is good any more.
    result<void> forget(const std::string& client);
    void keep() { before_.clear(); }

  private:
    void take_back();
    result<std::string> make_password(const std::string& client, std::optional<timestamp> old_until);
    result<std::string> make_secret(const std::string& client, std::optional<timestamp> old_until);
    result<void> put(const std::filesystem::path& file, const std::string& client, const std::string& line,
                     std::optional<timestamp> old_until);

    const services& services_;
    const client_files& files_;
    std::vector<std::pair<std::filesystem::path, std::string>> before_;
};

/// What the clients have, without saying what.
using kept_by_client = std::map<std::string, directory::kept_for_client, std::less<>>;
/// Empty where there is no such file.
result<kept_by_client> read_kept(const std::filesystem::path& file);

} // namespace truc::api
