// Custody rule 8, clause by clause: which leg is taken, released or rejected, and what becomes of its deliveries.
#include "exchange.hpp"

namespace truc {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::HasSubstr;

class transit_test : public exchange {};

TEST_F(transit_test, takes_a_leg_as_a_whole) {
    const auto leg = leg_to({department, commune});
    const auto taken = take(leg);
    ASSERT_TRUE(taken) << explain(taken.error(), language::english);
    EXPECT_FALSE(taken->repeated);
    const auto dispatch = s_->find_dispatch(leg.header.dispatch_id);
    ASSERT_TRUE(dispatch);
    EXPECT_EQ(dispatch->origin, "trung-uong");
    EXPECT_EQ(dispatch->sender, government);
    EXPECT_EQ(dispatch->signature, signature_outcome::valid);
    EXPECT_EQ(row_of(leg, department).state, delivery_state::consigned);
    EXPECT_EQ(row_of(leg, commune).state, delivery_state::queued);
    EXPECT_THAT(row_of(leg, commune).hops, ElementsAre("trung-uong"));
    EXPECT_EQ(s_->open_content(sha256(leg.content))->view(), leg.content);
    EXPECT_TRUE(alarms_.list().empty());
    EXPECT_TRUE(take(leg)->repeated) << "the same again";
    EXPECT_THAT(metrics_.expose(), HasSubstr("truc_legs_received_total{outcome=\"accepted\"} 2"));
}

TEST_F(transit_test, what_comes_after_its_deadline_is_not_taken_and_nobodys_lie) {
    auto leg = leg_to({commune});
    leg.header.deliveries[0].deadline = s_.clock().now() - std::chrono::hours(1);
    const auto taken = take(leg);
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().code, errc::deadline_passed);
    EXPECT_TRUE(alarms_.list().empty());
    EXPECT_THAT(metrics_.expose(), HasSubstr("truc_legs_received_total{outcome=\"rejected\"} 1"));
}

TEST_F(transit_test, carries_what_it_does_not_know) {
    auto leg = leg_to({commune});
    leg.header.extra = "<n:Route xmlns:n=\"urn:n\">đường</n:Route>";
    const auto examined = examine(leg);
    ASSERT_TRUE(examined);
    EXPECT_EQ(examined->leg().extra, leg.header.extra);
    EXPECT_EQ(examined->leg().receipt, leg.receipt);
}

// --- the form
// ---------------------------------------------------------------------------------------------------------

TEST_F(transit_test, a_malformed_leg_is_rejected) {
    auto leg = leg_to({commune});
    leg.envelope_xml = "<Envelope/>";
    EXPECT_EQ(refusal_code(leg), "envelope_invalid");
    leg.envelope_xml = "<!DOCTYPE Envelope>" + pack::write_envelope(leg.header);
    EXPECT_EQ(refusal_code(leg), "doctype_forbidden");
    leg.envelope_xml = pack::write_envelope(leg.header) + std::string(300 << 10, ' ');
    EXPECT_EQ(refusal(leg), "too_large: an envelope of more than 256 KiB");
    leg.envelope_xml.clear();
    leg.receipt.append(std::string(2 << 20, ' '));
    EXPECT_EQ(refusal(leg), "too_large: a receipt of more than 1024 KiB");
}

TEST_F(transit_test, an_endless_content_is_cut_off) {
    auto r = transit_->begin("trung-uong");
    ASSERT_TRUE(r);
    const std::string piece(1 << 20, ' ');
    result<void> fed;
    for (int i = 0; i < 100 && fed; ++i) fed = r->feed(2, piece);
    ASSERT_FALSE(fed);
    EXPECT_EQ(fed.error().code, errc::too_large);
    EXPECT_EQ(transit_->examine(*r).error().code, errc::too_large);
    EXPECT_EQ(alarms_.list().size(), 1u);
}

