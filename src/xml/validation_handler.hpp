#pragma once
#include <truc/base/result.hpp>

#include <xercesc/sax2/DefaultHandler.hpp>

#include <optional>
#include <set>
#include <string>
#include <utility>

namespace truc::xml {

/// The roots that the schemas of a registry know: namespace and local name.
using root_set = std::set<std::pair<std::u16string, std::u16string>>;

/// Thrown through the parser to end it at the first fault; never leaves validate().
struct validation_stopped {};

/// Follows one validation, knows where it is, and stops it at the first fault. Fetches nothing.
class validation_handler final : public xercesc::DefaultHandler {
  public:
    explicit validation_handler(const root_set& roots) : roots_(roots) {}

    const std::optional<truc::error>& fault() const { return fault_; }
    /// A fault that xerces-c reports by an exception of its own kind.
    void note(errc code, std::string what);

    void setDocumentLocator(const xercesc::Locator* locator) override { locator_ = locator; }
    void startElement(const XMLCh* uri, const XMLCh* local, const XMLCh* qname, const xercesc::Attributes&) override;
    void endElement(const XMLCh* uri, const XMLCh* local, const XMLCh* qname) override;
    void startDTD(const XMLCh* name, const XMLCh* public_id, const XMLCh* system_id) override;
    xercesc::InputSource* resolveEntity(const XMLCh* public_id, const XMLCh* system_id) override;
    void warning(const xercesc::SAXParseException&) override {}
    void error(const xercesc::SAXParseException& e) override;
    void fatalError(const xercesc::SAXParseException& e) override;

  private:
    void note(errc code, const xercesc::SAXParseException& e);

    const root_set& roots_;
    const xercesc::Locator* locator_ = nullptr;
    std::u16string path_; ///< local names, each after a '/'
    std::optional<truc::error> fault_;
};

} // namespace truc::xml
