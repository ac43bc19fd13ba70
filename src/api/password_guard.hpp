#pragma once
#include <truc/amqp/session.hpp>
#include <truc/base/metrics.hpp>
#include <truc/directory/password_book.hpp>
#include <truc/net/async.hpp>

#include <deque>
#include <mutex>

namespace truc::api {

/// Checks passwords on the pool, few at a time and with a bound on those that wait, so that guessing costs other work
/// little. Unknown names take as long as known ones.
///
/// Lifecycle: outlives the pool's work. Thread-safe.
class password_guard {
  public:
    using directory_in_force = std::function<std::shared_ptr<const directory::directory>()>;
    password_guard(net::work_pool& pool, directory_in_force directory, metrics_registry& metrics);

    /// From now on; null: no password is good.
    void use(std::shared_ptr<const directory::password_book> book);
    std::shared_ptr<const directory::password_book> book() const { return book_.load(); }

    /// `answer` is called once, on the pool or at once.
    void check(std::string user, std::string password, const std::function<void(amqp::login)>& answer);

  private:
    struct question {
        std::string user;
        std::string password;
        std::function<void(amqp::login)> answer;
    };
    bool enqueue(question q);
    void next();
    amqp::login judge(const question& q) const;

    static constexpr std::size_t most_at_once = 2; ///< 16 MiB and tens of milliseconds of a CPU each
    static constexpr std::size_t most_waiting = 512;

    net::work_pool& pool_;
    const directory_in_force directory_;
    const trust::password_hash of_nobody_;
    std::atomic<std::shared_ptr<const directory::password_book>> book_;
    counter& refused_;
    std::mutex mutex_; ///< for what follows
    std::deque<question> waiting_;
    std::size_t under_way_ = 0;
};

} // namespace truc::api
