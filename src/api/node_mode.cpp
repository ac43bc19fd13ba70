#include <truc/api/node_mode.hpp>
#include <truc/base/durable.hpp>
#include <truc/base/log.hpp>

#include <boost/json.hpp>
#include <fmt/format.h>

#include <stdexcept>

namespace truc::api {

namespace {

namespace json = boost::json;

constexpr std::string_view alarm_kind = "read_only";
constexpr std::size_t longest_file = 64 * 1024;

std::optional<read_only_order> parse_order(const std::string& text) {
    boost::system::error_code ec;
    const auto value = json::parse(text, ec);
    const auto* o = ec ? nullptr : value.if_object();
    if (!o) return std::nullopt;
    const auto member = [o](std::string_view name) {
        const auto* v = o->if_contains(name);
        return v && v->is_string() ? std::string(v->get_string()) : std::string();
    };
    const auto since = from_rfc3339(member("since"));
    if (!since) return std::nullopt;
    return read_only_order{member("by"), member("reason"), *since};
}

std::string text_of(const read_only_order& o) {
    return json::serialize(json::object{{"by", o.by}, {"reason", o.reason}, {"since", to_rfc3339(o.since)}}) + "\n";
}

} // namespace

node_mode::node_mode(std::filesystem::path file, std::string node, const truc::clock& clock, alarm_board& alarms)
    : file_(std::move(file)), node_(std::move(node)), clock_(clock), alarms_(alarms) {
    if (!std::filesystem::exists(file_)) return;
    const auto text = read_file(file_, longest_file);
    order_ = text ? parse_order(*text) : std::nullopt;
    if (!order_)
        throw std::runtime_error(file_.string() + ": expected who closed the node and why; remove it to open the node");
    raise(*order_);
}

void node_mode::raise(const read_only_order& o) {
    alarms_.raise(alarm_kind, node_,
                  fmt::format("takes no new documents since {}, by {}: {}", to_rfc3339(o.since), o.by, o.reason));
}

std::optional<read_only_order> node_mode::read_only() const {
    const std::scoped_lock lock(mutex_);
    return order_;
}

result<void> node_mode::is_open() const {
    const std::scoped_lock lock(mutex_);
    if (!order_) return {};
    return fail(errc::read_only, order_->reason);
}

result<void> node_mode::close(const std::string& by, const std::string& reason) {
    const std::scoped_lock changing(changing_);
    const read_only_order order{by, reason, clock_.now()};
    if (auto written = write_file(file_, text_of(order)); !written) return written;
    {
        const std::scoped_lock lock(mutex_);
        order_ = order;
    }
    raise(order);
    return {};
}

result<void> node_mode::open() {
    const std::scoped_lock changing(changing_);
    if (auto removed = remove_file(file_); !removed) return removed;
    {
        const std::scoped_lock lock(mutex_);
        order_.reset();
    }
    alarms_.clear(alarm_kind, node_);
    return {};
}

} // namespace truc::api
