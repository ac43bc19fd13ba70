#include <truc/intake/reception.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace truc::intake {

namespace {

constexpr std::size_t mib = std::size_t{1} << 20;

// Native entrances ask for signed documents; the old axis SDK's never verified any, and statuses carry none by custom.
constexpr std::array<entrance_rules, 5> rules = {{
    /* http    */ {signature_policy::required, signature_policy::if_present, 72 * mib},
    /* amqp    */ {signature_policy::required, signature_policy::if_present, 72 * mib},
    /* axis    */ {signature_policy::if_present, signature_policy::if_present, 72 * mib},
    /* adapter */ {signature_policy::required, signature_policy::if_present, 72 * mib},
    // What the sender's home node let in; the transit checks its receipt, and no client comes by here.
    /* relay   */ {signature_policy::if_present, signature_policy::if_present, 72 * mib},
}};

xml::limits limits_of(const entrance_rules& r) {
    xml::limits l;
    l.bytes = r.largest_message;
    return l;
}

} // namespace

const entrance_rules& rules_of(entrance e) { return rules[static_cast<std::size_t>(e)]; }

bool channel::acts_for(const agency_code& code) const {
    const auto& own = client->agencies;
    if (std::find(own.begin(), own.end(), code) != own.end()) return true;
    const auto* behind = client->gateway ? directory->find_agency(code.str()) : nullptr;
    return behind && behind->gateway == client->id;
}

bool channel::is_served_beyond(const directory::agency* recipient) const {
    return client->gateway && (!recipient || recipient->gateway == client->id);
}

reception::reception(channel from, spool content, const entrance_rules& r, wishes asked)
    : channel_(std::move(from)),
      asked_(std::move(asked)),
      spool_(std::move(content)),
      first_pass_(limits_of(r)),
      largest_(r.largest_message) {}

result<void> reception::feed(std::string_view piece) {
    size_ += piece.size();
    if (closed_ && size_ > (closed_->code == errc::no_space ? spool::inline_limit : largest_)) return fail(*closed_);
    if (size_ > largest_) {
        fault_ = error(errc::too_large, fmt::format("more than {} MiB", largest_ / mib));
        return fail(*fault_);
    }
    if (!fault_) {
        if (auto looked = first_pass_.feed(piece); !looked) {
            fault_ = looked.error();
            spool_.discard();
        }
    }
    auto kept = spool_.append(piece);
    if (!kept) fault_ = kept.error();
    return kept;
}

result<void> reception::finish() {
    auto kept = spool_.finish();
    if (kept) digest_ = spool_.digest();
    if (!fault_ && !kept) fault_ = kept.error();
    if (!fault_)
        if (auto looked = first_pass_.finish(); !looked) fault_ = looked.error();
    if (closed_) return fail(*closed_);
    if (fault_) return fail(*fault_);
    return {};
}

} // namespace truc::intake
