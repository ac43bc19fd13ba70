#pragma once
// Three nodes in one file: what a province's node is offered by the node above it, and what the node below reports.
#include "edxml_builder.hpp"
#include "small_store.hpp"

#include <truc/dsig/signer.hpp>
#include <truc/intake/succession.hpp>
#include <truc/intake/transit.hpp>
#include <truc/model/delivery_id.hpp>
#include <truc/pack/envelope_text.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace truc::test {

inline constexpr auto government = "000.00.00.G22";   ///< at home in trung-uong
inline constexpr auto department = "000.00.12.H43";   ///< at home in ninhthuan, where the tests are
inline constexpr auto district = "000.00.36.H43";     ///< at home in thuannam, below
inline constexpr auto commune = "000.09.36.H43";      ///< at home in phuocdinh, below thuannam
inline constexpr auto closed = "000.00.01.H43";       ///< without successor
inline constexpr auto merged = "000.00.02.H43";       ///< closed; its successor is the department
inline constexpr auto merged_below = "000.00.05.H43"; ///< closed; its successor is the district

inline std::shared_ptr<const xml::schema_registry> edxml_registry() {
    static const auto registry = std::make_shared<const xml::schema_registry>(TRUC_SOURCE_DIR "/schemas/edxml");
    return registry;
}

/// What a neighbour puts into a leg; every member can be made wrong.
struct offered_leg {
    std::string neighbour = "trung-uong";
    envelope header;
    std::string envelope_xml; ///< if set, instead of `header`
    std::string receipt;
    std::string content;
};

class exchange : public testing::Test {
  protected:
    exchange() {
        s_.way = [this](const std::string& recipient) {
            const auto directory = pipeline_->current_directory();
            const auto* agency = directory->find_agency(recipient);
            return agency ? directory->next_hop("ninhthuan", agency->node).value_or("") : std::string();
        };
        s_.stands_for = [this](const std::string& earlier, const std::string& today) {
            return intake::stands_for(*pipeline_->current_directory(), earlier, today, s_.clock().now());
        };
        s_.clock().advance(test_pki::now() - s_.clock().now());
        pipeline_ = std::make_unique<intake::pipeline>(
            intake::pipeline::options{&*s_, edxml_registry(), "ninhthuan", &s_.clock(), &metrics_}, around());
        intake::transit::options o;
        o.store = &*s_;
        o.intake = pipeline_.get();
        o.node = "ninhthuan";
        o.exchange = std::make_shared<const trust::certificate_store>(pki_->node_ca(), std::filesystem::path());
        o.clock = &s_.clock();
        o.alarms = &alarms_;
        o.metrics = &metrics_;
        o.section_version = [this](std::string_view node) {
            const auto found = sections_.find(std::string(node));
            return found == sections_.end() ? std::uint64_t{0} : found->second;
        };
        transit_ = std::make_unique<intake::transit>(std::move(o));
    }

    static std::string line(std::string_view kind, const std::string& members) {
        return "{\"" + std::string(kind) + "\": {" + members + "}}\n";
    }
    static std::string agency(const std::string& code, const std::string& node, const std::string& more = {}) {
        return line("agency",
                    "\"code\": \"" + code + "\", \"name\": \"" + code + "\", \"node\": \"" + node + "\"" + more);
    }
    /// `more`: records that are added; `without`: agencies that are left out.
    intake::surroundings around(const std::string& more = {}, const std::vector<std::string>& without = {}) const {
        const std::string past = R"(, "valid_to": "2021-01-01T00:00:00+07:00")";
        std::string text = line("node", R"("name": "trung-uong", "level": "ministry")") +
                           line("node", R"("name": "ninhthuan", "level": "province", "parent": "trung-uong")") +
                           line("node", R"("name": "laocai", "level": "province", "parent": "trung-uong")") +
                           line("node", R"("name": "thuannam", "level": "district", "parent": "ninhthuan")") +
                           line("node", R"("name": "phuocdinh", "level": "commune", "parent": "thuannam")") +
                           line("client", R"("id": "so-tttt", "agencies": ["000.00.12.H43"], "entrances": ["http"])");
        const std::pair<std::string, std::string> agencies[] = {
            {government,
             agency(government, "trung-uong", ", \"certificates\": [\"" + government_key_.digest.hex() + "\"]")},
            {department, agency(department, "ninhthuan", R"(, "aliases": ["H43.12"])")},
            {district, agency(district, "thuannam")},
            {commune, agency(commune, "phuocdinh")},
            {closed, agency(closed, "ninhthuan", past)},
            {merged, agency(merged, "ninhthuan", past + R"(, "successors": ["000.00.12.H43"])")},
            {merged_below, agency(merged_below, "ninhthuan", past + R"(, "successors": ["000.00.36.H43"])")},
        };
        for (const auto& [code, record] : agencies)
            if (std::find(without.begin(), without.end(), code) == without.end()) text += record;
        auto d = directory::directory::parse(text + more, "test");
        if (!d) throw std::runtime_error(d.error().what);
        const auto certificates =
            std::make_shared<const trust::certificate_store>(pki_->agency_ca(), std::filesystem::path());
        return {std::make_shared<const directory::directory>(std::move(*d)),
                std::make_shared<const dsig::verifier>(certificates)};
    }

