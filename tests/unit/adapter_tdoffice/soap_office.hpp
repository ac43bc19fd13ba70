#pragma once
#include <truc/base/durable.hpp>

#include <runtime/adapter_context.hpp>
#include <tdoffice/soap_settings.hpp>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <temporary_directory.hpp>
#include <thread>

namespace truc::tdoffice {

/// A TD.Office in this process that answers each method with the next of its prepared answers, and the last one for
/// ever. Notes what it was asked.
class soap_office {
  public:
    soap_office();
    /// Answers this method so from the beginning, the log-in too.
    soap_office(const std::string& method, const std::string& json);
    ~soap_office();

    /// JSON, in the SOAP answer to `method`.
    void answers(const std::string& method, const std::string& json);
    /// A whole HTTP answer; empty: the connection is closed after the request.
    void answers_raw(const std::string& method, std::string http);
    std::vector<std::string> asked() const;                    ///< methods, in order
    std::string last_request(const std::string& method) const; ///< head and body
    unsigned count(const std::string& method) const;

    std::shared_ptr<const soap_settings> configured(const std::string& more = {}) const;
    const adapter::adapter_context& context() const { return context_; }

  private:
    void run();
    void serve(int fd);
    std::string next_answer(const std::string& method);

    test::temporary_directory directory_;
    file_handle socket_;
    std::uint16_t port_ = 0;
    metrics_registry metrics_;
    adapter::adapter_context context_;
    mutable std::mutex mutex_; ///< for what follows
    std::map<std::string, std::deque<std::string>> prepared_;
    std::vector<std::pair<std::string, std::string>> heard_;
    std::thread thread_;
};

/// SOAP around the text of an answer.
std::string soap_text(const std::string& method, const std::string& escaped_json);

} // namespace truc::tdoffice
