#include "signing_desk.hpp"

#include "guarded.hpp"

#include <truc/base/log.hpp>
#include <truc/dsig/signer.hpp>
#include <truc/pack/edxml.hpp>
#include <truc/pack/edxml_record.hpp>
#include <truc/xml/first_pass.hpp>

#include <stdexcept>

namespace truc::adapter {

namespace {

result<pack::message> read(std::string_view edxml) {
    xml::first_pass look;
    if (auto good = look.feed(edxml); !good) return fail(good.error());
    if (auto good = look.finish(); !good) return fail(good.error());
    return pack::read_in_transit(edxml);
}

error expired(const std::string& agencies) {
    return error(errc::cannot_sign, "the certificate that signs for " + agencies + " is not valid now");
}

} // namespace

signing_desk::signing_desk(const std::vector<agency_signing>& agencies, const clock& c) : clock_(c), validity_(c) {
    for (const auto& a : agencies) {
        const auto code = agency_code::parse(a.code);
        if (!code) throw std::runtime_error(a.code + " cannot be the code of an agency");
        auto key = a.policy == sign_policy::never ? nullptr : trust::signing_key::load(a.certificate, a.key);
        agencies_.emplace(*code, agency{a.policy, a.statuses, std::move(key)});
    }
}

const signing_desk::agency* signing_desk::signing_for(const agency_code& code) const {
    const auto one = agencies_.find(code);
    return one == agencies_.end() || one->second.policy == sign_policy::never ? nullptr : &one->second;
}

const condition& signing_desk::validity() const {
    std::string all;
    for (const auto& [code, a] : agencies_)
        if (a.key && !a.key->is_valid(clock_.now())) all += (all.empty() ? "" : ", ") + code.str();
    if (all.empty()) {
        validity_.works();
        return validity_;
    }
    const auto text = explain(expired(all), language::english);
    if (validity_.fails(text)) spdlog::error("{}", text);
    return validity_;
}

result<prepared> signing_desk::prepare(std::string edxml) const {
    const auto m = read(edxml);
    if (!m) return fail(m.error());
    // The legacy system's own mark was looked at before; this one stands in the subject for everybody to read.
    if (const auto mark = pack::secrecy_mark(m->subject); !mark.empty())
        return fail(errc::secret_document, std::string(mark));
    const auto* a = signing_for(m->from->id);
    if (!a || (m->kind == dispatch_kind::status && !a->statuses)) return prepared{std::move(edxml), false};
    if (!a->key->is_valid(clock_.now())) {
        validity();
        return fail(expired(m->from->id.str()));
    }
    auto signed_text = dsig::sign(edxml, *a->key);
    if (signed_text) return prepared{std::move(*signed_text), true};
    const bool carries_one = signed_text.error().code == errc::signature_invalid;
    if (carries_one && a->policy == sign_policy::if_unsigned) return prepared{std::move(edxml), false};
    if (is_retryable(signed_text.error())) return fail(errc::cannot_sign, signed_text.error().what);
    return fail(signed_text.error());
}

} // namespace truc::adapter
