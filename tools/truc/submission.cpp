// sign, send, check: a document on its way in.
#include "evidence.hpp"
#include "fields.hpp"
#include "session.hpp"
#include "verbs.hpp"
#include "words.hpp"

#include <truc/base/durable.hpp>
#include <truc/dsig/signer.hpp>
#include <truc/trust/signing_key.hpp>

#include <stdexcept>

namespace truc::cli {

namespace {

constexpr std::string_view edxml_type = "application/xml";

void show_acceptance(const context& c, const std::filesystem::path& file, const json::object& a) {
    auto o = a;
    o["file"] = file.string();
    c.object(o);
    c.line(words("{}: accepted as {} (signature: {})", "{}: đã tiếp nhận, mã {} (chữ ký: {})", file.string(),
                 text_field(a, "id"), text_field(a, "signature")));
    table t({{words("RECIPIENT", "BÊN NHẬN")}, {words("DELIVERY", "LƯỢT GIAO")}});
    for (const auto& r : objects_field(a, "recipients")) t.add({text_field(r, "code"), text_field(r, "delivery_id")});
    c.show(t);
    for (const auto& w : array_field(a, "warnings"))
        if (w.is_string()) c.line(words("warning: {}", "lưu ý: {}", std::string_view(w.get_string())));
}

outcome<exit_code> send_one(const context& c, session& s, const std::filesystem::path& file,
                            const std::filesystem::path& receipts) {
    const auto bytes = mapped_file::open(file);
    if (!bytes) return stop(bytes.error());
    // The same bytes are recognised by the node: sending them again is always safe.
    const auto accepted = s.post(target("/v1/documents"), edxml_type, bytes->view(), true);
    if (!accepted) return stop(accepted.error());
    show_acceptance(c, file, *accepted);
    if (receipts.empty()) return exit_code::done;
    const auto saved = save_receipt(receipts, text_field(*accepted, "receipt"));
    if (!saved) return stop(saved.error());
    c.line(words("receipt: {}", "biên nhận: {}", saved->string()));
    return exit_code::done;
}

/// Where no answer came nobody may believe that the document was refused, and send another one in its place.
void tell_failure(const context& c, const std::filesystem::path& file, failure& f, std::size_t left) {
    f.problem["file"] = file.string();
    const bool answered = f.code != exit_code::unreachable;
    if (!answered) {
        f.problem["accepted"] = "unknown";
        f.problem["not_tried"] = left;
        f.problem["who"] = to_string(who::sender);
        f = advised(std::move(f), words("send the same bytes again: if they were accepted, the answer is the same id "
                                        "and receipt, and nothing is delivered twice. Do not change the document",
                                        "gửi lại đúng tệp này: nếu đã được tiếp nhận thì sẽ nhận lại cùng mã và biên "
                                        "nhận, không bị giao hai lần. Không sửa văn bản"));
    }
    c.line(answered ? words("{}: refused", "{}: bị từ chối", file.string())
                    : words("{}: no answer; it may have been accepted",
                            "{}: không có trả lời; có thể đã được tiếp nhận", file.string()));
    c.complain(f);
    if (!answered && left > 0) c.note(words("{} more files were not tried", "còn {} tệp chưa gửi", left));
}

} // namespace

outcome<exit_code> sign(const context& c, const sign_options& o) {
    const auto who = identity_of(c);
    if (!who) return stop(who.error());
    const auto edxml = read_file(o.file);
    if (!edxml) return stop(edxml.error());
    std::shared_ptr<const trust::signing_key> key;
    try {
        key = trust::signing_key::load(who->certificate, who->key);
    } catch (const std::runtime_error& e) {
        return stop(usage_failure(words("the key cannot be used: {}", "không dùng được khóa: {}", e.what())));
    }
    const auto text = dsig::sign(*edxml, *key);
    if (!text) return stop(text.error());
    if (o.output.empty()) {
        c.raw(*text);
        return exit_code::done;
    }
    if (const auto written = write_file(o.output, *text); !written) return stop(written.error());
    c.object({{"file", o.output.string()}, {"sha256", sha256(*text).hex()}, {"size", text->size()}});
    c.line(words("signed: {}", "đã ký: {}", o.output.string()));
    return exit_code::done;
}

outcome<exit_code> send(const context& c, const send_options& o) {
    auto s = connect_as_agency(c);
    if (!s) return stop(s.error());
    auto end = exit_code::done;
    for (std::size_t i = 0; i < o.files.size() && end != exit_code::unreachable; ++i) {
        auto sent = send_one(c, *s, o.files[i], o.receipts);
        if (!sent) tell_failure(c, o.files[i], sent.error(), o.files.size() - i - 1);
        end = std::max(end, sent ? *sent : sent.error().code);
    }
    return end;
}

outcome<exit_code> check(const context& c, const check_options& o) {
    auto s = connect_as_agency(c);
    if (!s) return stop(s.error());
    const auto bytes = mapped_file::open(o.file);
    if (!bytes) return stop(bytes.error());
    const auto judged = s->post(target("/v1/check"), edxml_type, bytes->view(), true);
    if (!judged) return stop(judged.error());
    c.object(*judged);
    c.line(flag_field(*judged, "repeated")
               ? words("These bytes were accepted before; sending them again changes nothing.",
                       "Văn bản này đã được tiếp nhận; gửi lại không làm thay đổi gì.")
               : words("Would be accepted (signature: {}). Nothing was stored.",
                       "Sẽ được tiếp nhận (chữ ký: {}). Chưa lưu gì cả.", text_field(*judged, "signature")));
    for (const auto& r : objects_field(*judged, "recipients")) c.line("  " + text_field(r, "code"));
    for (const auto& w : array_field(*judged, "warnings"))
        if (w.is_string()) c.line(words("warning: {}", "lưu ý: {}", std::string_view(w.get_string())));
    return exit_code::done;
}

} // namespace truc::cli
