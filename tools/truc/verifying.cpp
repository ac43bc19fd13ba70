// verify: what a receipt, a tree head or a signed document proves, without asking any node.
#include "fields.hpp"
#include "progress.hpp"
#include "session.hpp"
#include "verbs.hpp"
#include "words.hpp"

#include <truc/base/durable.hpp>
#include <truc/dsig/verifier.hpp>
#include <truc/ledger/receipt.hpp>
#include <truc/pack/edxml.hpp>
#include <truc/trust/certificate_store.hpp>
#include <truc/xml/document.hpp>
#include <truc/xml/first_pass.hpp>

#include <fmt/ranges.h>

#include <stdexcept>

namespace truc::cli {

namespace {

using store_ptr = std::shared_ptr<const trust::certificate_store>;

/// What vouches for nodes and for agencies; either may be missing until a file needs it.
struct authorities {
    store_ptr nodes;
    store_ptr agencies;
};

outcome<store_ptr> load_store(const std::filesystem::path& file) {
    if (file.empty()) return store_ptr();
    try {
        return std::make_shared<const trust::certificate_store>(file, std::filesystem::path());
    } catch (const std::runtime_error& e) {
        return stop(usage_failure(
            words("the authority's file cannot be used: {}", "không dùng được tệp chứng thư gốc: {}", e.what())));
    }
}

outcome<authorities> load_authorities(const context& c, const verify_options& o) {
    auto nodes = c.options().authority;
    auto agencies = o.agency_authority;
    const auto n = network_of(c);
    if (!n) return stop(n.error());
    if (*n && nodes.empty()) nodes = (*n)->authority;
    if (*n && agencies.empty()) agencies = (*n)->agency_authority;
    auto for_nodes = load_store(nodes);
    if (!for_nodes) return stop(for_nodes.error());
    auto for_agencies = load_store(agencies);
    if (!for_agencies) return stop(for_agencies.error());
    return authorities{std::move(*for_nodes), std::move(*for_agencies)};
}

outcome<xml::document> parse(std::string_view bytes) {
    xml::first_pass pass;
    if (auto fed = pass.feed(bytes); !fed) return stop(fed.error());
    if (auto ended = pass.finish(); !ended) return stop(ended.error());
    auto doc = xml::document::parse(bytes);
    if (!doc) return stop(doc.error());
    return std::move(*doc);
}

outcome<json::object> verify_receipt(std::string_view bytes, const store_ptr& nodes) {
    if (!nodes)
        return stop(usage_failure(words("a receipt needs --ca FILE, the authority of the exchange's nodes",
                                        "biên nhận cần --ca TỆP, chứng thư gốc của các nút")));
    const auto held = ledger::verify_receipt(bytes, *nodes);
    if (!held) return stop(held.error());
    const auto& e = held->event;
    json::object o{{"kind", "receipt"},
                   {"event_id", e.id()},
                   {"event", to_string(e.name)},
                   {"time", to_rfc3339(e.time)},
                   {"document_id", e.document_id},
                   {"from", e.from},
                   {"to", fmt::format("{}", fmt::join(e.to, ", "))},
                   {"sha256", e.sha256 ? e.sha256->hex() : ""},
                   {"reason", e.reason},
                   {"log", held->head.log.str()},
                   {"tree_size", held->head.size},
                   {"head_time", to_rfc3339(held->head.time)},
                   {"certificate", held->signer.hex()}};
    return o;
}

outcome<json::object> verify_head(std::string_view bytes, const store_ptr& nodes) {
    if (!nodes)
        return stop(usage_failure(words("a tree head needs --ca FILE, the authority of the exchange's nodes",
                                        "đầu cây cần --ca TỆP, chứng thư gốc của các nút")));
    const auto head = ledger::verify_head(bytes, *nodes);
    if (!head) return stop(head.error());
    return json::object{{"kind", "head"},
                        {"log", head->log.str()},
                        {"tree_size", head->size},
                        {"time", to_rfc3339(head->time)},
                        {"root", head->root.hex()}};
}

outcome<json::object> verify_edxml(xml::document doc, std::string_view bytes, const store_ptr& agencies) {
    if (!agencies)
        return stop(
            usage_failure(words("a document needs --agency-ca FILE, the authority of the agencies' certificates",
                                "văn bản cần --agency-ca TỆP, chứng thư gốc của các cơ quan")));
    const auto view =
        dsig::verifier(agencies).verify(std::move(doc), bytes.size(), signature_policy::required, system_clock().now());
    if (!view) return stop(view.error());
    const auto message = pack::read(*view);
    if (!message) return stop(message.error());
    return json::object{{"kind", to_string(message->kind)},
                        {"document_id", message->document_id},
                        {"from", message->from->id.str()},
                        {"from_name", message->from->name},
                        {"subject", message->subject},
                        {"sha256", sha256(bytes).hex()},
                        {"certificate", view->signer() ? view->signer()->hex() : ""}};
}

outcome<json::object> verify_one(const std::filesystem::path& file, const authorities& known) {
    const auto bytes = read_file(file);
    if (!bytes) return stop(bytes.error());
    auto doc = parse(*bytes);
    if (!doc) return stop(doc.error());
    const auto* root = doc->root();
    if (xml::is_element(root, ledger::receipt_namespace, "Receipt")) return verify_receipt(*bytes, known.nodes);
    if (xml::is_element(root, ledger::receipt_namespace, "SignedTreeHead")) return verify_head(*bytes, known.nodes);
    if (xml::is_element(root, pack::edxml_namespace, "edXML"))
        return verify_edxml(std::move(*doc), *bytes, known.agencies);
    return stop(error(errc::layout_unknown, "Receipt, SignedTreeHead, edXML"));
}

void explain_receipt(const context& c, const json::object& o) {
    c.line(words("  {} at {}, event {}", "  {} lúc {}, sự kiện {}", text_field(o, "event"), text_field(o, "time"),
                 text_field(o, "event_id")));
    if (const auto d = text_field(o, "document_id"); !d.empty()) c.line(words("  document {}", "  văn bản {}", d));
    if (const auto from = text_field(o, "from"); !from.empty())
        c.line(words("  from {} to {}", "  từ {} tới {}", from, text_field(o, "to")));
    if (const auto digest = text_field(o, "sha256"); !digest.empty()) c.line("  SHA-256 " + digest);
    if (const auto reason = text_field(o, "reason"); !reason.empty())
        c.line(words("  reason {}", "  lý do {}", reason));
    c.line(words("  it is in the log {} of {} events that the node signed at {}",
                 "  nằm trong sổ {} gồm {} sự kiện do nút ký lúc {}", text_field(o, "log"), text_field(o, "tree_size"),
                 text_field(o, "head_time")));
}

void explain(const context& c, const json::object& o) {
    const auto kind = text_field(o, "kind");
    if (kind == "receipt") return explain_receipt(c, o);
    if (kind == "head")
        return c.line(words("  the log {} had {} events at {}, root {}", "  sổ {} có {} sự kiện lúc {}, gốc {}",
                            text_field(o, "log"), text_field(o, "tree_size"), text_field(o, "time"),
                            text_field(o, "root")));
    c.line(words("  signed by the holder of certificate {}", "  ký bằng chứng thư {}", text_field(o, "certificate")));
    c.line(words("  which the authority vouches for; that it belongs to {} only the directory can say",
                 "  do chứng thư gốc bảo đảm; việc nó thuộc về {} chỉ danh bạ mới xác nhận được",
                 text_field(o, "from")));
    c.line(words("  document {}", "  văn bản {}", text_field(o, "document_id")));
    c.line("  SHA-256 " + text_field(o, "sha256"));
}

} // namespace

outcome<exit_code> verify(const context& c, const verify_options& o) {
    const auto known = load_authorities(c, o);
    if (!known) return stop(known.error());
    auto end = exit_code::done;
    progress_bar bar(c, words("verifying", "đang kiểm tra"));
    std::size_t verified = 0;
    for (const auto& file : o.files) {
        bar.show(verified++, o.files.size());
        auto held = verify_one(file, *known);
        if (held) {
            (*held)["file"] = file.string();
            (*held)["valid"] = true;
            c.object(*held);
            c.line(words("{}: holds", "{}: đúng", file.string()));
            if (!c.options().json) explain(c, *held);
            continue;
        }
        auto& f = held.error();
        f.problem["file"] = file.string();
        f.problem["valid"] = false;
        c.line(words("{}: does NOT hold", "{}: KHÔNG đúng", file.string()));
        c.complain(f);
        end = std::max(end, f.code);
    }
    return end;
}

} // namespace truc::cli
