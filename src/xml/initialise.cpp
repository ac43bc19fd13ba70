#include <truc/xml/document.hpp>

#include <libxml/parser.h>
#include <libxml/xmlIO.h>
#include <xercesc/util/PlatformUtils.hpp>

#include <cstdlib>
#include <mutex>
#include <stdexcept>

namespace truc::xml {
namespace {

/// Everything Truc parses is in memory; nothing is ever fetched, whatever a document says.
xmlParserInputPtr load_nothing(const char*, const char*, xmlParserCtxtPtr) { return nullptr; }

} // namespace

void initialise() {
    static std::once_flag once;
    std::call_once(once, [] {
        // Read by xerces-c at each parse: a second belt beside the handler that refuses DOCTYPE.
        setenv("XERCES_DISABLE_DTD", "1", 1);
        xmlInitParser();
        xmlSetExternalEntityLoader(load_nothing);
        try {
            // Never terminated: readers of threads that end late still need it.
            xercesc::XMLPlatformUtils::Initialize();
        } catch (const xercesc::XMLException&) {
            throw std::runtime_error("xerces-c cannot be initialised");
        }
    });
}

} // namespace truc::xml
