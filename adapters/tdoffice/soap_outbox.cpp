#include "soap_outbox.hpp"

#include <truc/base/bytes.hpp>
#include <truc/base/log.hpp>

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace truc::tdoffice {

namespace {

using adapter::outgoing_report;
using adapter::waiting_item;

constexpr std::string_view document_kind = "vanban";
constexpr std::string_view status_kind = "trangthai";
constexpr std::size_t longest_id = 200;

std::string_view stage_name(outgoing_report::stage s) {
    switch (s) {
    case outgoing_report::stage::accepted:
        return "accepted";
    case outgoing_report::stage::refused:
        return "refused";
    case outgoing_report::stage::handed_over:
        return "handed_over";
    case outgoing_report::stage::failed:
        break;
    }
    return "failed";
}

/// One row of a list of what waits; nothing when nobody could name it again.
std::optional<waiting_item> waiting_row(const json_record& row, std::string_view kind) {
    const auto id = row.text("Id");
    if (!id || id->empty() || id->size() > longest_id) return std::nullopt;
    const auto label = row.text("SoKyHieu");
    return waiting_item{fmt::format("{}:{}", kind, *id), label && !label->empty() ? *label : *id};
}

std::string content_of(const boost::json::value& data, const name_table& members) {
    const auto* object = data.if_object();
    const auto* content = object ? object->if_contains(members.of("NoiDung")) : &data;
    return content ? scalar_text(*content).value_or("") : "";
}

} // namespace

struct soap_outbox::key_parts {
    std::string_view kind;
    std::string id;

    explicit key_parts(std::string_view key)
        : kind(key.substr(0, key.find(':'))), id(key.substr(std::min(kind.size() + 1, key.size()))) {}
};

soap_outbox::soap_outbox(std::shared_ptr<const soap_settings> settings, const adapter::adapter_context& context)
    : session_(std::move(settings)), context_(context) {}

soap_call soap_outbox::list_call(std::string_view method, std::size_t max) const {
    soap_call c;
    c.method = method;
    c.parameters = {{"soLuong", std::to_string(max)}};
    return c;
}

result<std::vector<waiting_item>> soap_outbox::waiting(std::string_view method, std::string_view kind,
                                                       std::size_t max) {
    std::vector<waiting_item> all;
    const auto& s = session_.settings();
    if (s.methods.of(method).empty() || max == 0) return all;
    const auto data = session_.call(list_call(method, max));
    if (!data) return fail(item_error(data.error()));
    if (data->is_null()) return all;
    const auto* rows = data->if_array();
    if (!rows) return fail(errc::legacy_refused, fmt::format("its answer cannot be understood: {}", method));

    std::vector<std::pair<priority, waiting_item>> found;
    std::set<std::string> seen; // some servers give a row once for each recipient
    for (const auto& one : *rows) {
        const auto* object = one.if_object();
        if (!object) continue;
        const json_record row(*object, s.members);
        auto item = waiting_row(row, kind);
        if (!item) {
            warn(method, "a row that cannot be named cannot be sent");
            continue;
        }
        const auto urgency = row.text("DoKhan");
        if (seen.insert(item->key).second)
            found.emplace_back(s.words.priority_to_edxml(urgency ? *urgency : ""), *std::move(item));
    }
    std::ranges::stable_sort(found, std::greater(), &std::pair<priority, waiting_item>::first);
    for (auto& [urgency, item] : found)
        if (all.size() < max) all.push_back(std::move(item));
    return all;
}

/// Documents first, but many of them leave room for statuses; and they go though statuses cannot be listed.
result<std::vector<waiting_item>> soap_outbox::list(std::size_t max) {
    auto all = waiting("LayVanBanChoGui", document_kind, max);
    if (!all) return all;
    const auto statuses = waiting("LayTrangThaiChoGui", status_kind, max);
    if (!statuses && all->empty()) return statuses;
    if (!statuses) {
        warn("LayTrangThaiChoGui", explain(statuses.error(), language::english));
        return all;
    }
    const auto room = max - std::min(statuses->size(), max / 2);
    if (all->size() > room) all->resize(room);
    for (const auto& one : *statuses)
        if (all->size() < max) all->push_back(one);
    return all;
}

void soap_outbox::warn(std::string_view method, std::string_view what) {
    if (said_.may_say(method)) spdlog::warn("{}: {}", method, what);
}

result<boost::json::value> soap_outbox::ask(const soap_call& c) {
    auto got = session_.call_about_item(c, list_call("LayVanBanChoGui", 1));
    if (!got) return fail(item_error(got.error()));
    return std::move(*got);
}

result<std::string> soap_outbox::load(const std::string& key) {
    const key_parts parts(key);
    if (parts.kind == document_kind) return load_document(parts.id);
    if (parts.kind == status_kind) return load_status(parts.id);
    return fail(errc::record_invalid, fmt::format("'{}' is no key of TD.Office", key));
}

result<std::string> soap_outbox::load_document(const std::string& id) {
    soap_call c;
    c.method = "LayChiTietVanBan";
    c.parameters = {{"id", id}};
    c.with_content = true; // some installations put the attachments into the record
    const auto data = ask(c);
    if (!data) return fail(data.error());
    auto record = read_document(*data, session_.settings(), context_);
    if (!record) return fail(record.error());
    auto room = pack::most_decoded;
    for (const auto& a : record->attachments) {
        auto fetched = fetch(id, a, room);
        if (!fetched) return fail(fetched.error());
        room -= fetched->bytes.size();
        record->document.attachments.push_back(*std::move(fetched));
    }
    return pack::write_edxml(record->document);
}

result<std::string> soap_outbox::load_status(const std::string& id) {
    soap_call c;
    c.method = "LayChiTietTrangThai";
    c.parameters = {{"id", id}};
    const auto data = ask(c);
    if (!data) return fail(data.error());
    const auto status = read_status(*data, session_.settings(), context_);
    if (!status) return fail(status.error());
    return pack::write_edxml(*status);
}

result<pack::edxml_attachment> soap_outbox::fetch(const std::string& document, const attachment_record& a,
                                                  std::size_t room) {
    auto bytes = a.content.empty() ? fetch_bytes(document, a, room) : result<std::string>(std::string());
    if (!bytes) return fail(bytes.error());
    if (!a.content.empty()) {
        auto decoded = from_base64(a.content);
        if (!decoded) return fail(errc::attachment_mismatch, fmt::format("{}: not base64", a.name));
        bytes = *std::move(decoded);
    }
    if (bytes->size() > room) return fail(errc::too_large, a.name);
    if (a.size && *a.size != bytes->size())
        return fail(errc::attachment_mismatch, fmt::format("{}: not of the size that the record says", a.name));
    pack::edxml_attachment out;
    out.name = a.name;
    out.content_type = a.content_type.empty() ? "application/octet-stream" : a.content_type;
    out.description = a.description;
    out.bytes = *std::move(bytes);
    return out;
}

/// Whole, or piece by piece until one is shorter than was asked for.
result<std::string> soap_outbox::fetch_bytes(const std::string& document, const attachment_record& a,
                                             std::size_t room) {
    const auto piece_size = session_.settings().piece_size;
    std::string bytes;
    for (;;) {
        auto piece = fetch_piece(document, a, bytes.size());
        if (!piece) return piece;
        if (piece_size == 0) return piece;
        if (piece->size() > piece_size)
            return fail(errc::attachment_mismatch, fmt::format("{}: not of the size that the record says", a.name));
        bytes += *piece;
        const bool whole = a.size && bytes.size() >= *a.size;
        if (bytes.size() > room) return fail(errc::too_large, a.name);
        if (whole || piece->size() < piece_size) return bytes;
    }
}

result<std::string> soap_outbox::fetch_piece(const std::string& document, const attachment_record& a, std::size_t at) {
    const auto& s = session_.settings();
    soap_call c;
    c.method = "LayTepDinhKem";
    c.parameters = {{"id", document}, {"idTep", a.id}};
    if (s.piece_size > 0) {
        c.parameters.push_back({"viTri", std::to_string(at)});
        c.parameters.push_back({"doDai", std::to_string(s.piece_size)});
    }
    c.with_content = true;
    const auto data = ask(c);
    if (!data) return fail(data.error());
    auto bytes = from_base64(content_of(*data, s.members));
    if (!bytes) return fail(errc::attachment_mismatch, fmt::format("{}: not base64", a.name));
    return *std::move(bytes);
}

result<void> soap_outbox::report(const outgoing_report& r) {
    const auto& s = session_.settings();
    const auto& word = s.results.at(std::string(stage_name(r.reached)));
    if (word.empty()) return {}; // this installation does not want to know
    const key_parts parts(r.key);
    soap_call c;
    c.method = "CapNhatKetQuaGui";
    c.parameters = {{"loai", std::string(parts.kind)},
                    {"id", parts.id},
                    {"ketQua", word},
                    {"maTruc", r.dispatch_id},
                    {"maDonVi", s.words.code_to_legacy(r.recipient)},
                    {"maLoi", r.code},
                    {"noiDung", r.text},
                    {"thoiGian", legacy_moment(r.at)}};
    if (const auto told = ask(c); !told) return fail(told.error());
    return {};
}

void soap_outbox::wait(std::chrono::milliseconds at_most) {
    std::unique_lock lock(mutex_);
    bell_.wait_for(lock, std::min<std::chrono::milliseconds>(at_most, session_.settings().poll),
                   [this] { return interrupted_; });
    interrupted_ = false;
}

void soap_outbox::interrupt() {
    {
        const std::scoped_lock lock(mutex_);
        interrupted_ = true;
    }
    bell_.notify_all();
}

} // namespace truc::tdoffice
