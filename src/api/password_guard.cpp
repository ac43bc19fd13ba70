#include "password_guard.hpp"

#include <truc/base/log.hpp>
#include <truc/directory/client_lines.hpp>

#include <openssl/crypto.h>

namespace truc::api {

password_guard::password_guard(net::work_pool& pool, directory_in_force directory, metrics_registry& metrics)
    : pool_(pool),
      directory_(std::move(directory)),
      of_nobody_(trust::password_hash::make(trust::make_password())),
      refused_(metrics.get_counter("truc_passwords_refused_total", "Logins by password that were refused")) {}

void password_guard::use(std::shared_ptr<const directory::password_book> book) { book_.store(std::move(book)); }

void password_guard::check(std::string user, std::string password, const std::function<void(amqp::login)>& answer) {
    if (!enqueue({std::move(user), std::move(password), answer})) answer(amqp::login::unknown);
}

bool password_guard::enqueue(question q) {
    {
        const std::scoped_lock lock(mutex_);
        if (waiting_.size() == most_waiting) return false;
        waiting_.push_back(std::move(q));
        if (under_way_ == most_at_once) return true;
        ++under_way_;
    }
    pool_.post([this] { next(); });
    return true;
}

/// One after the other; whoever finds nothing to do ends.
void password_guard::next() {
    question q;
    {
        const std::scoped_lock lock(mutex_);
        if (waiting_.empty()) {
            --under_way_;
            return;
        }
        q = std::move(waiting_.front());
        waiting_.pop_front();
    }
    auto found = amqp::login::unknown;
    try {
        found = judge(q);
    } catch (const std::exception& e) {
        spdlog::error("a password could not be checked: {}", e.what());
    }
    OPENSSL_cleanse(q.password.data(), q.password.size());
    if (found == amqp::login::bad) refused_.add();
    q.answer(found);
    pool_.post([this] { next(); }); // behind the work of others
}

amqp::login password_guard::judge(const question& q) const {
    const auto book = this->book();
    const auto directory = directory_();
    const auto* client = book ? book->who(*directory, q.user) : nullptr;
    std::vector<const trust::password_hash*> kept;
    if (client) kept = book->passwords_of(client->id, system_clock().now());
    // Whoever is refused has waited for as many derivations, whether the name is known and its password new or not.
    bool fits = false;
    for (std::size_t i = 0; i < directory::most_of_a_client && !fits; ++i) {
        const bool same = (i < kept.size() ? *kept[i] : of_nobody_).fits(q.password);
        fits = same && i < kept.size();
    }
    return fits && !client->disabled ? amqp::login::good : amqp::login::bad;
}

} // namespace truc::api