TEST_F(transit_test, the_hops_lead_from_the_origin_to_the_neighbour) {
    auto leg = leg_to({commune});
    leg.header.hops = {"trung-uong", "laocai"};
    EXPECT_EQ(refusal(leg), "envelope_invalid: the last Hop is laocai");
    leg.header.hops = {"laocai", "trung-uong"};
    EXPECT_EQ(refusal(leg), "envelope_invalid: the first Hop is laocai, the origin trung-uong");
    leg.neighbour = "laocai";
    leg.header.hops = {"trung-uong", "laocai"};
    EXPECT_EQ(refusal(leg), "taken") << "any neighbour may pass it on";
}

TEST_F(transit_test, what_runs_in_a_circle_is_taken_and_ends) {
    auto leg = leg_to({commune});
    leg.header.hops.insert(leg.header.hops.begin(), hop_limit, "trung-uong");
    ASSERT_TRUE(take(leg));
    EXPECT_EQ(row_of(leg, commune).state, delivery_state::undeliverable);
    EXPECT_EQ(row_of(leg, commune).reason, "too_many_hops");
}

// --- (a) the origin's receipt
// -----------------------------------------------------------------------------------------

TEST_F(transit_test, the_receipt_must_hold) {
    const auto good = leg_to({commune});
    auto leg = good;
    leg.receipt.replace(leg.receipt.find("http:vpcp"), 4, "axis");
    EXPECT_EQ(refusal_code(leg), "receipt_invalid");
    leg.receipt = "";
    EXPECT_EQ(refusal_code(leg), "receipt_invalid");
    leg.receipt = leg_to({commune}).receipt;
    EXPECT_THAT(refusal(leg), HasSubstr("is about another dispatch"));
    auto e = acceptance_of(good);
    e.name = event_name::relay_acceptance;
    leg.receipt = receipt_of(e, "trung-uong");
    EXPECT_THAT(refusal(leg), HasSubstr("is no acceptance"));
    e = acceptance_of(good);
    e.signature.reset();
    leg.receipt = receipt_of(e, "trung-uong");
    EXPECT_THAT(refusal(leg), HasSubstr("is no acceptance"));
}

TEST_F(transit_test, only_the_exchange_vouches_for_nodes) {
    auto leg = leg_to({commune});
    const test_pki others;
    leg.receipt = receipt_of(acceptance_of(leg), "trung-uong", others.node("trung-uong").signing_key());
    EXPECT_THAT(refusal(leg), HasSubstr("receipt_invalid: certificate_unknown"));
    // A certificate of the agencies' authority, whatever it calls itself.
    auto asked = test_pki::request("Nút trung-uong");
    asked.uris = {"urn:truc:node:trung-uong"};
    const auto agency = pki_->make(pki_->agency_authority(), "impostor", asked);
    leg.receipt = receipt_of(acceptance_of(leg), "trung-uong", agency.signing_key());
    EXPECT_THAT(refusal(leg), HasSubstr("receipt_invalid: certificate_unknown"));
}

TEST_F(transit_test, authorities_can_be_replaced) {
    const auto leg = leg_to({commune});
    ASSERT_EQ(refusal(leg), "taken");
    const test_pki others;
    transit_->reload(std::make_shared<const trust::certificate_store>(others.node_ca(), std::filesystem::path()));
    EXPECT_EQ(refusal_code(leg), "receipt_invalid") << "although its head was good before";
}

TEST_F(transit_test, another_node_cannot_accept_for_the_sender) {
    auto leg = leg_to({commune});
    leg.receipt = receipt_of(acceptance_of(leg), "laocai");
    leg.neighbour = "laocai";
    leg.header.hops = {"laocai"};
    EXPECT_EQ(refusal(leg), "origin_not_home: laocai accepted for 000.00.00.G22, whose home is trung-uong");
    // Unless it did so while it was the sender's home.
    auto earlier = around(agency(government, "laocai"), {government});
    pipeline_->reload(earlier);
    pipeline_->reload(around());
    EXPECT_EQ(refusal(leg), "taken");
}

