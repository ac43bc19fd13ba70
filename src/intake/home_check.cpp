#include "home_check.hpp"

#include "essence.hpp"

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

/// The origin let nothing in whose attachments it could not decode; what fails here only tells no copies apart.
std::optional<sha256_digest> look_for_essence(const pack::message& m, const dsig::verified_view& view,
                                              const directory::directory& directory) {
    const auto* sender = directory.find_agency(m.from->id.str());
    if (!sender) return std::nullopt;
    return essence_of(m, sender->code.str(), view).value_or(std::nullopt);
}

} // namespace

result<checked_document> check_at_home(xml::document document, std::size_t bytes, const origins_word& word,
                                       const surroundings& around) {
    const auto view =
        around.verifier->verify(std::move(document), bytes, signature_policy::if_present, word.first_accepted);
    if (!view) return differs(fmt::format("{} ({})", describe(view.error().code).name, view.error().what));
    const auto& acceptance = word.event;
    if (acceptance.signature != view->outcome())
        return differs(fmt::format("{} instead of {}", to_string(view->outcome()),
                                   acceptance.signature ? to_string(*acceptance.signature) : "nothing"));
    auto m = pack::read(*view);
    if (!m) return fail(m.error());
    if (view->signer())
        if (auto signer = check_signer(*m, *view->signer(), *around.directory); !signer) return fail(signer.error());
    auto essence = look_for_essence(*m, *view, *around.directory);
    return checked_document{*std::move(m), essence};
}

} // namespace truc::intake
