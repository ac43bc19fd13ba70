#pragma once
// Documents and what acts on them, from their origin to the recipient's home.
#include "small_network.hpp"

#include <truc/store/business.hpp>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace truc::test::business {

inline const std::string government = "000.00.00.G22";    ///< the sender, at vpcp
inline const std::string somebody_else = "000.00.00.G14"; ///< as well
inline const std::string recipient = "000.00.12.H43";     ///< at home in ninhthuan
inline const std::string other_one = "000.00.03.H43";     ///< as well

/// What a document does beside being one.
struct wish {
    business_type business = business_type::new_document;
    std::vector<std::string> acts_on{};
    std::vector<std::string> removes{}; ///< of an update
    std::vector<std::string> adds{};
    std::string sender = government;
    bool by_gateway = false; ///< another exchange brings it
};
inline wish recalls(std::string id) { return {business_type::recall, {std::move(id)}}; }
inline wish updates(std::string id, std::string sender = government) {
    return {business_type::update, {std::move(id)}, {}, {}, std::move(sender)};
}
inline wish replaces(std::string id, std::string sender = government) {
    return {business_type::replace, {std::move(id)}, {}, {}, std::move(sender)};
}

class business_case : public testing::Test {
  protected:
    /// A document on its way from where it was submitted.
    struct sent {
        std::string from;
        store::acceptance accepted;
        wish what;
        const uuid& delivery(std::size_t n = 0) const { return accepted.recipients.at(n).delivery_id; }
    };

    static store::business_action action_of(const wish& w, const std::vector<std::string>& to) {
        store::business_action a;
        a.acts_on = w.acts_on;
        a.adds = w.adds;
        const bool from_all = w.business == business_type::recall || w.business == business_type::replace;
        for (const auto& id : w.acts_on)
            for (const auto& code : from_all ? to : w.removes) a.withdraws.push_back({id, code});
        return a;
    }
    store::new_dispatch dispatch_at(const std::string& node, const std::string& id, const wish& w,
                                    std::vector<std::string> to) {
        auto d = net_[node].dispatch(fmt::format("<document number=\"{}\"/>", ++number_), to);
        d.sender = w.sender;
        d.document_id = id;
        d.code.clear();
        d.business = w.business;
        d.by_gateway = w.by_gateway;
        d.action = action_of(w, to);
        return d;
    }
    result<store::acceptance> try_to_send(const std::string& id, const wish& w,
                                          std::vector<std::string> to = {recipient}, const std::string& node = "vpcp") {
        auto d = dispatch_at(node, id, w, to);
        d.elsewhere = std::move(to);
        return net_[node].accept(std::move(d));
    }
    sent send(const std::string& id, const wish& w = {}, const std::vector<std::string>& to = {recipient},
              const std::string& node = "vpcp") {
        auto a = try_to_send(id, w, to, node);
        if (!a) throw std::runtime_error(explain(a.error(), language::english));
        return {node, std::move(*a), w};
    }
    store::acceptance submit_at_home(const std::string& id, const wish& w) {
        auto a = home_.accept(dispatch_at("ninhthuan", id, w, {recipient}));
        if (!a) throw std::runtime_error(explain(a.error(), language::english));
        return std::move(*a);
    }
    /// Its leg is taken at that node.
    void pass_on_at(const sent& s, const std::string& node, store::fate fate,
                    const std::optional<sha256_digest>& essence = {}) {
        const auto out = leg_of(s);
        auto leg = net_.as_received(out, s.from, node, fate);
        leg.business = s.what.business;
        leg.by_gateway = s.what.by_gateway;
        std::vector<std::string> to;
        for (const auto& d : out.header.deliveries) to.push_back(d.recipient);
        leg.action = action_of(s.what, to);
        leg.essence = essence;
        const auto taken = net_.take(node, std::move(leg));
        ASSERT_TRUE(taken) << explain(taken.error(), language::english);
        net_.acknowledge(s.from, node, out);
    }
    sent come_home(const sent& s, const std::optional<sha256_digest>& essence = {}) {
        pass_on_at(s, "ninhthuan", store::fate::consign, essence);
        return s;
    }
    store::outgoing_leg leg_of(const sent& s) {
        std::vector<std::int64_t> rows;
        const auto dispatch = net_[s.from]->find_dispatch(s.accepted.id);
        for (const auto& v : dispatch->deliveries)
            if (v.state == delivery_state::queued) rows.push_back(v.seq);
        auto leg = net_[s.from]->load_leg(rows);
        if (!leg) throw std::runtime_error("nothing waits");
        return *leg;
    }

    std::vector<uuid> inbox(const std::string& agency = recipient) {
        std::vector<uuid> ids;
        for (const auto& item : home_->read_inbox({agency}, {}, {}, 10)) ids.push_back(item.delivery_id);
        return ids;
    }
    delivery_state home_state(const sent& s, std::size_t n = 0) { return net_.state("ninhthuan", s.delivery(n)); }
    /// The recipient's system has its content, and has not acknowledged it.
    void say_processing(const sent& s) {
        const auto said = test::wait_for<std::monostate>([&](auto done) {
            home_->report({s.delivery(), {recipient}, store::reported::processing, {}, "axis:so"}, std::move(done));
        });
        ASSERT_TRUE(said);
    }
    std::size_t times(const sent& s, event_name name) {
        std::size_t n = 0;
        for (const auto& row : home_->trace(s.accepted.id))
            if (const auto e = ledger::parse_event(row.event_xml); e && e->name == name) ++n;
        return n;
    }
    std::string home_reason(const sent& s) { return net_.row("ninhthuan", s.delivery()).reason; }
    /// As the recipient's home has it.
    std::optional<ledger::event> event_of(const sent& s, event_name name) {
        for (const auto& row : home_->trace(s.accepted.id))
            if (auto e = ledger::parse_event(row.event_xml); e && e->name == name) return *e;
        return std::nullopt;
    }

    small_network net_;
    small_store& origin_ = net_["vpcp"];
    small_store& home_ = net_["ninhthuan"];
    int number_ = 0;
};

} // namespace truc::test::business
