#include "small_network.hpp"

namespace truc::test {

namespace {

void must(bool done, const char* what) {
    if (!done) throw std::runtime_error(what);
}

} // namespace

small_store& small_network::operator[](const std::string& node) {
    auto& s = nodes_[node];
    if (!s) {
        s = std::make_unique<small_store>(node, pki_);
        s->clock().advance(std::chrono::seconds(nodes_.size()));
    }
    return *s;
}

store::acceptance small_network::submit(const std::string& node, std::string bytes,
                                        std::vector<std::string> recipients) {
    auto& s = (*this)[node];
    auto d = s.dispatch(std::move(bytes), recipients);
    d.document_id = d.content.digest().hex();
    d.code.clear();
    d.elsewhere = std::move(recipients);
    auto a = s.accept(std::move(d));
    must(a.has_value(), "submission");
    return std::move(*a);
}

std::optional<store::outgoing_leg> small_network::waiting(const std::string& node) {
    auto& s = (*this)[node];
    std::vector<std::int64_t> rows;
    std::int64_t dispatch = 0;
    for (const auto& q : s->read_queued({}, 1000)) {
        if (rows.empty()) dispatch = q.dispatch;
        if (q.dispatch == dispatch) rows.push_back(q.seq);
    }
    return s->load_leg(rows);
}

store::incoming_leg small_network::leg(const std::string& from, const std::string& to, store::fate fate) {
    const auto out = waiting(from);
    must(out.has_value(), "nothing waits");
    return as_received(*out, from, to, fate);
}

store::incoming_leg small_network::as_received(const store::outgoing_leg& out, const std::string& from,
                                               const std::string& to, store::fate fate) {
    auto& sender = (*this)[from];
    const auto receipt = ledger::verify_receipt(out.receipt, sender.authorities());
    must(receipt.has_value(), "the origin's receipt");
    store::incoming_leg in;
    in.neighbour = from;
    in.dispatch_id = out.header.dispatch_id;
    in.kind = out.kind;
    in.sender = out.sender;
    in.document_id = out.document_id;
    in.priority = out.header.priority;
    in.signature = *receipt->event.signature;
    in.origin = receipt->event.log.node;
    in.receipt = out.receipt;
    in.receipt_event = receipt->event.id();
    in.resent = receipt->event.name == event_name::resend;
    in.accepted_at = receipt->event.time;
    in.hops = out.header.hops;
    in.hops.push_back(from);
    in.extra = out.header.extra;
    for (const auto& d : out.header.deliveries)
        in.deliveries.push_back({d.id, d.recipient, d.deadline, fate, {}, {}, true});
    const auto bytes = sender->open_content(out.sha256);
    must(bytes.has_value(), "content");
    auto& receiver = (*this)[to];
    in.content = receiver->new_spool();
    must(in.content.append(bytes->view()) && in.content.finish() && receiver->link(in.content), "spool");
    return in;
}

result<store::leg_taken> small_network::take(const std::string& node, store::incoming_leg leg) {
    return wait_for<store::leg_taken>([&](auto done) { (*this)[node]->take_leg(std::move(leg), std::move(done)); });
}

void small_network::acknowledge(const std::string& from, const std::string& to, const store::outgoing_leg& leg) {
    store::passing p{leg.rows, leg.header.hops, to};
    p.hops.push_back(from);
    must(
        wait_for<std::monostate>([&](auto done) { (*this)[from]->pass_on(std::move(p), std::move(done)); }).has_value(),
        "passing on");
}

void small_network::pass(const std::string& from, const std::string& to, store::fate fate) {
    const auto out = waiting(from);
    must(out.has_value(), "nothing waits");
    must(take(to, as_received(*out, from, to, fate)).has_value(), "taking");
    acknowledge(from, to, *out);
}

store::evidence_batch small_network::evidence(const std::string& from, const std::string& to, std::uint64_t position) {
    store::evidence_batch b{from, (*this)[from]->log().str(), {}, position};
    for (const auto& entry : (*this)[from]->read_feed({store::feed_of_node(to)}, position, 1000)) {
        const auto r = ledger::verify_receipt(entry.xml, (*this)[to].authorities());
        must(r.has_value() && r->event.id() == entry.event_id, "evidence");
        b.items.push_back({entry.event_id, r->event.name, r->event.log.node, r->event.time, *r->event.dispatch_id,
                           r->event.delivery_id, r->event.reason, entry.xml});
        b.next = entry.position + 1;
    }
    return b;
}

void small_network::feed(const std::string& from, const std::string& to) {
    auto& reader = (*this)[to];
    auto batch = evidence(from, to, reader->cursor_of(from, (*this)[from]->log().str()));
    must(wait_for<std::monostate>([&](auto done) {
             reader->take_evidence(std::move(batch), std::move(done));
         }).has_value(),
         "taking evidence");
}

store::delivery_row small_network::row(const std::string& node, const uuid& delivery) {
    const auto d = (*this)[node]->find_dispatch_of_delivery(delivery);
    must(d.has_value(), "the delivery is not known there");
    for (const auto& v : d->deliveries)
        if (v.id == delivery) return v;
    throw std::runtime_error("the dispatch lost its delivery");
}

bool small_network::balance() {
    bool all = true;
    for (auto& [name, s] : nodes_) all = all && (*s)->read_books().balance() && (*s)->read_origin_books().balance();
    return all;
}

} // namespace truc::test
