#include "../../../src/api/axis_call.hpp"
#include "bare_request.hpp"
#include "small_store.hpp"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <latch>
#include <zlib.h>

namespace truc::api {
namespace {

using which = axis_agency_lists::which;

http::request_head asking(std::string accept_encoding) {
    http::request_head head;
    if (!accept_encoding.empty()) head.fields.push_back({"Accept-Encoding", std::move(accept_encoding)});
    return head;
}

std::string all_of(const http::response& r) {
    std::string all;
    while (all.size() < r.length) all += *r.source->piece(all.size(), 64 * 1024);
    return all;
}

std::string header(const http::response& r, std::string_view name) {
    for (const auto& f : r.fields)
        if (f.name == name) return f.value;
    return "";
}

std::string inflated(const std::string& packed) {
    z_stream stream{};
    inflateInit2(&stream, 16 + MAX_WBITS);
    std::string bytes = packed, text(packed.size() * 200, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(bytes.data());
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = reinterpret_cast<Bytef*>(text.data());
    stream.avail_out = static_cast<uInt>(text.size());
    EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
    text.resize(stream.total_out);
    inflateEnd(&stream);
    return text;
}

class axis_agencies : public testing::Test {
  protected:
    static intake::surroundings around(const std::string& lines) {
        auto d = directory::directory::parse(R"({"node": {"name": "ninhthuan"}})"
                                             "\n" +
                                                 lines,
                                             "test");
        if (!d) throw std::runtime_error(d.error().what);
        return {std::make_shared<const directory::directory>(std::move(*d)), nullptr};
    }
    static std::string line(const std::string& code, const std::string& more = {}) {
        return R"({"agency": {"code": ")" + code + R"(", "name": "Cơ quan )" + code + R"(", "node": "ninhthuan")" +
               more + "}}\n";
    }
    void use(const std::string& lines) { pipeline_.reload(around(lines)); }

    http::response ask(which list, const std::string& accept_encoding = {}) {
        net::asio::io_context loop;
        auto answered = ask_on(loop, list, accept_encoding);
        loop.run();
        auto outcome = answered.get();
        if (!outcome) throw std::runtime_error(outcome.error().what);
        return std::move(*outcome);
    }
    std::future<result<http::response>> ask_on(net::asio::io_context& loop, which list, std::string accept_encoding) {
        const auto answered = std::make_shared<std::promise<result<http::response>>>();
        auto call = run(lists_, services_, loop.get_executor(), list, std::move(accept_encoding));
        net::asio::co_spawn(loop, std::move(call), [answered](const std::exception_ptr& e, result<http::response> r) {
            e ? answered->set_exception(e) : answered->set_value(std::move(r));
        });
        return answered->get_future();
    }
    static axis_outcome run(axis_agency_lists& lists, const services& s, net::asio::any_io_executor executor,
                            which list, std::string accept_encoding) {
        bare_request r(std::move(executor), asking(std::move(accept_encoding)));
        co_return co_await lists.answer(s, r, list);
    }
    json::array data(which list) {
        const auto answer = json::parse(all_of(ask(list)));
        EXPECT_EQ(answer.at("status"), "OK");
        EXPECT_EQ(answer.at("ErrorCode"), "0");
        return answer.at("data").as_array();
    }
    std::vector<std::string> codes(which list) {
        std::vector<std::string> found;
        for (const auto& item : data(list)) found.emplace_back(item.at("code").as_string());
        return found;
    }

    test::small_store store_;
    metrics_registry metrics_;
    intake::pipeline pipeline_{{&*store_, nullptr, "ninhthuan", &store_.clock(), &metrics_}, around("")};
    deliver::inbox inbox_{*store_, store_.clock()};
    deliver::waiting_room waiting_;
    axis_agency_lists lists_;
    net::work_pool pool_{2};
    services services_{*store_, pipeline_, inbox_,  waiting_, pool_,   metrics_, store_.clock(), "ninhthuan", nullptr,
                       nullptr, {},        nullptr, nullptr,  nullptr, nullptr,  nullptr,        {}};
};

TEST_F(axis_agencies, as_the_sdk_reads_them) {
    use(line("000.00.00.H43") +
        line("000.00.12.H43", R"(, "parent": "000.00.00.H43", "mail": "so@ninhthuan.gov.vn", "aliases": ["H43.12"])"));
    EXPECT_EQ(json::value(data(which::agencies)), json::parse(R"([
        {"id": "000.00.00.H43", "pid": "", "code": "000.00.00.H43", "name": "Cơ quan 000.00.00.H43", "mail": ""},
        {"id": "000.00.12.H43", "pid": "000.00.00.H43", "code": "000.00.12.H43", "name": "Cơ quan 000.00.12.H43",
         "mail": "so@ninhthuan.gov.vn"}])"));
    const auto units = data(which::units);
    ASSERT_EQ(units.size(), 2U);
    EXPECT_EQ(units[1], json::parse(R"({"id": "000.00.12.H43", "pid": "000.00.00.H43", "code": "000.00.12.H43",
        "name": "Cơ quan 000.00.12.H43", "mail": "so@ninhthuan.gov.vn", "version": "1", "centerCode": "ninhthuan",
        "deleted": false, "modifyDate": "", "isAgency": true})"));
}

TEST_F(axis_agencies, closed_ones_are_in_the_list_for_synchronising_only) {
    use(line("000.00.01.H43") + line("000.00.02.H43", R"(, "valid_to": "2020-07-01T00:00:00+07:00")") +
        line("000.00.03.H43", R"(, "valid_from": "2100-01-01T00:00:00+07:00")"));
    EXPECT_EQ(codes(which::agencies), std::vector<std::string>{"000.00.01.H43"});
    EXPECT_EQ(codes(which::units), (std::vector<std::string>{"000.00.01.H43", "000.00.02.H43"}));
    const auto closed = data(which::units).at(1);
    EXPECT_EQ(closed.at("deleted"), true);
    EXPECT_EQ(closed.at("version"), "2");
    EXPECT_EQ(closed.at("modifyDate"), "2020-07-01T00:00:00.000+07:00");
}

TEST_F(axis_agencies, a_list_lives_as_long_as_the_directory_and_no_agency_s_time_passes) {
    const auto now = store_.clock().now();
    const auto soon = to_rfc3339(now + std::chrono::hours(1));
    use(line("000.00.01.H43") + line("000.00.02.H43", R"(, "valid_to": ")" + soon + "\"") +
        line("000.00.03.H43", R"(, "valid_from": ")" + soon + "\""));
    const auto first = ask(which::agencies);
    EXPECT_EQ(first.source->piece(0, 1)->data(), ask(which::agencies).source->piece(0, 1)->data())
        << "one text for all";
    EXPECT_EQ(codes(which::agencies), (std::vector<std::string>{"000.00.01.H43", "000.00.02.H43"}));
    store_.clock().advance(std::chrono::hours(1));
    EXPECT_EQ(codes(which::agencies), (std::vector<std::string>{"000.00.01.H43", "000.00.03.H43"}));
    use(line("000.00.04.H43"));
    EXPECT_EQ(codes(which::agencies), std::vector<std::string>{"000.00.04.H43"});
    EXPECT_NE(all_of(first).find("000.00.02.H43"), std::string::npos) << "an answer under way keeps its text";
}

TEST_F(axis_agencies, compressed_for_those_who_can_read_it) {
    use(line("000.00.01.H43"));
    const auto plain = ask(which::agencies), packed = ask(which::agencies, "gzip,deflate");
    EXPECT_EQ(header(plain, "Content-Encoding"), "");
    EXPECT_EQ(header(packed, "Content-Encoding"), "gzip");
    for (const auto* r : {&plain, &packed}) {
        EXPECT_EQ(header(*r, "Vary"), "Accept-Encoding");
        EXPECT_TRUE(header(*r, "Content-Type").starts_with("application/json"));
    }
    EXPECT_EQ(inflated(all_of(packed)), all_of(plain));
}

/// The size of the real directory.
class all_agencies : public axis_agencies {
  protected:
    static constexpr int count = 123'000;
    all_agencies() {
        std::string lines;
        for (int i = 0; i < count; ++i)
            lines += line(fmt::format("{:03}.{:02}.{:02}.H{:02}", i / 2500 % 100, i % 50, i / 50 % 50, i / 250'000),
                          R"(, "mail": "vanthu@coquan.gov.vn")");
        use(lines);
    }
    static double since(std::chrono::steady_clock::time_point start) {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    }
};

TEST_F(all_agencies, are_listed_once_for_all_who_ask_at_the_same_time) {
    constexpr int clients = 100;
    net::asio::io_context loop;
    std::vector<std::future<result<http::response>>> answers;
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < clients; ++i) answers.push_back(ask_on(loop, which::agencies, "gzip,deflate"));
    loop.run();
    const auto first = since(start);
    std::set<const char*> texts;
    std::size_t size = 0;
    for (auto& a : answers) {
        const auto r = a.get();
        ASSERT_TRUE(r);
        texts.insert(r->source->piece(0, 1)->data());
        size = r->length;
    }
    EXPECT_EQ(texts.size(), 1U) << "a text was made or copied for a client";
    const auto again = std::chrono::steady_clock::now();
    const auto packed = all_of(ask(which::agencies, "gzip"));
    const auto second = since(again);
    RecordProperty("first_ms", static_cast<int>(first * 1000));
    RecordProperty("again_ms", static_cast<int>(second * 1000));
    RecordProperty("gzip_bytes", static_cast<int>(size));
    EXPECT_LT(first, 20) << "in seconds; an optimised build takes a tenth of that";
    EXPECT_LT(second, first);
    const auto whole = json::parse(inflated(packed));
    EXPECT_EQ(whole.at("data").as_array().size(), std::size_t(count));
}

} // namespace
} // namespace truc::api
