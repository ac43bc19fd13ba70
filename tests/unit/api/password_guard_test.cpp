#include "../../../src/api/password_guard.hpp"

#include <gtest/gtest.h>

#include <future>

namespace truc::api {
namespace {

using amqp::login;

class guarded_passwords : public testing::Test {
  protected:
    guarded_passwords() {
        auto d = directory::directory::parse(R"({"node": {"name": "n"}}
{"agency": {"code": "000.00.12.H43", "name": "a", "node": "n"}}
{"client": {"id": "one", "agencies": ["000.00.12.H43"]}}
{"client": {"id": "off", "agencies": [], "disabled": true}})",
                                             "directory");
        directory_ = std::make_shared<const directory::directory>(std::move(*d));
    }

    void keep(const std::vector<std::string>& clients, std::string_view password) {
        std::string text;
        for (const auto& c : clients)
            text += directory::password_book::line_of(c, trust::password_hash::make(password, cheap)) + "\n";
        guard_.use(std::make_shared<const directory::password_book>(*directory::password_book::parse(text, "file")));
    }
    login check(const std::string& user, const std::string& password) {
        std::promise<login> answer;
        guard_.check(user, password, [&](login l) { answer.set_value(l); });
        return answer.get_future().get();
    }

    static constexpr trust::password_hash::cost cheap{16, 1, 1};
    std::shared_ptr<const directory::directory> directory_;
    metrics_registry metrics_;
    net::work_pool pool_{2};
    password_guard guard_{pool_, [this] { return directory_; }, metrics_};
};

TEST_F(guarded_passwords, the_right_one_of_a_known_client_is_good_and_nothing_else) {
    EXPECT_EQ(check("one", "x"), login::bad) << "there are no passwords yet";
    keep({"one", "off", "gone"}, "x");
    EXPECT_EQ(check("one", "x"), login::good);
    EXPECT_EQ(check("000.00.12.H43", "x"), login::good);
    EXPECT_EQ(check("one", "y"), login::bad);
    EXPECT_EQ(check("off", "x"), login::bad) << "it is disabled";
    EXPECT_EQ(check("gone", "x"), login::bad) << "the directory does not know it";
    EXPECT_EQ(check("nobody", "x"), login::bad);
    keep({"one"}, "z");
    EXPECT_EQ(check("one", "x"), login::bad);
    EXPECT_EQ(check("one", "z"), login::good);
}

/// The pool is held up, so that what is asked has to wait.
TEST_F(guarded_passwords, so_many_may_wait_and_the_next_is_told_to_come_again) {
    keep({"one"}, "x");
    std::promise<void> go_on;
    const auto gate = go_on.get_future().share();
    for (int i = 0; i < 2; ++i) pool_.post([gate] { gate.wait(); });
    std::atomic<int> good{0}, unknown{0};
    const auto count = [&](login l) { ++(l == login::good ? good : unknown); };
    for (int i = 0; i < 512; ++i) guard_.check("one", "x", count);
    EXPECT_EQ(unknown, 0);
    guard_.check("one", "x", count);
    EXPECT_EQ(unknown, 1);
    go_on.set_value();
    pool_.join();
    EXPECT_EQ(good, 512);
    EXPECT_EQ(unknown, 1);
}

TEST_F(guarded_passwords, names_that_nobody_has_take_as_long) {
    const auto text = directory::password_book::line_of("one", trust::password_hash::make("x"));
    guard_.use(std::make_shared<const directory::password_book>(*directory::password_book::parse(text, "file")));
    const auto shortest = [&](const std::string& user) {
        auto best = std::chrono::steady_clock::duration::max();
        for (int i = 0; i < 5; ++i) {
            const auto begun = std::chrono::steady_clock::now();
            EXPECT_EQ(check(user, "wrong"), login::bad);
            best = std::min(best, std::chrono::steady_clock::now() - begun);
        }
        return best;
    };
    const auto known = shortest("one");
    const auto unknown = shortest("nobody");
    EXPECT_GT(unknown * 4, known);
    EXPECT_GT(known * 4, unknown);
}

} // namespace
} // namespace truc::api
