#pragma once
#include "soap_record.hpp"
#include "soap_session.hpp"

namespace truc::tdoffice {

/// Gives documents and statuses to TD.Office. What may have arrived already is asked for before it is sent again: the
/// delivery id is the name by which TD.Office is asked. Keeps nothing but its session.
class soap_inbox : public adapter::legacy_inbox {
  public:
    explicit soap_inbox(std::shared_ptr<const soap_settings> settings);

    result<std::string> deliver(const adapter::incoming_item& item) override;

  private:
    result<soap_call> call_for(const adapter::incoming_item& item) const;
    tl::expected<std::string, soap_failure> look(const adapter::incoming_item& item);
    result<std::string> give(const soap_call& c, const adapter::incoming_item& item);

    soap_session session_;
    const std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
};

} // namespace truc::tdoffice
