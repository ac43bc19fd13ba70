#include "schema_pool.hpp"

#include <truc/base/utf8.hpp>

#include <fmt/format.h>
#include <xercesc/framework/MemBufInputSource.hpp>
#include <xercesc/sax/SAXParseException.hpp>
#include <xercesc/sax2/SAX2XMLReader.hpp>
#include <xercesc/sax2/XMLReaderFactory.hpp>
#include <xercesc/util/XMLUni.hpp>
#include <xercesc/validators/schema/SchemaElementDecl.hpp>
#include <xercesc/validators/schema/SchemaGrammar.hpp>

#include <fstream>
#include <iterator>
#include <stdexcept>

namespace truc::xml {
namespace {

using file_names = std::set<std::string>;

std::string content_of(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::string content{std::istreambuf_iterator<char>(in), {}};
    if (!in.is_open() || in.bad()) throw std::runtime_error("cannot read schema " + file.string());
    return content;
}

std::unique_ptr<xercesc::MemBufInputSource> source_of(const std::filesystem::path& file) {
    const auto content = content_of(file);
    auto copy = std::make_unique<XMLByte[]>(content.size());
    std::copy(content.begin(), content.end(), copy.get());
    const auto name = file.filename().u16string();
    // The source adopts an array and ends it with delete[], not by Xerces' memory manager.
    return std::make_unique<xercesc::MemBufInputSource>(copy.release(), content.size(), name.c_str(), true);
}

/// Serves imports from the same directory, by bare file name, and nothing else; every fault ends the start.
class loading_handler final : public xercesc::DefaultHandler {
  public:
    loading_handler(const std::filesystem::path& directory, file_names& imported)
        : directory_(directory), imported_(imported) {}

    xercesc::InputSource* resolveEntity(const XMLCh*, const XMLCh* system_id) override {
        const auto name = std::filesystem::path(std::u16string(system_id)).filename();
        if (!std::filesystem::is_regular_file(directory_ / name))
            throw std::runtime_error("schema imports an unknown file " + to_utf8(system_id));
        imported_.insert(name.string());
        return source_of(directory_ / name).release();
    }
    void warning(const xercesc::SAXParseException& e) override { fail(e); }
    void error(const xercesc::SAXParseException& e) override { fail(e); }
    void fatalError(const xercesc::SAXParseException& e) override { fail(e); }

  private:
    [[noreturn]] static void fail(const xercesc::SAXParseException& e) {
        throw std::runtime_error(fmt::format("schema {}:{}: {}", e.getSystemId() ? to_utf8(e.getSystemId()) : "",
                                             e.getLineNumber(), to_utf8(e.getMessage())));
    }
    const std::filesystem::path& directory_;
    file_names& imported_;
};

void collect_roots(xercesc::Grammar& grammar, root_set& roots) {
    auto& schema = static_cast<xercesc::SchemaGrammar&>(grammar);
    const std::u16string ns = schema.getTargetNamespace();
    auto elements = schema.getElemEnumerator();
    while (elements.hasMoreElements()) {
        auto& element = elements.nextElement();
        if (element.getEnclosingScope() == xercesc::Grammar::TOP_LEVEL_SCOPE) roots.emplace(ns, element.getBaseName());
    }
}

file_names schemas_in(const std::filesystem::path& directory) {
    file_names names;
    for (const auto& entry : std::filesystem::directory_iterator(directory))
        if (entry.path().extension() == ".xsd") names.insert(entry.path().filename().string());
    if (names.empty()) throw std::runtime_error("no schema in " + directory.string());
    return names;
}

} // namespace

schema_pool::schema_pool(const std::filesystem::path& directory)
    : grammars_(new xercesc::XMLGrammarPoolImpl(xercesc::XMLPlatformUtils::fgMemoryManager)) {
    using xercesc::XMLUni;
    file_names imported;
    loading_handler handler(directory, imported);
    for (const auto& name : schemas_in(directory)) {
        if (imported.contains(name)) continue; // in the pool already
        std::unique_ptr<xercesc::SAX2XMLReader> loader(
            xercesc::XMLReaderFactory::createXMLReader(xercesc::XMLPlatformUtils::fgMemoryManager, grammars_.get()));
        loader->setFeature(XMLUni::fgXercesUseCachedGrammarInParse, true);
        loader->setFeature(XMLUni::fgXercesSchemaFullChecking, true);
        loader->setFeature(XMLUni::fgXercesDisableDefaultEntityResolution, true);
        loader->setEntityResolver(&handler);
        loader->setErrorHandler(&handler);
        const auto source = source_of(directory / name);
        auto* grammar = loader->loadGrammar(*source, xercesc::Grammar::SchemaGrammarType, true);
        if (!grammar) throw std::runtime_error("cannot load schema " + (directory / name).string());
        collect_roots(*grammar, roots_);
    }
    grammars_->lockPool();
}

} // namespace truc::xml
