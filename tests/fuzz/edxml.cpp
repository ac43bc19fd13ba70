// A submission as intake judges it: first pass, tree, schema, signature, what routing reads, attachments.
#include <truc/dsig/verifier.hpp>
#include <truc/pack/edxml.hpp>
#include <truc/xml/first_pass.hpp>
#include <truc/xml/schema.hpp>

#include <cstdint>

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

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const desk one;
    one.judge({reinterpret_cast<const char*>(data), size});
    return 0;
}
