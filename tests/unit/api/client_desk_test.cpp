// What administrators change where the reload that belongs to it fails: the node goes on as if nothing had happened.
#include "../../../src/api/client_calls.hpp"
#include "bare_request.hpp"
#include "small_store.hpp"

#include <truc/api/applications.hpp>
#include <truc/base/durable.hpp>
#include <truc/directory/secret_book.hpp>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <thread>

namespace truc::api {
namespace {

constexpr const char* noon = "2026-11-22T12:00:00+07:00";

class administrators_changes : public testing::Test {
  protected:
    administrators_changes() {
        EXPECT_TRUE(write_file(file(), R"({"node": {"name": "ninhthuan"}}
{"agency": {"code": "000.00.12.H43", "name": "one", "node": "ninhthuan"}}
{"client": {"id": "old", "agencies": ["000.00.12.H43"], "entrances": ["http", "amqp"]}}
)"));
        EXPECT_TRUE(write_file(dir_.path() / "secrets.jsonl", "", 0600));
        EXPECT_TRUE(write_file(dir_.path() / "secrets.key", trust::sealing_key::make_text(), 0600));
        EXPECT_TRUE(reload());
    }

    std::filesystem::path file() const { return dir_.path() / "directory.jsonl"; }
    static intake::surroundings around(const std::filesystem::path& file) {
        auto d = directory::directory::load(file);
        if (!d) throw std::runtime_error(d.error().what);
        return {std::make_shared<const directory::directory>(std::move(*d)), nullptr};
    }
    static intake::surroundings empty() {
        return {std::make_shared<const directory::directory>(*directory::directory::parse("", "none")), nullptr};
    }
    /// As the node's: all that was read is in force before the section is published, which may fail.
    result<void> reload() {
        const auto book = directory::secret_book::load(services_.clients.secrets, services_.clients.secrets_key);
        if (!book) return fail(book.error());
        secrets_ = *book;
        pipeline_.reload(around(file()));
        if (publishing_) return fail(*publishing_);
        return {};
    }
    json::object told(const result<http::response>& r) {
        if (!r) throw std::runtime_error(r.error().what);
        return json::parse(r->body).as_object();
    }
    std::string secret_in(const json::object& o) { return std::string(o.at("new_secret").as_string()); }
    bool is_good(const std::string& secret) const {
        const auto good = secrets_.secrets_of("old", *from_rfc3339(noon));
        return std::find(good.begin(), good.end(), secret) != good.end();
    }

    test::temporary_directory dir_;
    test::small_store store_;
    metrics_registry metrics_;
    intake::pipeline pipeline_{{&*store_, nullptr, "ninhthuan", &store_.clock(), &metrics_}, empty()};
    deliver::inbox inbox_{*store_, store_.clock()};
    deliver::waiting_room waiting_;
    net::work_pool pool_{1};
    directory::secret_book secrets_; ///< in force
    std::optional<error> publishing_;
    services services_{*store_,
                       pipeline_,
                       inbox_,
                       waiting_,
                       pool_,
                       metrics_,
                       store_.clock(),
                       "ninhthuan",
                       nullptr,
                       [this] { return reload(); },
                       file(),
                       nullptr,
                       nullptr,
                       nullptr,
                       nullptr,
                       nullptr,
                       {{}, dir_.path() / "secrets.jsonl", dir_.path() / "secrets.key"}};
    directory_file directory_{services_};
    client_desk desk_{services_, directory_};
};

TEST_F(administrators_changes, leave_the_directory_as_it_was_whatever_the_reload_fails_of) {
    const auto before = *read_file(file());
    for (const auto code : {errc::no_space, errc::bad_configuration, errc::section_conflict}) {
        publishing_ = error(code, "x");
        const auto disabled = desk_.set_disabled("old", true);
        ASSERT_FALSE(disabled);
        EXPECT_EQ(disabled.error().code, code) << "the first reason, not that of taking it back";
        EXPECT_EQ(*read_file(file()), before);
        EXPECT_FALSE(pipeline_.current_directory()->find_client("old")->disabled);
        EXPECT_FALSE(desk_.add(R"({"id": "new", "agencies": ["000.00.12.H43"], "secret": true})", "root"));
        EXPECT_EQ(*read_file(file()), before);
        EXPECT_EQ(pipeline_.current_directory()->find_client("new"), nullptr);
    }
    publishing_.reset();
    EXPECT_TRUE(desk_.add(R"({"id": "new", "agencies": ["000.00.12.H43"], "secret": true})", "root"));
    EXPECT_NE(pipeline_.current_directory()->find_client("new"), nullptr);
}

TEST_F(administrators_changes, leave_the_old_secret_good_where_nobody_was_told_the_new_one) {
    const auto secret = secret_in(told(desk_.rotate("old", R"({"secret": true})")));
    ASSERT_TRUE(is_good(secret));
    const auto before = *read_file(services_.clients.secrets);
    publishing_ = error(errc::section_conflict, "x");
    EXPECT_FALSE(desk_.rotate("old", R"({"secret": true, "keep_old_hours": 0})"));
    EXPECT_EQ(*read_file(services_.clients.secrets), before);
    EXPECT_TRUE(is_good(secret)) << "in force, not on disk alone";
}

http::request_head post_to(std::vector<std::string> path) {
    http::request_head head;
    head.verb = http::method::post;
    head.path = std::move(path);
    return head;
}

net::awaitable<void> ask_to_reload(http::application& admin, net::asio::any_io_executor executor) {
    bare_request r(std::move(executor), post_to({"admin", "reload"}));
    co_await admin.handle(r);
}

TEST_F(administrators_changes, keep_no_document_waiting) {
    std::promise<void> begun, released;
    services_.reload = [&]() -> result<void> {
        begun.set_value();
        released.get_future().wait();
        return {};
    };
    net::work_pool changes(1);
    const auto admin = make_admin(services_, changes);
    net::asio::io_context loop;
    auto call = ask_to_reload(*admin, loop.get_executor());
    net::asio::co_spawn(loop, std::move(call), net::asio::detached);
    std::thread reloading([&loop] { loop.run(); });
    begun.get_future().wait();
    std::promise<void> examined;
    pool_.post([&examined] { examined.set_value(); });
    EXPECT_EQ(examined.get_future().wait_for(std::chrono::seconds(20)), std::future_status::ready);
    released.set_value();
    reloading.join();
    pool_.join();
}

} // namespace
} // namespace truc::api
