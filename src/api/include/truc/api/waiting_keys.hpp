#pragma once
/// The keys of the waiting room: those who wait for news and those who bring it have to mean the same.

#include <truc/directory/directory.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace truc::api {

/// "inbox:" or "feed:" with each of the codes.
std::vector<std::string> waiting_keys(std::string_view kind, const std::vector<std::string>& codes);

/// The one key of everything behind a gateway: it waits for more agencies than a waiter can name.
std::string gateway_key(std::string_view client);

/// Whom news in these inboxes is for: who waits for one of them, or for what is behind their gateway.
std::vector<std::string> inbox_news(const directory::directory& d, const std::vector<std::string>& inboxes);

} // namespace truc::api