    /// A receipt as `node` gives one: the only event of a log of its own.
    std::string receipt_of(ledger::event e, const std::string& node) {
        return receipt_of(std::move(e), node, key_of(node));
    }
    std::string receipt_of(ledger::event e, const std::string& node,
                           const std::shared_ptr<const trust::signing_key>& by) {
        e.log = {node, ++epoch_};
        std::string text;
        ledger::append_text(e, text);
        ledger::frontier edge;
        edge.append(ledger::leaf_hash(text));
        const auto head = ledger::head_signer(by).sign({e.log, 1, e.time, edge.root()});
        if (!head) throw std::runtime_error(explain(head.error(), language::english));
        return ledger::receipt_text(text, 0, 1, {}, *head);
    }
    std::shared_ptr<const trust::signing_key> key_of(const std::string& node) {
        auto& key = keys_[node];
        if (!key) key = pki_->node(node).signing_key();
        return key;
    }

    ledger::event acceptance_of(const offered_leg& leg) const {
        ledger::event e;
        e.name = event_name::submission_acceptance;
        e.time = s_.clock().now() - std::chrono::minutes(1);
        e.dispatch_id = leg.header.dispatch_id;
        e.document_id = "id";
        e.from = government;
        for (const auto& d : leg.header.deliveries) e.to.push_back(d.recipient);
        e.sha256 = sha256(leg.content);
        e.signature = signature_outcome::valid;
        e.channel = "http:vpcp";
        return e;
    }

    std::string document(std::vector<std::string> to) const {
        edxml_document d;
        d.from = government;
        d.to = std::move(to);
        d.number = std::to_string(++number_);
        auto text = dsig::sign(build(d), *government_key_.signing_key());
        if (!text) throw std::runtime_error(explain(text.error(), language::english));
        return *text;
    }

    /// A signed document of the government as its home node passes it on.
    offered_leg leg_to(std::vector<std::string> recipients, std::vector<std::string> named = {}) {
        offered_leg leg;
        leg.content = document(named.empty() ? recipients : named);
        leg.header.dispatch_id = uuid::make(s_.clock().now());
        leg.header.hops = {"trung-uong"};
        for (const auto& code : recipients)
            leg.header.deliveries.push_back(
                {delivery_id_of(leg.header.dispatch_id, code), code, s_.clock().now() + std::chrono::hours(24)});
        auto e = acceptance_of(leg);
        if (!named.empty()) e.to = named;
        leg.receipt = receipt_of(std::move(e), "trung-uong");
        return leg;
    }

    result<intake::verified_leg> examine(const offered_leg& leg) {
        auto r = transit_->begin(leg.neighbour);
        if (!r) return fail(r.error());
        const auto header = leg.envelope_xml.empty() ? pack::write_envelope(leg.header) : leg.envelope_xml;
        const auto feed = [&](std::size_t section, std::string_view bytes) {
            result<void> fed;
            for (std::size_t at = 0; fed && at < bytes.size(); at += 1000)
                fed = r->feed(section, bytes.substr(at, 1000));
            return fed;
        };
        if (feed(0, header) && feed(1, leg.receipt) && feed(2, leg.content)) (void)r->finish();
        return transit_->examine(*r);
    }
    result<store::leg_taken> take(const offered_leg& leg) {
        auto examined = examine(leg);
        if (!examined) return fail(examined.error());
        return wait_for<store::leg_taken>([&](auto done) { transit_->take(std::move(*examined), std::move(done)); });
    }
    /// "code: what" of the refusal; checks that a lie raises the alarm that names the neighbour, and nothing else does.
    std::string refusal(const offered_leg& leg) {
        for (const auto& a : alarms_.list()) alarms_.clear(a.kind, a.subject);
        const auto examined = examine(leg);
        if (examined) return "taken";
        const auto& e = examined.error();
        const bool accused = !alarms_.list().empty();
        EXPECT_EQ(accused, !describe(e.code).retryable) << describe(e.code).name;
        if (accused) {
            EXPECT_EQ(alarms_.list().front().subject, leg.neighbour);
        }
        return fmt::format("{}: {}", describe(e.code).name, e.what);
    }
    std::string refusal_code(const offered_leg& leg) {
        const auto text = refusal(leg);
        return text.substr(0, text.find(':'));
    }
    store::delivery_row row_of(const offered_leg& leg, const std::string& recipient) const {
        const auto dispatch = s_->find_dispatch(leg.header.dispatch_id);
        if (dispatch)
            for (const auto& row : dispatch->deliveries)
                if (row.recipient == recipient) return row;
        ADD_FAILURE() << "no delivery to " << recipient;
        return {};
    }

    std::shared_ptr<test_pki> pki_ = std::make_shared<test_pki>();
    mutable small_store s_{"ninhthuan", pki_};
    identity government_key_ = pki_->agency("vpcp");
    metrics_registry metrics_;
    alarm_board alarms_;
    std::map<std::string, std::uint64_t> sections_;
    std::map<std::string, std::shared_ptr<const trust::signing_key>> keys_;
    std::uint32_t epoch_ = 0;
    mutable int number_ = 0;
    std::unique_ptr<intake::pipeline> pipeline_;
    std::unique_ptr<intake::transit> transit_;
};

} // namespace truc::test
