#include "validation_handler.hpp"

#include "trimmed.hpp"

#include <truc/base/utf8.hpp>

#include <fmt/format.h>
#include <xercesc/sax/Locator.hpp>
#include <xercesc/sax/SAXParseException.hpp>

namespace truc::xml {
namespace {

std::u16string_view view(const XMLCh* text) { return text ? std::u16string_view(text) : std::u16string_view(); }

std::string without_first(std::u16string_view path) { return to_utf8(path.substr(path.empty() ? 0 : 1)); }

} // namespace

void validation_handler::note(errc code, std::string what) {
    if (fault_) return;
    location where;
    if (locator_) {
        where.line = static_cast<std::uint32_t>(locator_->getLineNumber());
        where.column = static_cast<std::uint32_t>(locator_->getColumnNumber());
    }
    where.path = without_first(path_);
    fault_.emplace(code, std::move(what), std::move(where));
}

void validation_handler::note(errc code, const xercesc::SAXParseException& e) {
    if (fault_) return;
    location where{static_cast<std::uint32_t>(e.getLineNumber()), static_cast<std::uint32_t>(e.getColumnNumber()),
                   without_first(path_)};
    fault_.emplace(code, trimmed(to_utf8(view(e.getMessage()))), std::move(where));
}

void validation_handler::startElement(const XMLCh* uri, const XMLCh* local, const XMLCh*, const xercesc::Attributes&) {
    if (path_.empty() && !roots_.contains({std::u16string(view(uri)), std::u16string(view(local))})) {
        fault_.reset(); // the validator has complained already, but not about what matters
        note(errc::layout_unknown,
             trimmed(fmt::format("root element {} of namespace '{}'", to_utf8(view(local)), to_utf8(view(uri)))));
    }
    path_.append(1, u'/').append(view(local));
    if (fault_) throw validation_stopped();
}

void validation_handler::endElement(const XMLCh*, const XMLCh*, const XMLCh*) { path_.resize(path_.rfind(u'/')); }

void validation_handler::startDTD(const XMLCh*, const XMLCh*, const XMLCh*) {
    note(errc::doctype_forbidden, "DOCTYPE");
    throw validation_stopped();
}

xercesc::InputSource* validation_handler::resolveEntity(const XMLCh*, const XMLCh*) {
    note(errc::not_xml, "an external entity");
    throw validation_stopped();
}

void validation_handler::error(const xercesc::SAXParseException& e) {
    note(errc::schema, e);
    // At the root the element itself is still to be announced: it may be of no layout of ours.
    if (!path_.empty()) throw validation_stopped();
}

void validation_handler::fatalError(const xercesc::SAXParseException& e) {
    note(errc::not_xml, e);
    throw validation_stopped();
}

} // namespace truc::xml
