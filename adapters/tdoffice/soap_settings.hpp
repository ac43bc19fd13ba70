#pragma once
#include "mapping.hpp"

#include <truc/base/settings.hpp>
#include <truc/client/http_client.hpp>

#include <chrono>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace truc::tdoffice {

/// Names that an installation may have given otherwise: of methods, parameters or members of JSON. Asked by our own
/// name of a thing, which is the default.
class name_table {
  public:
    /// `known` are our names; a configuration that names another one is refused.
    void read(settings& parent, std::string_view key, std::span<const std::string_view> known);
    /// Empty: the installation has no such thing.
    std::string_view of(std::string_view ours) const;

  private:
    std::map<std::string, std::string, std::less<>> theirs_;
};

/// What the member Status of an answer says; anything else is a refusal of what was asked.
struct answer_words {
    std::string status = "Status";
    std::string data = "Data";
    std::string message = "Message";
    std::vector<std::string> good{"OK", "SUCCESS", "true", "1"};
    std::vector<std::string> expired{"EXPIRED", "NOLOGIN", "UNAUTHORIZED", "401"};
    std::vector<std::string> busy{"BUSY", "503"};
};

/// The table [soap] of the configuration.
struct soap_settings {
    explicit soap_settings(settings& table);

    client::server_address where;
    client::http_options http;
    std::string user;
    std::filesystem::path password_file;
    std::string name_space = "http://schemas.microsoft.com/sharepoint/soap/"; ///< ends in '/'
    std::string soap_action = name_space;                                     ///< what stands before the method

    std::string login_path = "/_layouts/tandan/QuanLyVanBan/webservices/DangNhap.asmx";
    std::string outgoing_path = "/_layouts/tandan/QuanLyVanBan/webservices/LienThongVanBan.asmx";
    std::string incoming_path = outgoing_path;

    bool token_session = false; ///< the log-in gives a token that every call carries; else cookies
    std::string token_parameter = "token";

    std::chrono::seconds answer_time{30};
    std::chrono::seconds content_time{120}; ///< of calls that carry attachments
    /// After an answer was lost: how long the server may still be at work before it is asked what became of it.
    std::chrono::seconds settle_time{3};
    std::chrono::milliseconds poll{5000}; ///< how often it is asked what waits
    std::chrono::seconds login_pause{60}; ///< after a log-in was refused, so that no account is locked
    std::size_t piece_size = 0;           ///< attachments come in pieces of so many bytes; 0: whole

    name_table methods;
    name_table parameters;
    name_table members;
    std::map<std::string, std::string> results; ///< stages of a report → what is written there
    answer_words answers;
    vocabulary words;

  private:
    void read_server(settings& table);
    void read_session(settings& table);
    void read_times(settings& table);
    void read_names(settings& table);
    void read_answers(settings table);
};

} // namespace truc::tdoffice
