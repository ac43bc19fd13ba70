#pragma once
#include "tdoffice/database.hpp"
#include "tdoffice/odbc.hpp"
#include "temporary_directory.hpp"

#include <truc/pack/edxml_record.hpp>

#include <gtest/gtest.h>

namespace truc::test {

class standing_clock final : public truc::clock {
  public:
    timestamp now() const override { return from_millis(1'795'000'000'000); }
};

/// The tables of conf/tdoffice-mailbox.sql in a file of SQLite, reached through its ODBC driver; a clerk's connection
/// beside those of the adapter.
class mailbox_case : public testing::Test {
  protected:
    /// `more` goes into [database].
    explicit mailbox_case(const std::string& more = {});

    std::string connection_string() const {
        return "Driver=SQLite3;Database=" + database_.string() + ";Timeout=200;SyncPragma=OFF";
    }
    /// As the legacy program: values stand in the text.
    void run(const std::string& sql);
    /// The columns of the first row, joined by '|'; NULL is "-", and no row is "none".
    std::string ask(const std::string& columns_and_rest, int columns = 1);

    /// A document that can be sent, as row `id`, to 000-00-01-H43 and 000.00.02.H43.
    void write_document(int id, const std::string& subject = "V/v họp");
    /// One that came to us, as row `id`.
    void write_incoming(int id);

    std::vector<std::string> listed(std::size_t max = 64);
    pack::edxml_document document(const std::string& key);
    pack::edxml_status status(const std::string& key);
    error refusal(const std::string& key);
    using stage = adapter::outgoing_report::stage;
    void report(const std::string& key, stage s, const std::string& recipient = {}, const std::string& text = {});
    result<std::string> deliver(const pack::edxml_record& r, const uuid& delivery);

    temporary_directory dir_;
    std::filesystem::path database_;
    standing_clock clock_;
    metrics_registry metrics_;
    adapter::adapter_context context_;
    std::optional<tdoffice::odbc_connection> clerk_;
    adapter::legacy_system system_;
};

} // namespace truc::test
