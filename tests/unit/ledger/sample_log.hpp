#pragma once
#include "test_pki.hpp"

#include <truc/ledger/receipt.hpp>

namespace truc::ledger {

/// A log in memory as a node keeps it, with events to choose from and heads signed by whoever is asked to.
class sample_log {
  public:
    sample_log(std::string node, std::uint64_t size) : log_{std::move(node), 1} {
        for (std::uint64_t i = 0; i < size; ++i) {
            texts_.emplace_back();
            append_text(event_at(i), texts_.back());
            leaves_.push_back(leaf_hash(texts_.back()));
        }
    }

    static timestamp head_time() { return test::test_pki::moment("2026-11-21T16:27:10.358+07:00"); }

    event event_at(std::uint64_t leaf) const {
        event e;
        e.log = log_;
        e.leaf = leaf;
        e.name = leaf ? event_name::content_handover : event_name::log_opened;
        e.time = head_time() - std::chrono::seconds(100 - static_cast<int>(leaf));
        if (leaf == 0) return e;
        e.dispatch_id = uuid::make(e.time);
        e.delivery_id = uuid::make(e.time);
        e.document_id = "000.00.00.G22,2026/11/21," + std::to_string(leaf) + "/VPCP-TTĐT <&>\r\n";
        e.from = "000.00.00.G22";
        e.to = {"000.00.12.H43", "H43.12"};
        e.sha256 = sha256(e.document_id);
        e.signature = signature_outcome::valid;
        e.channel = "http:so-tttt";
        e.answers = {"vpcp.1.7"};
        e.reason = "lý do \"của\" người";
        return e;
    }

    tree_head head(std::uint64_t size) const {
        frontier edge;
        for (std::uint64_t i = 0; i < size; ++i) edge.append(leaves_[i]);
        return {log_, size, head_time(), edge.root()};
    }

    const std::string& text(std::uint64_t leaf) const { return texts_[leaf]; }

    std::vector<sha256_digest> path(std::uint64_t leaf, std::uint64_t size) const {
        return inclusion_path(leaf, size,
                              [this](unsigned level, std::uint64_t index) { return subtree(level, index); });
    }

    std::string receipt(std::uint64_t leaf, std::uint64_t size, std::string_view head_xml) const {
        return receipt_text(texts_[leaf], leaf, size, path(leaf, size), head_xml);
    }

  private:
    sha256_digest subtree(unsigned level, std::uint64_t index) const {
        if (level == 0) return leaves_[index];
        return node_hash(subtree(level - 1, 2 * index), subtree(level - 1, 2 * index + 1));
    }

    log_id log_;
    std::vector<std::string> texts_;
    std::vector<sha256_digest> leaves_;
};

} // namespace truc::ledger
