#include "stage.hpp"

#include "../fields.hpp"
#include "../text.hpp"

namespace truc::cli::demo {

actor& stage::play(std::string_view code) {
    const auto known = cast_.find(code);
    if (known != cast_.end()) return known->second;
    return cast_.try_emplace(std::string(code), network_, code).first->second;
}

const network_node& stage::node(std::string_view name) const {
    const auto* found = network_.find_node(name);
    if (!found) throw broken_expectation(fmt::format("the network has no node {}", name));
    return *found;
}

session stage::administrator(std::string_view name) const {
    return session(must(client::server_address::parse("unix:" + node(name).admin.string())), {}, {});
}

context stage::at(std::string_view name) const {
    auto options = context_.options();
    options.at = node(name).name;
    return context(std::move(options));
}

void stage::scene(std::string title) {
    context_.line(fmt::format("\n{}. {}", ++scene_, title));
    context_.object({{"scene", scene_}, {"title", title}});
}

void stage::expect(bool holds, std::string_view what, std::string_view seen) const {
    if (!holds)
        throw broken_expectation(words("expected: {}; seen: {}", "mong đợi: {}; thực tế: {}", what, printable(seen)));
    achieved(what);
}

std::string stage::next_number() {
    // Seconds of the day and a counter: short, and another one at every playing.
    if (number_ == 0) number_ = to_millis(system_clock().now()) / 1000 % 86400 * 1000;
    return std::to_string(++number_);
}

void stage::note_acceptance(const std::string& sender, const json::object& answer) {
    accepted_.emplace(text_field(answer, "id"), sender);
    receipts_.push_back(text_field(answer, "receipt"));
    deliveries_ += static_cast<std::int64_t>(array_field(answer, "recipients").size());
}

} // namespace truc::cli::demo
