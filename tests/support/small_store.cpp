#include "small_store.hpp"

#include <truc/dsig/verifier.hpp>
#include <truc/xml/document.hpp>

namespace truc::test {

small_store::small_store(std::string node, std::shared_ptr<test_pki> pki)
    : node_(std::move(node)), pki_(std::move(pki)) {
    xml::initialise();
    dsig::initialise();
    signer_ = std::make_shared<const ledger::head_signer>(pki_->node(node_).signing_key());
    authorities_ = std::make_unique<trust::certificate_store>(pki_->node_ca(), std::filesystem::path());
    open();
}

small_store::~small_store() = default;

void small_store::open() {
    store_.reset();
    store::store::options o;
    o.directory = directory_.path();
    o.node = node_;
    o.signer = signer_;
    o.clock = &clock_;
    o.on_commit = [this](const store::commit_notice& n) {
        if (on_commit) on_commit(n);
    };
    o.way = [this](const std::string& recipient) { return way ? way(recipient) : std::string(); };
    o.stands_for = [this](const std::string& earlier, const std::string& today) {
        return earlier == today || (stands_for && stands_for(earlier, today));
    };
    store_ = std::make_unique<store::store>(std::move(o));
}

store::new_dispatch small_store::dispatch(std::string bytes, std::vector<std::string> recipients) {
    store::new_dispatch d;
    d.sender = "000.00.00.G22";
    d.document_id = "000.00.00.G22,2026/11/21,315/VPCP-TTĐT";
    d.code = "315/VPCP-TTĐT";
    d.promulgated = "2026/11/21";
    d.subject = "V/v kết nối <liên thông> & gửi nhận";
    d.signature = signature_outcome::valid;
    d.signer = sha256("certificate");
    d.client = "vpcp";
    d.recipients = std::move(recipients);
    d.time_to_deliver = std::chrono::hours(24);
    d.content = store_->new_spool();
    if (!d.content.append(bytes) || !d.content.finish() || !store_->link(d.content)) throw std::runtime_error("spool");
    return d;
}

result<store::acceptance> small_store::accept(store::new_dispatch d) {
    return wait_for<store::acceptance>([&](auto done) { store_->accept(std::move(d), std::move(done)); });
}

result<store::conclusion_record> small_store::conclude(const uuid& delivery, bool accepted, std::string recipient) {
    store::conclusion c{
        delivery, {std::move(recipient)}, accepted, accepted ? "" : "hệ thống không nhận", "http:so-tttt"};
    return wait_for<store::conclusion_record>([&](auto done) { store_->conclude(std::move(c), std::move(done)); });
}

result<store::refusal_record> small_store::refuse(store::refusal r) {
    return wait_for<store::refusal_record>([&](auto done) { store_->refuse(std::move(r), std::move(done)); });
}

} // namespace truc::test