TEST_F(transit_test, the_node_of_a_gateway_accepts_what_the_sender_signed) {
    const std::string own = "000.00.20.H24";
    const auto gateway = [&](const std::string& more) {
        return agency(own, "laocai") + line("client", R"("id": "truc-quoc-gia", "agencies": [")" + own +
                                                          R"("], "entrances": ["adapter"])" + more);
    };
    const auto brought = [this](offered_leg leg, signature_outcome signature) {
        auto e = acceptance_of(leg);
        e.signature = signature;
        e.channel = "adapter:truc-quoc-gia";
        leg.receipt = receipt_of(e, "laocai");
        leg.neighbour = "trung-uong";
        leg.header.hops = {"laocai", "trung-uong"};
        return leg;
    };
    const auto leg = brought(leg_to({commune}), signature_outcome::valid);
    pipeline_->reload(around(gateway("")));
    EXPECT_EQ(refusal_code(leg), "origin_not_home");
    pipeline_->reload(around(gateway(R"(, "gateway": true, "disabled": true)")));
    EXPECT_EQ(refusal_code(leg), "origin_not_home");
    pipeline_->reload(around(gateway(R"(, "gateway": true)")));
    EXPECT_EQ(refusal(leg), "taken");
    EXPECT_EQ(refusal_code(brought(leg_to({commune}), signature_outcome::absent)), "origin_not_home");
    EXPECT_EQ(refusal_code(brought(leg_to({commune}), signature_outcome::not_verifiable)), "origin_not_home");

    const auto home = brought(leg_to({department}), signature_outcome::valid);
    ASSERT_TRUE(take(home));
    EXPECT_EQ(row_of(home, department).state, delivery_state::consigned);
    auto lie = leg_to({department});
    edxml_document unsigned_one;
    unsigned_one.from = government;
    unsigned_one.to = {department};
    lie.content = build(unsigned_one);
    lie = brought(std::move(lie), signature_outcome::valid);
    ASSERT_TRUE(take(lie));
    EXPECT_EQ(row_of(lie, department).reason, "signature_differs") << "the recipient's home looks itself";
}

TEST_F(transit_test, one_document_by_two_ways_is_delivered_once) {
    pipeline_->reload(around(agency("000.00.20.H24", "laocai") +
                             line("client", R"("id": "truc-quoc-gia", "agencies": ["000.00.20.H24"],)"
                                            R"( "entrances": ["adapter"], "gateway": true)")));
    const auto tree = leg_to({department, commune});
    ASSERT_TRUE(take(tree));
    auto axis = leg_to({department, commune});
    axis.content = tree.content;
    axis.header.hops = {"laocai", "trung-uong"};
    auto e = acceptance_of(axis);
    e.channel = "adapter:truc-quoc-gia";
    axis.receipt = receipt_of(e, "laocai");
    ASSERT_TRUE(take(axis));
    EXPECT_EQ(row_of(axis, department).copy_of, row_of(tree, department).id);
    EXPECT_EQ(row_of(axis, commune).state, delivery_state::queued) << "its home decides";
    EXPECT_EQ(s_->read_inbox({department}, {}, {}, 10).size(), 1u);
    EXPECT_TRUE(alarms_.list().empty());
}

TEST_F(transit_test, an_unknown_sender_is_nobodys) {
    const auto leg = leg_to({commune});
    pipeline_->reload(around({}, {government}));
    EXPECT_EQ(refusal(leg), "origin_not_home: 000.00.00.G22 is not known here");
}

// --- (b) the content
// --------------------------------------------------------------------------------------------------

TEST_F(transit_test, the_content_is_the_one_that_was_accepted) {
    auto leg = leg_to({commune});
    const auto good = leg.content;
    leg.content.back() = ' ';
    EXPECT_EQ(refusal_code(leg), "content_differs");
    leg.content = good + "<open>";
    EXPECT_EQ(refusal_code(leg), "content_differs") << "rather than malformed";
    leg.content = "";
    EXPECT_EQ(refusal_code(leg), "content_differs");
    leg.content = "<!DOCTYPE edXML><edXML/>";
    leg.receipt = receipt_of(acceptance_of(leg), "trung-uong");
    EXPECT_EQ(refusal_code(leg), "doctype_forbidden");
    leg.content = "<edXML/>";
    leg.receipt = receipt_of(acceptance_of(leg), "trung-uong");
    EXPECT_EQ(refusal_code(leg), "layout_unknown");
}

