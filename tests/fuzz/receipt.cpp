// Evidence from anybody: receipts and tree heads, read before anything about them is known to be true.
#include <truc/dsig/verifier.hpp>
#include <truc/ledger/receipt.hpp>
#include <truc/trust/certificate_store.hpp>

#include <cstdint>

namespace {

using namespace truc;

std::unique_ptr<const trust::certificate_store> authorities() {
    xml::initialise();
    dsig::initialise();
    return std::make_unique<const trust::certificate_store>(TRUC_SOURCE_DIR "/tests/fuzz/authority.pem",
                                                            std::filesystem::path());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto store = authorities();
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    (void)ledger::parse_event(text);
    (void)ledger::verify_head(text, *store);
    (void)ledger::verify_receipt(text, *store);
    return 0;
}
