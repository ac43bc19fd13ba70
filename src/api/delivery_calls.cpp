#include "delivery_calls.hpp"

#include "doubt.hpp"
#include "way_calls.hpp"

#include <truc/base/ascii.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <future>
#include <set>
#include <span>

namespace truc::api {

namespace {

/// Rows of one transaction of the store's writer, so that it stays free for others.
constexpr std::size_t rows_at_once = 500;

/// The answer of a command that completes on the store's writer.
template <class T, class Command>
result<T> wait_for(Command command) {
    std::promise<result<T>> answered;
    command([&answered](result<T> r) { answered.set_value(std::move(r)); });
    return answered.get_future().get();
}

result<json::object> object_in(const std::string& body) {
    boost::system::error_code ec;
    auto parsed = json::parse(body.empty() ? "{}" : body, ec);
    if (ec || !parsed.is_object()) return fail(errc::bad_request, "body");
    return std::move(parsed.get_object());
}

/// Empty when it is absent. Error: bad_request.
result<std::string> text_in(const json::object& o, std::string_view name) {
    const auto* member = o.if_contains(name);
    if (!member) return std::string();
    if (!member->is_string()) return fail(errc::bad_request, std::string(name));
    return std::string(member->get_string());
}

result<std::string> mandatory_in(const json::object& o, std::string_view name) {
    const auto text = text_in(o, name);
    if (!text) return text;
    // Blanks say nothing, and what a person gives as a reason stands in the log for ever.
    const auto said = trim(*text, " \t\r\n");
    if (said.empty()) return fail(errc::bad_request, std::string(name));
    return std::string(said);
}

/// A list of texts. Error: bad_request.
result<std::vector<std::string>> texts_in(const json::object& o, std::string_view name) {
    std::vector<std::string> texts;
    const auto* member = o.if_contains(name);
    if (!member) return texts;
    if (!member->is_array()) return fail(errc::bad_request, std::string(name));
    for (const auto& item : member->get_array()) {
        if (!item.is_string()) return fail(errc::bad_request, std::string(name));
        texts.emplace_back(item.get_string());
    }
    return texts;
}

bool is_neighbour(const services& s, const std::string& name) {
    const auto all = s.neighbours->neighbours();
    return std::any_of(all.begin(), all.end(), [&](const auto& n) { return n.name == name; });
}

bool is_here(const store::delivery_row& v) {
    return v.state == delivery_state::queued || v.state == delivery_state::consigned;
}

/// The deliveries that an id names: one, or all of a dispatch. Error: not_found.
result<std::vector<store::delivery_row>> deliveries_named(const services& s, const std::string& text) {
    const auto id = id_of(text);
    if (!id) return fail(id.error());
    if (auto d = s.store.find_dispatch(*id)) return std::move(d->deliveries);
    auto d = s.store.find_dispatch_of_delivery(*id);
    if (!d) return fail(errc::not_found, text);
    std::erase_if(d->deliveries, [&id](const auto& v) { return v.id != *id; });
    return std::move(d->deliveries);
}

/// What an action is about, as its body says: names, or a filter.
struct selection {
    std::vector<store::delivery_row> named;
    std::vector<store::delivery_filter> filters;
    std::string why_none; ///< of names only: where what is not here is
};

std::string whereabouts_of(const store::delivery_row& v) {
    auto text = fmt::format("{} ({})", v.id.str(), to_string(v.state));
    return v.passed_to.empty() ? text : text + " → " + v.passed_to;
}

result<selection> select_named(const services& s, std::vector<std::string> names) {
    selection chosen;
    for (const auto& name : names) {
        const auto found = deliveries_named(s, name);
        if (!found) return fail(found.error());
        for (const auto& v : *found) {
            if (is_here(v)) chosen.named.push_back(v);
            if (!is_here(v) && chosen.why_none.empty()) chosen.why_none = whereabouts_of(v);
        }
    }
    return chosen;
}

selection select_by(store::delivery_filter f, delivery_action action) {
    selection chosen;
    f.max = rows_at_once;
    f.held_only = action == delivery_action::release;
    // Of what has ended there may be any number.
    for (const auto state : {delivery_state::queued, delivery_state::consigned}) {
        if (!f.lane.empty() && state != delivery_state::queued) continue;
        f.state = state;
        chosen.filters.push_back(f);
    }
    return chosen;
}

result<selection> select(const services& s, const json::object& o, delivery_action action) {
    auto names = texts_in(o, "ids");
    if (!names) return fail(names.error());
    const auto id = text_in(o, "id"), to = text_in(o, "to"), recipient = text_in(o, "recipient");
    for (const auto* text : {&id, &to, &recipient})
        if (!*text) return fail(text->error());
    if (!id->empty()) names->push_back(*id);
    if (int{!names->empty()} + int{!to->empty()} + int{!recipient->empty()} != 1)
        return fail(errc::bad_request, "ids | id | to | recipient");
    if (!names->empty()) return select_named(s, std::move(*names));
    store::delivery_filter f;
    if (!to->empty() && !is_neighbour(s, *to)) return fail(errc::not_found, *to);
    f.lane = *to;
    if (!recipient->empty()) f.recipient = canonical_code(s, *recipient);
    return select_by(std::move(f), action);
}

struct outcome {
    std::size_t changed = 0;
    std::size_t in_doubt = 0;
};

/// Does what an administrator wants to deliveries, and counts those that it may come too late for.
class action {
  public:
    action(const services& s, delivery_action what, store::by_administrator who)
        : s_(s), what_(what), who_(std::move(who)) {}