// --- (c) the recipients
// -----------------------------------------------------------------------------------------------

TEST_F(transit_test, every_recipient_is_named_in_the_document) {
    EXPECT_EQ(refusal(leg_to({commune, department}, {commune})), "recipient_not_named: 000.00.12.H43");
    EXPECT_EQ(refusal(leg_to({"000.00.99.H43"}, {commune})), "recipient_not_named: 000.00.99.H43");
    EXPECT_EQ(refusal(leg_to({commune}, {commune, department})), "taken") << "a leg may go to some of them";
}

/// The origin's first acceptance goes with every leg of the dispatch, also to recipients that its sender added later.
TEST_F(transit_test, the_receipt_need_not_name_the_recipients) {
    auto leg = leg_to({commune}, {department, commune});
    auto e = acceptance_of(leg);
    e.to = {department};
    leg.receipt = receipt_of(e, "trung-uong");
    ASSERT_TRUE(take(leg));
    EXPECT_EQ(row_of(leg, commune).state, delivery_state::queued);
}

TEST_F(transit_test, nobody_makes_up_a_second_delivery_for_a_recipient) {
    auto leg = leg_to({commune});
    leg.header.deliveries[0].id = uuid::make(s_.clock().now());
    EXPECT_EQ(refusal_code(leg), "envelope_invalid");
}

TEST_F(transit_test, aliases_and_successors_are_named_too) {
    EXPECT_EQ(refusal(leg_to({department}, {"h43-12"})), "taken");
    EXPECT_EQ(refusal(leg_to({department}, {merged})), "taken");
    EXPECT_EQ(refusal(leg_to({district}, {merged})), "recipient_not_named: 000.00.36.H43");
    EXPECT_EQ(refusal(leg_to({merged}, {department})), "recipient_not_named: 000.00.02.H43") << "not the way back";
    // A successor that is only announced is nobody's recipient yet.
    const std::string open = R"(, "valid_to": "2048-01-01T00:00:00+07:00", "successors": ["000.00.12.H43"])";
    pipeline_->reload(around(agency("000.00.06.H43", "thuannam", open)));
    EXPECT_EQ(refusal(leg_to({department}, {"000.00.06.H43"})), "recipient_not_named: 000.00.12.H43");
}

TEST_F(transit_test, a_status_goes_to_the_sender_of_its_document) {
    edxml_status st;
    st.from = government;
    st.to = commune;
    auto leg = leg_to({commune});
    leg.content = build(st);
    auto e = acceptance_of(leg);
    e.signature = signature_outcome::absent;
    leg.receipt = receipt_of(e, "trung-uong");
    EXPECT_EQ(refusal(leg), "taken");
    leg.header.deliveries[0].recipient = district;
    EXPECT_EQ(refusal(leg), "recipient_not_named: 000.00.36.H43");
}

// --- a directory that is behind
// ---------------------------------------------------------------------------------------

TEST_F(transit_test, what_a_newer_directory_may_explain_is_released) {
    sections_ = {{"trung-uong", 4}, {"ninhthuan", 7}};
    auto unknown = leg_to({"000.00.99.H43"}, {commune});
    unknown.header.sections = {{"trung-uong", 4}, {"ninhthuan", 6}};
    EXPECT_EQ(refusal_code(unknown), "recipient_not_named") << "nothing newer is known";
    unknown.header.sections["trung-uong"] = 5;
    EXPECT_EQ(refusal_code(unknown), "directory_behind");
    unknown.header.sections = {{"phuocdinh", 1}};
    EXPECT_EQ(refusal_code(unknown), "directory_behind") << "the recipient's home was never heard of";

    auto foreign = leg_to({commune});
    foreign.receipt = receipt_of(acceptance_of(foreign), "laocai");
    foreign.neighbour = "laocai";
    foreign.header.hops = {"laocai"};
    foreign.header.sections = {{"laocai", 1}};
    EXPECT_EQ(refusal_code(foreign), "directory_behind");

    auto broken = leg_to({commune});
    broken.header.sections = {{"trung-uong", 5}};
    broken.content.back() = ' ';
    EXPECT_EQ(refusal_code(broken), "content_differs") << "no directory explains that";
}

