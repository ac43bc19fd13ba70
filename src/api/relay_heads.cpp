#include "relay_heads.hpp"

#include <truc/ledger/receipt.hpp>
#include <truc/store/former_logs.hpp>

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

std::string text_of(const store::known_head& h) {
    return fmt::format("{} of {} entries, root {}", h.log, h.size, h.root.hex());
}

std::string text_of(const store::opened_log& opened) {
    return fmt::format(
        "it was restored from a copy: its log {} is followed by {}. Its administrators know of it, or its"
        " history was written anew",
        opened.before ? text_of(*opened.before) : "(never shown)", text_of(opened.head));
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

heard_announcement weigh(relay_announcement said, const std::string& neighbour, const store::store& s,
                         const trust::certificate_store& exchange, timestamp now) {
    heard_announcement h;
    const auto known = s.head_of(neighbour);
    h.head = judge_head(said, neighbour, known, exchange);
    if (h.head.is == verdict::new_log)
        h.opened = store::opened_log{*h.head.remember, now, false, known};
    else
        h.opened = store::log_opened_by(s, neighbour);
    if (said.known) {
        store::told_size told{said.known->log, neighbour, said.known->size};
        if (store::is_news(s, told)) h.told = std::move(told);
    }
    h.said = std::move(said);
    return h;
}

void restoring_watch::look(const std::optional<store::opened_log>& opened, const std::string& neighbour,
                           alarm_board& alarms, timestamp now) {
    constexpr auto kind = "neighbour_restored";
    if (!opened || now >= opened->met_at + store::restored_lately) return alarms.clear(kind, neighbour);
    if (std::exchange(alarmed_, opened->head.log) != opened->head.log) alarms.raise(kind, neighbour, text_of(*opened));
}

} // namespace truc::api