    result<outcome> on(const selection& chosen) {
        for (std::size_t from = 0; from < chosen.named.size(); from += rows_at_once) {
            const auto count = std::min(rows_at_once, chosen.named.size() - from);
            if (auto done = on_page(std::span(chosen.named).subspan(from, count)); !done) return fail(done.error());
        }
        for (const auto& f : chosen.filters)
            if (auto done = on_all(f); !done) return fail(done.error());
        return done_;
    }

  private:
    result<void> on_all(store::delivery_filter f) {
        for (;;) {
            std::vector<store::delivery_row> page;
            for (auto& found : s_.store.list_deliveries(f)) page.push_back(std::move(found.delivery));
            if (page.empty()) return {};
            f.after = page.back().seq;
            if (auto done = on_page(page); !done || page.size() < f.max) return done;
        }
    }
    result<void> on_page(std::span<const store::delivery_row> page) {
        const auto before = in_doubt(page);
        store::administration a;
        for (const auto& v : page) a.rows.push_back(v.seq);
        a.who = who_;
        const auto changed =
            wait_for<std::size_t>([&](store::completion<std::size_t> told) { give(std::move(a), std::move(told)); });
        // Of this page; another one may have some.
        if (!changed && changed.error().code == errc::not_in_custody) return {};
        if (!changed) return fail(changed.error());
        done_.changed += *changed;
        // An offer may have begun meanwhile, and one from before may have been answered.
        if (*changed > 0) done_.in_doubt += std::min(*changed, std::max(before, in_doubt(page)));
        return {};
    }
    void give(store::administration a, store::completion<std::size_t> told) {
        if (what_ == delivery_action::hold) return s_.store.hold(std::move(a), std::move(told));
        if (what_ == delivery_action::release) return s_.store.release(std::move(a), std::move(told));
        s_.store.expire(std::move(a), std::move(told));
    }
    std::size_t in_doubt(std::span<const store::delivery_row> page) const {
        if (what_ == delivery_action::release) return 0;
        doubt now(s_);
        return static_cast<std::size_t>(std::count_if(page.begin(), page.end(), [&](const auto& v) {
            const bool stands_so = what_ == delivery_action::hold && v.held.kind != store::held_kind::no;
            return !stands_so && now.concerns(v);
        }));
    }

