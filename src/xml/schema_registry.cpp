#include "schema_pool.hpp"
#include "shortened_source.hpp"
#include "trimmed.hpp"
#include "validation_handler.hpp"

#include <truc/base/utf8.hpp>
#include <truc/xml/document.hpp>
#include <truc/xml/schema.hpp>

#include <xercesc/sax2/SAX2XMLReader.hpp>
#include <xercesc/sax2/XMLReaderFactory.hpp>
#include <xercesc/util/SecurityManager.hpp>
#include <xercesc/util/XMLUni.hpp>

#include <atomic>

namespace truc::xml {
namespace {

/// A reader of one thread for one pool. It holds the pool, so that neither outlives what it needs.
struct thread_reader {
    std::shared_ptr<const schema_pool> pool;
    std::unique_ptr<xercesc::SecurityManager> security;
    std::unique_ptr<xercesc::SAX2XMLReader> reader;
};

thread_reader make_reader(std::shared_ptr<const schema_pool> pool) {
    using xercesc::XMLUni;
    auto security = std::make_unique<xercesc::SecurityManager>();
    security->setEntityExpansionLimit(100);
    std::unique_ptr<xercesc::SAX2XMLReader> reader(
        xercesc::XMLReaderFactory::createXMLReader(xercesc::XMLPlatformUtils::fgMemoryManager, pool->grammars()));
    for (const auto* on : {XMLUni::fgSAX2CoreNameSpaces, XMLUni::fgSAX2CoreValidation, XMLUni::fgXercesSchema,
                           XMLUni::fgXercesUseCachedGrammarInParse, XMLUni::fgXercesDisableDefaultEntityResolution})
        reader->setFeature(on, true);
    for (const auto* off : {XMLUni::fgXercesDynamic, XMLUni::fgXercesLoadSchema, XMLUni::fgXercesLoadExternalDTD,
                            XMLUni::fgXercesCacheGrammarFromParse, XMLUni::fgXercesContinueAfterFatalError,
                            XMLUni::fgXercesSchemaFullChecking, XMLUni::fgXercesIdentityConstraintChecking,
                            XMLUni::fgXercesCalculateSrcOfs})
        reader->setFeature(off, false);
    reader->setProperty(XMLUni::fgXercesSecurityManager, security.get());
    return {std::move(pool), std::move(security), std::move(reader)};
}

/// The reader of this thread for that pool; readers for pools of registries that are gone are dropped on the way.
xercesc::SAX2XMLReader& reader_for(const std::shared_ptr<const schema_pool>& pool) {
    thread_local std::vector<thread_reader> readers;
    std::erase_if(readers, [](const thread_reader& r) { return r.pool->retired(); });
    for (auto& r : readers)
        if (r.pool == pool) return *r.reader;
    return *readers.emplace_back(make_reader(pool)).reader;
}

/// The handler lives for one validation; the reader must not keep pointers to it.
class attached {
  public:
    attached(xercesc::SAX2XMLReader& reader, validation_handler& handler) : reader_(reader) { set(&handler); }
    ~attached() { set(nullptr); }
    attached(const attached&) = delete;
    attached& operator=(const attached&) = delete;

  private:
    void set(validation_handler* handler) {
        reader_.setContentHandler(handler);
        reader_.setErrorHandler(handler);
        reader_.setLexicalHandler(handler);
        reader_.setEntityResolver(handler);
    }
    xercesc::SAX2XMLReader& reader_;
};

void parse(xercesc::SAX2XMLReader& reader, validation_handler& handler, std::string_view bytes) {
    const shortened_source source(bytes);
    const attached guard(reader, handler);
    try {
        reader.parse(source);
    } catch (const validation_stopped&) { // the handler knows the fault
    } catch (const xercesc::XMLException& e) {
        handler.note(errc::not_xml, trimmed(to_utf8(e.getMessage())));
    } catch (const xercesc::SAXException& e) {
        handler.note(errc::not_xml, trimmed(to_utf8(e.getMessage())));
    }
}

} // namespace

schema_registry::schema_registry(const std::filesystem::path& directory) {
    initialise();
    pool_ = std::make_shared<schema_pool>(directory);
}

schema_registry::~schema_registry() {
    if (pool_) pool_->retire();
}

result<void> schema_registry::validate(std::string_view bytes) const {
    validation_handler handler(pool_->roots());
    parse(reader_for(pool_), handler, bytes);
    if (handler.fault()) return fail(*handler.fault());
    return {};
}

} // namespace truc::xml
