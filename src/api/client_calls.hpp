#pragma once
/// What administrators do with clients: the systems that connect.

#include "directory_file.hpp"

namespace truc::api {

/// One change at a time. What a client identifies itself by is written first, then the directory's file: a node that
/// dies in between has a line of a client that it does not know, which is of no use to anybody, and the same call again
/// replaces it. What a failed call has written is taken back and the old is in force again. Any thread; blocks on the
/// disk, on scrypt and on the reload: run on the pool.
class client_desk {
  public:
    client_desk(const services& s, directory_file& file) : services_(s), file_(file) {}

    /// All, or the one with that id; never what they identify themselves by. Errors: not_found, bad_configuration.
    result<http::response> show() const;
    result<http::response> show(const std::string& id) const;

    /// A new client of this node; the answer has what was made for it, once. Errors: bad_request, not_found (an
    /// agency), wrong_node (its home is elsewhere), bad_configuration (no file to keep it in), bad_directory,
    /// section_conflict.
    result<http::response> add(const std::string& body, const std::string& administrator);
    /// A new certificate, password or secret; the old one is good for a while, a certificate until it is dropped. A
    /// client that has no entrance for it gets the usual one; the answer names it.
    /// Errors: as add().
    result<http::response> rotate(const std::string& id, const std::string& body);
    /// Takes a certificate from it.
    result<http::response> drop(const std::string& id, const std::string& body);
    /// It gets in nowhere while it is disabled, also where it is in already.
    result<http::response> set_disabled(const std::string& id, bool disabled);

  private:
    using change = std::function<result<void>(directory::client&)>;
    result<directory::client> change_client(const std::string& id, const change& make);
    result<void> check_agencies(directory::client& c, const directory::directory& file) const;

    const services& services_;
    directory_file& file_;
    std::mutex changing_;
};

} // namespace truc::api
