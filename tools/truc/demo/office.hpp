#pragma once
#include "stage.hpp"

#include <memory>

namespace truc::cli::demo {

/// A legacy system of the demonstration, as its clerk has it before him: he knows nothing of adapters. Throws
/// broken_expectation when the system does not do what he asks. One thread.
class office {
  public:
    virtual ~office() = default;
    /// The office that the adapter of that name plugs in.
    static std::unique_ptr<office> open(const network& n, std::string_view adapter);

    const pack::edxml_party& party() const { return party_; }
    /// Whether the adapter reports by itself that a document has arrived.
    bool reports_arrival() const { return reports_arrival_; }

    /// Puts a document where the system keeps what goes out.
    virtual void write(const pack::edxml_document& d) = 0;
    /// Whether a document with this DocumentId has come.
    virtual bool has(const std::string& document_id) = 0;
    /// Whether this status on a document of the office has come.
    virtual bool has_status(const std::string& document_id, const std::string& code) = 0;
    /// Sets a status on a document that has come.
    virtual void report(const std::string& document_id, const std::string& code) = 0;

  protected:
    office(pack::edxml_party party, bool reports_arrival)
        : party_(std::move(party)), reports_arrival_(reports_arrival) {}

  private:
    pack::edxml_party party_;
    bool reports_arrival_;
};

} // namespace truc::cli::demo
