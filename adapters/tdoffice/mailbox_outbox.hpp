#pragma once
#include "mailbox_key.hpp"
#include "mailbox_letters.hpp"
#include "runtime/legacy_system.hpp"

#include <condition_variable>
#include <map>
#include <mutex>

namespace truc::tdoffice {

/// What waits in the mailbox: documents (`document:<row>`), statuses that clerks set (`status:<row>`), requests to give
/// a document back (`recall:<row of receivers>:<round>`) and answers to those (`answer:<row of inbox>:<delivery>`).
///
/// Every change is `… WHERE id = ? AND status = <as we knew it>`: what the legacy program changed meanwhile stays.
/// Databases tell nobody behind ODBC about a new row (PostgreSQL's LISTEN has no ODBC call), so wait() is a pause.
class mailbox_outbox final : public adapter::legacy_outbox {
  public:
    mailbox_outbox(std::shared_ptr<const mailbox_options> o, const adapter::adapter_context& c)
        : options_(std::move(o)), mailbox_(*options_), letters_(mailbox_, c) {}

    result<std::vector<adapter::waiting_item>> list(std::size_t max) override;
    result<std::string> load(const std::string& key) override;
    result<void> report(const adapter::outgoing_report& r) override;
    void wait(std::chrono::milliseconds at_most) override;
    void interrupt() override;

  private:
    using items = std::vector<adapter::waiting_item>;
    result<items> documents(std::size_t max);
    result<items> statuses(std::size_t max);
    result<items> recalls(std::size_t max);
    result<items> answers(std::size_t max);

    using report_of = adapter::outgoing_report;
    result<void> report_document(const mailbox_key& k, const report_of& r);
    result<void> sent(const std::string& id, const report_of& r);
    result<void> report_recipient(const std::string& id, const report_of& r);
    result<void> report_status(const mailbox_key& k, const report_of& r);
    result<void> report_recall(const mailbox_key& k, const report_of& r);
    result<void> report_answer(const mailbox_key& k, const report_of& r);
    result<void> all_recalled(const std::string& receiver);
    /// Columns for what became of an item: the state in `column`, and the text of an error.
    assignments outcome(std::string_view column, const report_of& r) const;
    std::string error_text(const report_of& r) const;

    std::shared_ptr<const mailbox_options> options_;
    mailbox mailbox_;
    mailbox_letters letters_;
    /// DocumentIds of what was loaded and not reported yet. Lost with the process: the row then tells, unless it was
    /// changed meanwhile.
    std::map<std::string, std::string> loaded_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool interrupted_ = false;
};

} // namespace truc::tdoffice
