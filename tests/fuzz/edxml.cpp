// A submission as intake judges it: first pass, tree, schema, signature, what routing reads, attachments. And as an
// adapter takes it apart: what was read can be written, and then reads the same.
#include <truc/dsig/verifier.hpp>
#include <truc/pack/edxml.hpp>
#include <truc/pack/edxml_record.hpp>
#include <truc/xml/first_pass.hpp>
#include <truc/xml/schema.hpp>

#include <cstdint>
#include <cstdlib>

namespace {

using namespace truc;

struct desk {
    std::shared_ptr<const trust::certificate_store> authorities;
    xml::schema_registry schemas;
    dsig::verifier verifier;

    desk()
        : authorities((xml::initialise(), dsig::initialise(),
                       std::make_shared<const trust::certificate_store>(TRUC_SOURCE_DIR "/tests/fuzz/authority.pem",
                                                                        std::filesystem::path()))),
          schemas(TRUC_SOURCE_DIR "/schemas/edxml"),
          verifier(authorities) {}

    void judge(std::string_view bytes) const {
        xml::first_pass pass;
        if (!pass.feed(bytes) || !pass.finish()) return;
        auto doc = xml::document::parse(bytes);
        if (!doc) return;
        (void)schemas.validate(bytes);
        auto view = verifier.verify(std::move(*doc), bytes.size(), signature_policy::if_present, moment());
        if (!view || !pack::read(*view)) return;
        (void)pack::decode_attachments(*view, [](std::size_t, std::string_view) { return result<void>(); });
    }

    /// When the certificates of the corpus are valid.
    static timestamp moment() { return std::chrono::sys_days(std::chrono::year(2030) / 1 / 2); }
};

std::string written(const pack::edxml_record& r) {
    const auto* d = std::get_if<pack::edxml_document>(&r);
    return d ? pack::write_edxml(*d).value() : pack::write_edxml(std::get<pack::edxml_status>(r));
}

void take_apart(std::string_view bytes) {
    const auto record = pack::read_edxml(bytes);
    if (!record) return;
    const auto text = written(*record);
    const auto again = pack::read_edxml(text);
    if (!again || written(*again) != text) std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const desk one;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    one.judge(bytes);
    take_apart(bytes);
    return 0;
}