// --- what becomes of the deliveries
// -----------------------------------------------------------------------------------

TEST_F(transit_test, who_is_closed_gets_nothing_and_his_successor_does) {
    const auto leg = leg_to({closed, merged, merged_below, commune});
    ASSERT_TRUE(take(leg));
    EXPECT_EQ(row_of(leg, closed).state, delivery_state::undeliverable);
    EXPECT_EQ(row_of(leg, closed).reason, "recipient_closed");
    EXPECT_EQ(row_of(leg, department).state, delivery_state::consigned) << "into the inbox that is read";
    EXPECT_EQ(row_of(leg, merged_below).state, delivery_state::queued);
    EXPECT_EQ(row_of(leg, commune).state, delivery_state::queued);

    const auto both = leg_to({merged, department});
    ASSERT_TRUE(take(both));
    EXPECT_EQ(row_of(both, department).state, delivery_state::consigned);
    EXPECT_EQ(row_of(both, merged).state, delivery_state::undeliverable) << "the department has it already";

    auto apart = leg_to({merged, department});
    auto rest = apart;
    apart.header.deliveries.erase(apart.header.deliveries.begin());
    rest.header.deliveries.pop_back();
    ASSERT_TRUE(take(apart));
    ASSERT_TRUE(take(rest)) << "an honest neighbour offers what is left";
    EXPECT_EQ(row_of(rest, merged).reason, "recipient_closed");
}

TEST_F(transit_test, whom_this_node_does_not_know_yet_is_passed_on) {
    const auto leg = leg_to({"000.00.99.H43"});
    ASSERT_TRUE(take(leg));
    EXPECT_EQ(row_of(leg, "000.00.99.H43").state, delivery_state::queued);
}

TEST_F(transit_test, a_home_node_checks_the_signature_as_of_acceptance) {
    auto leg = leg_to({department});
    s_.clock().advance(std::chrono::hours(24 * 365 * 40)); // the certificate has expired long since
    const auto examined = examine(leg);
    ASSERT_TRUE(examined) << explain(examined.error(), language::english);
    EXPECT_EQ(examined->leg().deliveries.at(0).fate, store::fate::consign);
}

TEST_F(transit_test, a_difference_of_the_signature_ends_the_delivery_at_home_only) {
    const auto ends = [this](offered_leg leg) {
        leg.receipt = receipt_of(acceptance_of(leg), "trung-uong");
        ASSERT_TRUE(take(leg));
        EXPECT_EQ(row_of(leg, department).state, delivery_state::undeliverable);
        EXPECT_EQ(row_of(leg, department).reason, "signature_differs");
        EXPECT_EQ(row_of(leg, commune).state, delivery_state::queued);
    };
    auto changed = leg_to({department, commune});
    changed.content.replace(changed.content.find("liên thông"), 4, "LIÊN");
    ends(changed);

    auto absent = leg_to({department, commune});
    edxml_document d;
    d.from = government;
    d.to = {department, commune};
    absent.content = build(d);
    ends(absent);

    auto by_another = leg_to({department, commune});
    by_another.content = *dsig::sign(build(d), *pki_->agency("stranger").signing_key());
    ends(by_another);
    EXPECT_TRUE(alarms_.list().empty()) << "the neighbour is not to blame";
}

TEST_F(transit_test, a_signer_that_a_newer_directory_may_know_is_waited_for) {
    auto leg = leg_to({department});
    leg.content = *dsig::sign(build([] {
                                  edxml_document d;
                                  d.from = government;
                                  return d;
                              }()),
                              *pki_->agency("renewed").signing_key());
    leg.receipt = receipt_of(acceptance_of(leg), "trung-uong");
    leg.header.sections = {{"trung-uong", 1}};
    EXPECT_EQ(refusal_code(leg), "directory_behind");
    sections_["trung-uong"] = 1;
    EXPECT_EQ(refusal_code(leg), "taken");
}

