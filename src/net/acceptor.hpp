#pragma once
#include <truc/base/seldom.hpp>
#include <truc/net/listener.hpp>

#include <condition_variable>
#include <list>
#include <map>
#include <mutex>
#include <unordered_map>

namespace truc::net {

/// What a listener shares with its coroutines, so that they may end after it.
class listener::acceptor : public std::enable_shared_from_this<listener::acceptor> {
  public:
    acceptor(io_loop& loop, const endpoint& where, const tls_holder* tls, connection_handler& handler,
             metrics_registry& metrics, listener_options options);

    void start();
    std::uint16_t port() const { return port_; }
    std::size_t connections() const;
    void reexamine();
    void stop(std::chrono::milliseconds grace);

  private:
    enum class next : std::uint8_t { wait, pause, end };
    struct handshake {
        std::weak_ptr<connection> peer;
        steady_time begun;
    };

    /// Keeps this alive for a coroutine, and counts the coroutine for as long as it lives.
    class presence {
      public:
        explicit presence(std::shared_ptr<acceptor> a) : acceptor_(std::move(a)) { acceptor_->enter(); }
        ~presence() { acceptor_->leave(); }
        presence(const presence&) = delete;

      private:
        std::shared_ptr<acceptor> acceptor_;
    };

    /// How many connections some may have together.
    struct quota {
        std::string whose; ///< for people, too
        std::size_t most;
    };

    /// A place within each quota that counts for a connection.
    class share {
      public:
        share(acceptor& a, const connection& peer);
        ~share();
        share(const share&) = delete;
        explicit operator bool() const { return taken_; }

      private:
        acceptor& acceptor_;
        const std::vector<quota> within_;
        const bool taken_;
    };

    awaitable<void> accept_loop(std::unique_ptr<presence> here);
    next accept_all();
    void admit(file_handle socket);
    awaitable<void> run(std::unique_ptr<presence> here, std::shared_ptr<connection> peer);
    awaitable<bool> shake_hands(std::shared_ptr<connection> peer);
    void complain(const connection& peer);
    bool must_judge_anew(const std::shared_ptr<const trust::tls_context>& context);
    bool is_still_good(const connection& peer) const;
    bool enlist(const std::shared_ptr<connection>& peer);
    void delist(const connection* peer);
    bool has_room_for_handshake();
    std::vector<quota> quotas_for(const peer_info& peer) const;
    bool take_share(const std::vector<quota>& within, const std::string& address);
    void give_share_back(const std::vector<quota>& within);
    void end_handshake(const connection* peer);
    void enter();
    void leave();
    std::vector<std::shared_ptr<connection>> all() const;
    void for_each(void (connection::*what)());

    io_loop& loop_;
    const tls_holder* tls_;
    connection_handler& handler_;
    listener_options options_;
    connection::strand strand_;
    asio::posix::basic_stream_descriptor<connection::strand> socket_;
    std::uint16_t port_ = 0;
    bool starved_ = false; ///< of file descriptors, and said so

    counter& accepted_;
    counter& refused_;
    counter& failed_handshakes_;
    counter& resumed_;
    metrics_registry& metrics_;
    seldom complaints_;

    mutable std::mutex mutex_; ///< for what follows; held for moments only
    std::condition_variable emptied_;
    std::unordered_map<const connection*, std::weak_ptr<connection>> connections_;
    std::list<handshake> handshakes_;                         ///< oldest first
    std::map<std::string, std::size_t> shares_;               ///< taken of each quota
    std::shared_ptr<const trust::tls_context> examined_with_; ///< all connections, when they were judged last
    std::size_t present_ = 0;
    bool stopping_ = false;
};

} // namespace truc::net
