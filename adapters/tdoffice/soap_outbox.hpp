#pragma once
#include "soap_record.hpp"
#include "soap_session.hpp"

#include <truc/base/seldom.hpp>

#include <condition_variable>
#include <mutex>

namespace truc::tdoffice {

/// The documents and statuses that TD.Office wants to send. A key is "vanban:<Id>" or "trangthai:<Id>". Keeps nothing
/// but its session.
class soap_outbox : public adapter::legacy_outbox {
  public:
    soap_outbox(std::shared_ptr<const soap_settings> settings, const adapter::adapter_context& context);

    result<std::vector<adapter::waiting_item>> list(std::size_t max) override;
    result<std::string> load(const std::string& key) override;
    result<void> report(const adapter::outgoing_report& r) override;
    void wait(std::chrono::milliseconds at_most) override;
    void interrupt() override;

  private:
    struct key_parts;

    soap_call list_call(std::string_view method, std::size_t max) const;
    result<std::vector<adapter::waiting_item>> waiting(std::string_view method, std::string_view kind, std::size_t max);
    void warn(std::string_view method, std::string_view what);
    result<boost::json::value> ask(const soap_call& c);
    result<std::string> load_document(const std::string& id);
    result<std::string> load_status(const std::string& id);
    result<pack::edxml_attachment> fetch(const std::string& document, const attachment_record& a, std::size_t room);
    result<std::string> fetch_bytes(const std::string& document, const attachment_record& a, std::size_t room);
    result<std::string> fetch_piece(const std::string& document, const attachment_record& a, std::size_t at);

    soap_session session_;
    const adapter::adapter_context& context_;
    seldom said_;

    std::mutex mutex_; ///< for what follows
    std::condition_variable bell_;
    bool interrupted_ = false;
};

} // namespace truc::tdoffice
