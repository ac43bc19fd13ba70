#pragma once
#include "node.hpp"

#include <map>
#include <optional>
#include <set>

namespace truc::simulation {

/// Knows what was answered to senders and recipients, looks at every node's rows, and says which promise is broken. It
/// asks no node for its opinion of itself: what must hold is derived from the documents and from the answers.
class oracle {
  public:
    explicit oracle(std::vector<std::unique_ptr<node>>& nodes)
        : nodes_(nodes), seen_(cast::instance().nodes().size()) {}

    /// What may be sent at all; anything else in a store was made up by somebody.
    struct known_document {
        std::string sender;
        std::vector<std::string> recipients;
        std::string bytes;
    };
    void expect_document(known_document d);

    /// A sender was told that its document is accepted.
    void accepted(const node& at, const std::string& sender, const store::acceptance& a);
    /// A recipient finds this in its inbox.
    void found(node& at, const std::string& recipient, const store::inbox_item& item);
    /// A recipient was told that a delivery is its own now.
    void handed_over(const node& at, const store::inbox_item& item);

    /// Compares a node's rows and books with what was seen of it before, and with those of the others.
    void look_at(std::size_t node);
    /// When nothing moves any more.
    void judge_the_end();
    /// Whether every delivery that any node has seen has ended, and every node knows how.
    bool is_quiet() const;

    void violated(std::string what);
    const std::vector<std::string>& violations() const { return violations_; }
    /// Ends that the nodes with custody gave, by state.
    std::map<delivery_state, std::size_t> ends() const;
    std::size_t dispatches() const { return dispatch_of_.size(); }
    const std::set<std::string>& accused() const { return accused_; }

  private:
    struct row {
        delivery_state state{};
        std::size_t hops = 0;
        std::string passed_to;
        uuid dispatch;
        bool is_origin = false;
    };
    using rows = std::map<uuid, row>;

    void look_at_dispatch(std::size_t node, const store::dispatch_row& dispatch);
    void look_at_delivery(std::size_t node, const store::dispatch_row& dispatch, const store::delivery_row& delivery);
    void compare(const std::string& where, const row& before, const row& now);
    void note_end(const std::string& where, const uuid& delivery, delivery_state state);
    void judge_delivery(const uuid& delivery);
    void judge_origin(std::size_t node);
    void judge_evidence(std::size_t node, const uuid& dispatch, const std::vector<store::delivery_row>& deliveries);
    void judge_sums();

    struct end {
        std::string node;
        delivery_state state{};
    };

    std::vector<std::unique_ptr<node>>& nodes_;
    std::vector<rows> seen_;
    std::map<sha256_digest, known_document> documents_;
    std::map<uuid, store::acceptance> promised_;                        ///< by dispatch
    std::map<std::pair<std::string, sha256_digest>, uuid> dispatch_of_; ///< by sender and content: only one each
    std::map<uuid, end> ends_;
    std::map<uuid, std::string> handed_over_;                        ///< by delivery: at which node
    std::map<std::pair<std::string, sha256_digest>, uuid> received_; ///< by recipient and content
    std::set<std::string> accused_;                                  ///< whom alarms named a liar
    std::vector<std::string> violations_;
};

} // namespace truc::simulation
