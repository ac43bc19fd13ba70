// An answer of TD.Office: HTTP has been taken off, everything behind it is a stranger's. Beyond staying alive: what
// comes out is UTF-8, and a record that can become a document becomes one that our own reader takes.
#include <truc/base/utf8.hpp>
#include <truc/xml/document.hpp>

#include <tdoffice/soap_envelope.hpp>
#include <tdoffice/soap_json.hpp>
#include <tdoffice/soap_record.hpp>
#include <tdoffice/soap_text.hpp>

#include <cstdint>
#include <cstdlib>

namespace {

using namespace truc;

/// Settings that nobody wrote: the defaults.
const tdoffice::soap_settings& defaults() {
    static const auto made = [] {
        auto table = settings::load(TRUC_SOURCE_DIR "/tests/fuzz/soap_answer.toml", "");
        if (!table) std::abort();
        return tdoffice::soap_settings(*table);
    }();
    return made;
}

void read_record(const boost::json::value& data) {
    static metrics_registry metrics;
    static const adapter::adapter_context context{
        "fuzz", {{"000.00.36.H43", "UBND huyện Thuận Nam"}}, {}, system_clock(), metrics};
    if (const auto record = tdoffice::read_document(data, defaults(), context)) {
        const auto bytes = pack::write_edxml(record->document);
        if (!bytes || !pack::read_edxml(*bytes)) std::abort();
    }
    if (const auto status = tdoffice::read_status(data, defaults(), context))
        if (!pack::read_edxml(pack::write_edxml(*status))) std::abort();
}

void read_json(std::string_view text) {
    const auto answer = tdoffice::read_json(text, {});
    if (!answer) return;
    if (!is_utf8(answer->message)) std::abort();
    read_record(answer->data);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    [[maybe_unused]] static const bool ready = (xml::initialise(), true);
    const std::string bytes(reinterpret_cast<const char*>(data), size);
    read_json(bytes);
    for (const auto* type : {"text/xml", "text/xml; charset=windows-1258"}) {
        const auto text = tdoffice::to_utf8(bytes, type);
        if (!text) continue;
        if (!is_utf8(*text)) std::abort();
        const auto answer = tdoffice::read_soap(*text, "http://schemas.microsoft.com/sharepoint/soap/", "M");
        if (answer && !answer->fault) read_json(answer->text);
    }
    return 0;
}