    const services& s_;
    const delivery_action what_;
    const store::by_administrator who_;
    outcome done_;
};

} // namespace

std::optional<delivery_action> delivery_action_of(std::string_view verb) {
    if (verb == "hold") return delivery_action::hold;
    if (verb == "release") return delivery_action::release;
    if (verb == "expire") return delivery_action::expire;
    return std::nullopt;
}

result<http::response> change_deliveries(const services& s, delivery_action what, const std::string& body,
                                         const std::string& administrator) {
    const auto o = object_in(body);
    if (!o) return fail(o.error());
    auto reason = what == delivery_action::release ? text_in(*o, "reason") : mandatory_in(*o, "reason");
    if (!reason) return fail(reason.error());
    const auto chosen = select(s, *o, what);
    if (!chosen) return fail(chosen.error());
    if (chosen->named.empty() && chosen->filters.empty()) return fail(errc::not_in_custody, chosen->why_none);
    const auto done = action(s, what, {administrator, std::move(*reason)}).on(*chosen);
    if (!done) return fail(done.error());
    return answer(200, json::object{{"changed", done->changed}, {"in_doubt", done->in_doubt}});
}

result<http::response> resend_delivery(const services& s, const std::string& body, const std::string& administrator) {
    const auto o = object_in(body);
    if (!o) return fail(o.error());
    const auto text = mandatory_in(*o, "id");
    auto reason = mandatory_in(*o, "reason");
    if (!text || !reason) return fail(text ? reason.error() : text.error());
    const auto found = deliveries_named(s, *text);
    if (!found) return fail(found.error());
    // A dispatch with one delivery names it as well.
    if (found->size() != 1)
        return fail(errc::bad_request, fmt::format("id: {} has {} deliveries, name one of them", *text, found->size()));
    store::resend_order order;
    order.delivery = found->front().id;
    order.who = {administrator, std::move(*reason)};
    order.time_to_deliver = [&s](priority p) { return s.intake.time_to_deliver(p); };
    const auto made = wait_for<store::recipient_delivery>(
        [&](store::completion<store::recipient_delivery> told) { s.store.resend(std::move(order), std::move(told)); });
    if (!made) return fail(made.error());
    return answer(201, json::object{{"delivery_id", made->delivery_id.str()},
                                    {"recipient", made->code},
                                    {"resent_from", found->front().id.str()}});
}

result<http::response> change_legal_hold(const services& s, const std::string& body, const std::string& administrator) {
    const auto o = object_in(body);
    if (!o) return fail(o.error());
    const auto text = mandatory_in(*o, "id");
    const auto* hold = o->if_contains("hold");
    if (!text) return fail(text.error());
    if (!hold || !hold->is_bool()) return fail(errc::bad_request, "hold");
    auto reason = hold->get_bool() ? mandatory_in(*o, "reason") : text_in(*o, "reason");
    if (!reason) return fail(reason.error());
    const auto id = id_of(*text);
    if (!id) return fail(id.error());
    auto d = s.store.find_dispatch(*id);
    if (!d) d = s.store.find_dispatch_of_delivery(*id);
    if (!d) return fail(errc::not_found, *text);
    store::legal_hold_order order{d->id, hold->get_bool(), {administrator, std::move(*reason)}};
    const auto done = wait_for<std::monostate>(
        [&](store::completion<std::monostate> told) { s.store.set_legal_hold(std::move(order), std::move(told)); });
    if (!done) return fail(done.error());
    return answer(200, json::object{{"id", d->id.str()}, {"hold", hold->get_bool()}});
}

namespace {

struct retry_order {
    std::set<std::string> lanes;
    std::vector<std::int64_t> rows; ///< that were named
    std::string what;               ///< else: what was asked for
};

/// The lanes in which deliveries of this dispatch, or this delivery, wait.
result<retry_order> retry_named(const services& s, const std::string& text) {
    const auto found = deliveries_named(s, text);
    if (!found) return fail(found.error());
    const auto directory = s.intake.current_directory();
    retry_order order;
    for (const auto& d : *found) {
        if (d.state != delivery_state::queued || d.held.kind != store::held_kind::no) continue;
        order.rows.push_back(d.seq);
        const auto way = route_to(s, *directory, d.recipient);
        if (!way.next_hop.empty() && way.next_hop != s.node) order.lanes.insert(way.next_hop);
    }
    return order;
}

result<retry_order> retry_in(const services& s, const std::string& body) {
    const auto o = object_in(body);
    if (!o) return fail(o.error());
    for (const auto& member : *o)
        if (!member.value().is_string()) return fail(errc::bad_request, std::string(member.key()));
    if (const auto* id = o->if_contains("id")) return retry_named(s, std::string(id->get_string()));
    retry_order order;
    for (const auto& n : s.neighbours->neighbours()) order.lanes.insert(n.name);
    order.what = "all";
    const auto* to = o->if_contains("to");
    if (!to) return order;
    const std::string wanted(to->get_string());
    if (!order.lanes.contains(wanted)) return fail(errc::not_found, wanted);
    return retry_order{{wanted}, {}, "to " + wanted};
}

} // namespace

result<http::response> retry_lanes(const services& s, const std::string& body, const std::string& administrator) {
    auto order = retry_in(s, body);
    if (!order) return fail(order.error());
    if (!order->rows.empty() || !order->what.empty()) {
        store::administration a;
        a.rows = std::move(order->rows);
        a.who = {administrator, order->what};
        const auto noted = wait_for<std::size_t>(
            [&](store::completion<std::size_t> told) { s.store.note_retry(std::move(a), std::move(told)); });
        if (!noted) return fail(noted.error());
    }
    json::array retried;
    for (const auto& name : order->lanes) {
        s.forwarder->retry(name);
        retried.emplace_back(name);
    }
    return answer(200, json::object{{"retried", std::move(retried)}});
}

} // namespace truc::api
