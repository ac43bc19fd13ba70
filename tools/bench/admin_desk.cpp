#include "admin_desk.hpp"

#include "failure.hpp"

#include <fmt/format.h>

namespace truc::bench {

namespace {

constexpr auto longest_answer = std::chrono::minutes(5);

client::http_client connect(const network& n) {
    client::http_options options;
    options.answer_time = longest_answer;
    return client::http_client(take(client::server_address::parse("unix:" + n.admin.string()), "the admin socket"),
                               options);
}

} // namespace

admin_desk::admin_desk(const network& n) : http_(connect(n)) {}

admin_desk::answer admin_desk::ask(const std::string& target) {
    check_interrupted();
    const auto begin = std::chrono::steady_clock::now();
    auto answered = take(http_.get(target), target);
    const auto took = std::chrono::steady_clock::now() - begin;
    if (answered.status != 200) throw failure(fmt::format("{}: {} {}", target, answered.status, answered.body));
    return {std::move(answered.body), took};
}

figure time_question(admin_desk& desk, const std::string& name, const std::string& target) {
    return {name, std::chrono::duration<double, std::milli>(desk.ask(target).took).count(), "ms"};
}

std::vector<figure> time_questions(admin_desk& desk, const std::string& name, const std::vector<std::string>& ids,
                                   const std::string& before, const std::string& after) {
    std::vector<std::chrono::nanoseconds> took;
    for (const auto& id : ids) took.push_back(desk.ask(before + id + after).took);
    return {{name + "_p50", percentile_ms(took, 0.50), "ms"}, {name + "_p99", percentile_ms(took, 0.99), "ms"}};
}

std::string in_short(std::size_t count) {
    constexpr std::size_t thousand = 1000;
    constexpr std::size_t million = thousand * thousand;
    if (count >= million && count % million == 0) return fmt::format("{}M", count / million);
    if (count >= thousand && count % thousand == 0) return fmt::format("{}k", count / thousand);
    return std::to_string(count);
}

} // namespace truc::bench
