#pragma once
#include "../context.hpp"
#include "../words.hpp"
#include "actor.hpp"

#include <map>

namespace truc::cli::demo {

/// Where the story is played: the network, who takes part, what is told, and what has to be true. One thread.
class stage {
  public:
    stage(const context& c, network n) : context_(c), network_(std::move(n)) {}

    const context& out() const { return context_; }
    const network& net() const { return network_; }
    actor& play(std::string_view code);
    /// Throws where the network has no such node.
    const network_node& node(std::string_view name) const;
    session administrator(std::string_view node) const;
    /// For verbs that speak as the administrator of that node.
    context at(std::string_view node) const;

    void scene(std::string title);
    void tell(std::string_view text) const { context_.line("   " + std::string(text)); }
    /// Told with a tick.
    void achieved(std::string_view what) const { context_.line(fmt::format(" ✓ {}", what)); }
    /// Told with a tick when it is true; else the story ends with what was seen.
    void expect(bool holds, std::string_view what, std::string_view seen) const;
    template <class A, class B>
    void expect_equal(std::string_view what, const A& expected, const B& seen) const {
        expect(expected == seen, what, fmt::format("{} instead of {}", seen, expected));
    }

    /// Document numbers that no earlier story on this network had.
    std::string next_number();

    // --- the story's own books, compared with those of the nodes at the end ------------------------------------------

    /// An answer of the node that accepted something new of this agency.
    void note_acceptance(const std::string& sender, const json::object& answer);
    void note_handover() { ++handed_over_; }
    void note_refusal() { ++refused_; }
    std::int64_t deliveries() const { return deliveries_; }
    std::int64_t handed_over() const { return handed_over_; }
    std::int64_t refused() const { return refused_; }

    /// Truc's ids of everything accepted, with the agency that sent it.
    const std::map<std::string, std::string>& accepted() const { return accepted_; }
    /// Receipts collected on the way, to be verified at the end.
    void keep_receipt(std::string xml) { receipts_.push_back(std::move(xml)); }
    const std::vector<std::string>& receipts() const { return receipts_; }

  private:
    const context& context_;
    network network_;
    std::map<std::string, actor, std::less<>> cast_;
    std::map<std::string, std::string> accepted_;
    std::vector<std::string> receipts_;
    std::int64_t deliveries_ = 0;
    std::int64_t handed_over_ = 0;
    std::int64_t refused_ = 0;
    int scene_ = 0;
    std::int64_t number_ = 0;
};

// The scenes, in the order in which they are played.

/// A document of the Government Office, as it was sent and answered.
struct sent_document {
    std::string edxml;
    json::object answer;
};
/// What the administrators' books of each node said.
using books_by_node = std::map<std::string, json::object>;

/// Until every node knows every agency and has its neighbours. They find that out by themselves.
void wait_for_sections(stage& s);
sent_document send_dispatch(stage& s);
void receive_everywhere(stage& s, const sent_document& d);
void report_statuses(stage& s, const sent_document& d);
void report_upwards(stage& s);
void send_again(stage& s, const sent_document& d);
void follow_the_successor(stage& s);
void refuse_forgeries(stage& s, const sent_document& d);
void refuse_at_wrong_node(stage& s);
void kill_and_restart(stage& s);
void await_ends(stage& s);
void verify_evidence(stage& s);
/// The nodes' books before the story.
books_by_node read_books(const stage& s);
void balance_books(stage& s, const books_by_node& before);
/// Through adapters, in both directions; the books of the story were closed before.
void exchange_with_legacy_systems(stage& s);
void show_neighbours(const stage& s);
void show_trace(const stage& s, const sent_document& d);

} // namespace truc::cli::demo
