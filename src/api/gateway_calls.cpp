#include "gateway_calls.hpp"

#include <truc/base/log.hpp>
#include <truc/directory/gateway_list.hpp>

#include <fmt/format.h>

#include <unordered_set>

namespace truc::api {

namespace {

// Alarms
constexpr std::string_view shrinking = "gateway_list_shrinks";
constexpr std::string_view not_taken = "gateway_list_refused"; ///< the directory would be more than can be signed

class turn {
  public:
    explicit turn(std::atomic_flag& busy) : busy_(busy), mine_(!busy.test_and_set()) {}
    ~turn() {
        if (mine_) busy_.clear();
    }
    turn(const turn&) = delete;
    bool is_mine() const { return mine_; }

  private:
    std::atomic_flag& busy_;
    const bool mine_;
};

result<void> check_gateway(const services& s, const directory::directory& d, const directory::client* c) {
    if (!c || !c->gateway) return fail(errc::not_permitted, "only a gateway says which agencies are behind it");
    const auto home = d.home_of(*c);
    if (home != s.node) return fail(errc::not_permitted, fmt::format("{} is a gateway of node {}", c->id, home));
    return {};
}

result<bool> closes_many(const http::request_head& head) {
    const auto close = head.parameter("close");
    if (close && *close != "many") return fail(errc::bad_request, "close=" + std::string(*close));
    return close.has_value();
}

/// Recipients of what has no end yet.
std::unordered_set<std::string> recipients_of_open(const store::store& s) {
    std::unordered_set<std::string> all;
    for (const auto state : {delivery_state::queued, delivery_state::relayed, delivery_state::consigned})
        for (auto& recipient : s.recipients_in(state)) all.insert(std::move(recipient));
    return all;
}

json::object describe(const directory::gateway_change& c, const directory::gateway_list& list) {
    json::array remarks;
    for (const auto& r : list.remarks) remarks.emplace_back(r);
    return {{"declared", c.declared()},        {"added", c.added},       {"changed", c.changed},
            {"reopened", c.reopened},          {"kept", c.kept},         {"closed", c.closed},
            {"forgotten", c.to_forget.size()}, {"left_out", c.left_out}, {"not_understood", list.not_understood},
            {"remarks", std::move(remarks)}};
}

} // namespace

net::awaitable<result<http::response>> gateway_desk::declare(http::request& r, const intake::channel& from) {
    if (auto may = check_gateway(services_, *from.directory, from.client); !may) co_return fail(may.error());
    const auto close_many = closes_many(r.head());
    if (!close_many) co_return fail(close_many.error());
    const turn mine(busy_);
    if (!mine.is_mine()) co_return fail(errc::rate_limited, "another list of a gateway is being taken in");
    r.limit_body(directory::gateway_list::largest_text);
    const auto text = co_await r.read_all();
    if (!text) co_return fail(text.error());
    auto work = [&] { return replace(*text, from.client->id, *close_many); };
    co_return co_await net::on_pool(changes_, std::move(work));
}

void gateway_desk::raise_alarm(const std::string& gateway, const error& e) const {
    const bool shrinks = e.code == errc::gateway_list_shrinks;
    if (services_.alarms && (shrinks || e.code == errc::bad_directory))
        services_.alarms->raise(shrinks ? shrinking : not_taken, gateway, explain(e, language::english));
}

/// The directory may have changed while the list came, so that the gateway is looked up anew.
result<http::response> gateway_desk::replace(const std::string& text, const std::string& gateway, bool close_many) {
    const auto list = directory::read_gateway_list(text);
    if (!list) return fail(list.error());
    directory::gateway_change change;
    const auto make = [&](const std::string& before) -> result<std::string> {
        const auto file = directory::directory::parse(before, services_.directory_file.string());
        if (!file) return fail(file.error());
        const auto* client = file->find_client(gateway);
        if (auto may = check_gateway(services_, *file, client); !may) return fail(may.error());
        change = directory::plan_gateway_change(*file, *services_.intake.current_directory(), *client, list->agencies,
                                                services_.clock.now(), recipients_of_open(services_.store));
        if (change.closes_too_many() && !close_many)
            return fail(errc::gateway_list_shrinks,
                        fmt::format("it would close {} of {} agencies", change.closed, change.known));
        return directory::with_change(before, change);
    };
    const auto written = file_.change(make);
    if (!written) {
        raise_alarm(gateway, written.error());
        return fail(written.error());
    }
    for (const auto kind : {shrinking, not_taken})
        if (services_.alarms) services_.alarms->clear(kind, gateway);
    spdlog::info(
        "gateway {} speaks for {} agencies: {} added, {} changed, {} open again, {} closed, {} forgotten, {} left out",
        gateway, change.declared(), change.added, change.changed, change.reopened, change.closed,
        change.to_forget.size(), change.left_out);
    return answer(200, describe(change, *list));
}

} // namespace truc::api