TEST_F(transit_test, a_delivery_whose_recipient_moved_here_is_checked_then) {
    auto leg = leg_to({commune});
    ASSERT_TRUE(take(leg));
    const auto loaded = [&] {
        const auto queued = s_->read_queued({}, 10);
        return s_->load_leg({queued.back().seq});
    };
    ASSERT_TRUE(loaded());
    auto fate = transit_->judge_at_home(*loaded());
    ASSERT_TRUE(fate) << explain(fate.error(), language::english);
    EXPECT_EQ(fate->fate, store::fate::consign);
    EXPECT_TRUE(fate->essence);

    leg = leg_to({commune});
    leg.content.replace(leg.content.find("liên thông"), 4, "LIÊN");
    leg.receipt = receipt_of(acceptance_of(leg), "trung-uong");
    ASSERT_TRUE(take(leg));
    fate = transit_->judge_at_home(*loaded());
    ASSERT_TRUE(fate);
    EXPECT_EQ(fate->fate, store::fate::undeliverable);
    EXPECT_EQ(fate->reason, errc::signature_differs);
}

TEST_F(transit_test, a_signer_unknown_when_a_recipient_moved_here_is_waited_for) {
    auto leg = leg_to({commune});
    edxml_document d;
    d.from = government;
    d.to = {commune};
    leg.content = *dsig::sign(build(d), *pki_->agency("renewed").signing_key());
    leg.receipt = receipt_of(acceptance_of(leg), "trung-uong");
    ASSERT_TRUE(take(leg));
    const auto fate = transit_->judge_at_home(*s_->load_leg({s_->read_queued({}, 10).back().seq}));
    ASSERT_FALSE(fate) << "the section with the new certificate may be on its way";
    EXPECT_EQ(fate.error().code, errc::certificate_unknown);
}

// --- where a delivery may come from
// -----------------------------------------------------------------------------------

TEST_F(transit_test, what_is_new_comes_from_the_side_of_its_origin) {
    auto leg = leg_to({commune});
    leg.neighbour = "laocai"; // which may have got another delivery of the dispatch
    leg.header.hops = {"trung-uong", "laocai"};
    const auto taken = take(leg);
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().code, errc::directory_behind);
    EXPECT_FALSE(s_->find_dispatch(leg.header.dispatch_id));
    EXPECT_TRUE(alarms_.list().empty());
    leg.neighbour = "trung-uong";
    leg.header.hops = {"trung-uong"};
    EXPECT_TRUE(take(leg));
}

TEST_F(transit_test, what_turned_round_before_its_recipients_old_home_comes_from_there) {
    auto leg = leg_to({commune});
    leg.neighbour = "laocai";
    leg.header.hops = {"trung-uong", "laocai"};
    const auto link = line("node", R"("name": "phutho", "level": "province", "links": ["laocai", "ninhthuan"])");
    pipeline_->reload(around(link + agency(commune, "phutho"), {commune}));
    leg.neighbour = "phutho";
    leg.header.hops.push_back("phutho");
    pipeline_->reload(around(link));
    ASSERT_TRUE(take(leg));
    EXPECT_EQ(row_of(leg, commune).state, delivery_state::queued);
}

TEST_F(transit_test, a_recipient_reports_on_a_document_that_came_from_another_node) {
    const auto leg = leg_to({department});
    ASSERT_TRUE(take(leg));
    edxml_status st;
    st.to = government;
    st.document_id = s_->find_dispatch(leg.header.dispatch_id)->document_id;
    const auto report = [&](const char* from) {
        st.from = from;
        intake::channel c;
        c.directory = pipeline_->current_directory();
        c.client = c.directory->find_client("so-tttt");
        auto r = pipeline_->begin(c);
        (void)r->feed(build(st));
        (void)r->finish();
        auto d = pipeline_->examine(*r);
        if (!d) throw std::runtime_error(explain(d.error(), language::english));
        return wait_for<store::acceptance>([&](auto done) { pipeline_->accept(std::move(*d), std::move(done)); });
    };
    const auto a = report(department);
    ASSERT_TRUE(a) << explain(a.error(), language::english);
    EXPECT_TRUE(a->warnings.empty());
    EXPECT_EQ(s_->find_dispatch(a->id)->deliveries.at(0).state, delivery_state::queued) << "back to the government";
}

} // namespace
} // namespace truc
