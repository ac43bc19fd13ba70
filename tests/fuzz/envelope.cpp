// What a neighbour writes around a document. Whatever is read as an envelope can be passed on, and says the same then.
// The same bytes are also read as a document in transit: the reader of the home node must see the same in it.
#include <truc/dsig/verifier.hpp>
#include <truc/pack/edxml.hpp>
#include <truc/pack/envelope_text.hpp>
#include <truc/xml/first_pass.hpp>

#include <cstdint>
#include <cstdlib>

namespace {

using namespace truc;

bool same(const envelope& a, const envelope& b) {
    const auto same_delivery = [](const envelope::delivery& x, const envelope::delivery& y) {
        return x.id == y.id && x.recipient == y.recipient && x.deadline == y.deadline;
    };
    return a.dispatch_id == b.dispatch_id && a.priority == b.priority && a.hops == b.hops && a.sections == b.sections &&
           a.extra == b.extra &&
           std::equal(a.deliveries.begin(), a.deliveries.end(), b.deliveries.begin(), b.deliveries.end(),
                      same_delivery);
}

void pass_on(std::string_view bytes) {
    const auto e = pack::read_envelope(bytes);
    if (!e) return;
    const auto again = pack::read_envelope(pack::write_envelope(*e));
    if (!again || !same(*e, *again)) std::abort();
}

void read_twice(std::string_view bytes) {
    xml::first_pass pass;
    if (!pass.feed(bytes) || !pass.finish()) return;
    const auto here = pack::read_in_transit(bytes);
    auto doc = xml::document::parse(bytes);
    if (!doc) {
        if (here) std::abort();
        return;
    }
    static const dsig::verifier verifier(nullptr);
    if (bytes.find("Signature") != std::string_view::npos) return; // without certificates nothing can be said
    const auto view = verifier.verify(std::move(*doc), bytes.size(), signature_policy::if_present, timestamp{});
    const auto home = view ? pack::read(*view) : result<pack::message>(fail(view.error()));
    if (here.has_value() != home.has_value()) std::abort();
    if (here && (here->from->id != home->from->id || here->document_id != home->document_id ||
                 here->subject != home->subject || here->to.size() != home->to.size()))
        std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const bool ready = (xml::initialise(), dsig::initialise(), true);
    (void)ready;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    pass_on(bytes);
    read_twice(bytes);
    return 0;
}
