#include "home_check.hpp"

#include <truc/pack/edxml.hpp>

#include <fmt/format.h>

namespace truc::intake {

namespace {

tl::unexpected<error> differs(std::string what) { return fail(errc::signature_differs, std::move(what)); }

result<void> check_signer(const pack::message& m, const sha256_digest& signer, const directory::directory& directory) {
    const auto* owner = directory.find_signer(signer);
    if (!owner) return fail(errc::certificate_unknown, signer.hex());
    if (owner != directory.find_agency(m.from->id.str()))
        return fail(errc::certificate_of_other_agency, owner->code.str() + " ≠ " + m.from->written_id);
    return {};
}

} // namespace

result<pack::message> check_at_home(xml::document document, std::size_t bytes, const ledger::event& acceptance,
                                    const surroundings& around) {
    const auto view =
        around.verifier->verify(std::move(document), bytes, signature_policy::if_present, acceptance.time);
    if (!view) return differs(fmt::format("{} ({})", describe(view.error().code).name, view.error().what));
    if (acceptance.signature != view->outcome())
        return differs(fmt::format("{} instead of {}", to_string(view->outcome()),
                                   acceptance.signature ? to_string(*acceptance.signature) : "nothing"));
    auto m = pack::read(*view);
    if (!m || !view->signer()) return m;
    if (auto signer = check_signer(*m, *view->signer(), *around.directory); !signer) return fail(signer.error());
    return m;
}

} // namespace truc::intake
