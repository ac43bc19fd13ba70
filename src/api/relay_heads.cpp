#include "relay_heads.hpp"

#include <truc/ledger/receipt.hpp>

#include <fmt/format.h>

namespace truc::api {

namespace {

using verdict = head_judgement::verdict;

head_judgement contradiction(std::string why) { return {verdict::contradicts, std::move(why), {}}; }

head_judgement remember(verdict is, const ledger::tree_head& head, const std::string& xml) {
    return {is, {}, store::known_head{head.log.str(), head.size, head.root, head.time, xml}};
}

head_judgement compare(const relay_announcement& a, const ledger::tree_head& head, const store::known_head& known) {
    if (head.size < known.size)
        return contradiction(fmt::format("its log {} had {} entries and has {} now", known.log, known.size, head.size));
    if (head.size == known.size) {
        if (head.root == known.root) return {};
        return contradiction(fmt::format("its log {} has two different heads of {} entries", known.log, known.size));
    }
    if (known.size == 0) return remember(verdict::extends, head, a.head);
    if (!a.proof || a.proof->from != known.size || a.proof->to != head.size) return {verdict::unproven, {}, {}};
    if (!ledger::verify_consistency(known.size, known.root, head.size, head.root, a.proof->nodes))
        return contradiction(
            fmt::format("its log {} of {} entries does not extend that of {}", known.log, head.size, known.size));
    return remember(verdict::extends, head, a.head);
}

} // namespace

head_judgement judge_head(const relay_announcement& a, const std::string& neighbour,
                          const std::optional<store::known_head>& known, const trust::certificate_store& exchange) {
    if (a.head.empty()) {
        if (!known) return {};
        return contradiction(fmt::format("it shows no head of its log, which had {} entries", known->size));
    }
    const auto head = ledger::verify_head(a.head, exchange);
    if (!head) return contradiction("its head does not hold: " + explain(head.error(), language::english));
    if (head->log.node != neighbour) return contradiction("it shows the head of the log " + head->log.str());
    // One that had shown no head before it was restored may have been given documents all the same.
    if (!known) return remember(head->log.epoch > 1 ? verdict::new_log : verdict::extends, *head, a.head);
    const auto before = ledger::log_id::parse(known->log);
    if (!before || head->log.epoch > before->epoch) return remember(verdict::new_log, *head, a.head);
    if (head->log.epoch < before->epoch)
        return contradiction(fmt::format("it went back from its log {} to {}", known->log, head->log.str()));
    return compare(a, *head, *known);
}

} // namespace truc::api
