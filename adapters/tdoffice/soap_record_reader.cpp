#include "soap_record.hpp"

#include <truc/base/decimal.hpp>

#include <boost/json.hpp>
#include <fmt/format.h>

namespace truc::tdoffice {

namespace {

namespace json = boost::json;

/// Reads one record member by member; what is wrong first is remembered, so that a reader need not look at each step.
class record_reader {
  public:
    record_reader(json_record record, const soap_settings& s) : record_(record), settings_(s) {}

    std::string text(std::string_view member) { return keep(record_.text(member)); }
    std::string needed(std::string_view member) {
        auto value = text(member);
        if (value.empty()) refuse(fmt::format("{} is missing", record_.name(member)));
        return value;
    }
    std::string day(std::string_view member) { return keep(day_to_edxml(text(member), record_.name(member))); }
    std::string moment(std::string_view member) { return keep(moment_to_edxml(text(member), record_.name(member))); }
    std::string code(std::string_view member) {
        const auto value = needed(member);
        return value.empty() ? value : keep(dotted_code(value, record_.name(member)));
    }
    /// A code that may be missing.
    std::string code_or_none(std::string_view member) {
        const auto value = text(member);
        return value.empty() ? value : keep(dotted_code(value, record_.name(member)));
    }
    std::vector<record_reader> list(std::string_view member) {
        std::vector<record_reader> all;
        for (const auto& one : keep(record_.list(member))) all.emplace_back(one, settings_);
        return all;
    }
    void adopt(const record_reader& part) {
        if (!fault_ && part.fault_) fault_ = part.fault_;
    }
    void refuse(std::string what) { keep(result<std::string>(fail(errc::record_invalid, std::move(what)))); }

    template <class T>
    T keep(result<T> value) {
        if (value) return *std::move(value);
        if (!fault_) fault_ = std::move(value.error());
        return T();
    }
    const json_record& record() const { return record_; }
    const std::optional<error>& fault() const { return fault_; }

  private:
    json_record record_;
    const soap_settings& settings_;
    std::optional<error> fault_;
};

/// Which of our agencies it is from; one that is not named is the only one that this system serves.
pack::edxml_party our_agency(record_reader& r, std::string_view member, const adapter::adapter_context& context) {
    const auto written = r.code_or_none(member);
    const auto* agency =
        written.empty() && context.agencies.size() == 1 ? &context.agencies.front() : context.agency(written);
    pack::edxml_party party;
    if (agency) {
        party.code = agency->code;
        party.name = agency->name;
    } else if (!r.fault()) {
        r.refuse(fmt::format("{} '{}' is none of the agencies that are served here", r.record().name(member), written));
    }
    return party;
}

/// Number and notation, from their own members or from "315/UBND-VP".
void read_number(record_reader& r, pack::edxml_document& d) {
    d.number = r.text("SoVanBan");
    d.notation = r.text("KyHieu");
    const auto both = r.text("SoKyHieu");
    const auto slash = both.find('/');
    if (d.number.empty()) d.number = both.substr(0, slash);
    if (d.notation.empty() && slash != std::string::npos) d.notation = both.substr(slash + 1);
    if (d.number.empty() && d.notation.empty()) r.refuse(fmt::format("{} is missing", r.record().name("SoVanBan")));
}

std::vector<pack::edxml_party> read_recipients(record_reader& r) {
    std::vector<pack::edxml_party> all;
    for (auto& one : r.list("NoiNhan")) {
        pack::edxml_party party;
        party.code = one.code("MaDonVi");
        party.name = one.text("TenDonVi");
        r.adopt(one);
        all.push_back(std::move(party));
    }
    if (all.empty()) r.refuse(fmt::format("{} is missing", r.record().name("NoiNhan")));
    return all;
}

std::vector<pack::reference> read_references(record_reader& r) {
    std::vector<pack::reference> all;
    for (auto& one : r.list("VanBanLienQuan")) {
        pack::reference about;
        about.organ_id = one.code_or_none("MaDonVi");
        about.code = one.text("SoKyHieu");
        about.promulgation_date = one.day("NgayBanHanh");
        about.document_id = one.text("MaVanBan");
        r.adopt(one);
        all.push_back(std::move(about));
    }
    return all;
}

std::vector<attachment_record> read_attachments(record_reader& r) {
    std::vector<attachment_record> all;
    for (auto& one : r.list("TepDinhKem")) {
        attachment_record a;
        a.id = one.text("Id");
        a.name = one.needed("TenTep");
        a.content_type = one.text("LoaiTep");
        a.description = one.text("MoTa");
        a.content = one.text("NoiDung");
        const auto size = one.text("KichThuoc");
        a.size = parse_decimal<std::size_t>(size);
        if (!size.empty() && !a.size)
            one.refuse(fmt::format("{} '{}' is no size", one.record().name("KichThuoc"), size));
        if (a.id.empty() && a.content.empty()) one.refuse(fmt::format("{} is missing", one.record().name("Id")));
        r.adopt(one);
        all.push_back(std::move(a));
    }
    return all;
}

/// A value of a member that has a default in edXML.
void read_or_keep(record_reader& r, std::string_view member, std::string& into) {
    if (auto value = r.text(member); !value.empty()) into = std::move(value);
}

void read_business(record_reader& r, pack::edxml_document& d) {
    const auto type = r.text("NghiepVu");
    if (type.size() == 1 && type >= "0" && type <= "3")
        d.business = static_cast<business_type>(type.front() - '0');
    else if (!type.empty())
        r.refuse(fmt::format("{} '{}' is not 0, 1, 2 or 3", r.record().name("NghiepVu"), type));
    d.business_reason = r.text("LyDo");
    read_or_keep(r, "BanGiay", d.paper);
}

pack::edxml_staff read_staff(record_reader& r) {
    pack::edxml_staff staff;
    staff.department = r.text("DonViSoan");
    staff.staff = r.text("NguoiSoan");
    staff.mobile = r.text("DienThoai");
    staff.email = r.text("Email");
    return staff;
}

void read_description(record_reader& r, pack::edxml_document& d) {
    d.place = r.text("DiaDanh");
    d.promulgated = r.day("NgayBanHanh");
    read_or_keep(r, "MaLoai", d.type);
    read_or_keep(r, "ChiTietLoai", d.type_detail);
    read_or_keep(r, "TenLoai", d.type_name);
    d.subject = r.needed("TrichYeu");
    d.content = r.text("NoiDung");
    d.signer = {r.text("QuyenHan"), r.text("ChucVu"), r.text("NguoiKy")};
    d.due_date = r.day("HanXuLy");
    d.sphere = r.text("LinhVuc");
    d.typer_notation = r.text("NguoiDanhMay");
    d.promulgation_amount = r.text("SoBan");
    d.page_amount = r.text("SoTrang");
    d.steering_type = r.text("ChiDao");
    if (auto others = r.text("NoiNhanKhac"); !others.empty()) d.to_places.push_back(std::move(others));
    if (auto appendix = r.text("PhuLuc"); !appendix.empty()) d.appendixes.push_back(std::move(appendix));
}

result<json_record> record_of(const json::value& data, const soap_settings& s) {
    const auto* object = data.if_object();
    if (!object) return fail(errc::record_invalid, "the record is empty");
    return json_record(*object, s.members);
}

/// A record without the member that tells its secrecy is not known to be open: it stays where it is.
result<void> may_leave(const json_record& record, const soap_settings& s) {
    if (!record.has("DoMat")) return fail(errc::record_invalid, fmt::format("{} is missing", record.name("DoMat")));
    const auto secrecy = record.text("DoMat");
    if (!secrecy) return fail(secrecy.error());
    const auto subject = record.text("TrichYeu");
    return s.words.may_leave(*secrecy, subject ? *subject : std::string());
}

} // namespace

result<outgoing_record> read_document(const json::value& data, const soap_settings& s,
                                      const adapter::adapter_context& context) {
    const auto record = record_of(data, s);
    if (!record) return fail(record.error());
    if (auto may = may_leave(*record, s); !may) return fail(may.error());

    record_reader r(*record, s);
    outgoing_record out;
    auto& d = out.document;
    d.from = our_agency(r, "MaDonViGui", context);
    d.to = read_recipients(r);
    d.document_id = r.text("MaVanBan");
    read_number(r, d);
    read_description(r, d);
    d.priority = s.words.priority_to_edxml(r.text("DoKhan"));
    d.response_for = read_references(r);
    read_business(r, d);
    d.staff = read_staff(r);
    d.sent = r.moment("NgayGui");
    out.attachments = read_attachments(r);
    if (r.fault()) return fail(*r.fault());
    return out;
}

result<pack::edxml_status> read_status(const json::value& data, const soap_settings& s,
                                       const adapter::adapter_context& context) {
    const auto record = record_of(data, s);
    if (!record) return fail(record.error());
    record_reader r(*record, s);
    pack::edxml_status status;
    status.from = our_agency(r, "MaDonVi", context);
    status.about.organ_id = r.code("MaDonViNhan");
    status.about.code = r.text("SoKyHieu");
    status.about.promulgation_date = r.day("NgayBanHanh");
    status.about.document_id = r.needed("MaVanBan");
    status.staff = read_staff(r);
    status.status_code = r.keep(s.words.status_to_edxml(r.needed("TrangThai")));
    status.description = r.text("LyDo");
    status.time = r.moment("ThoiGian");
    if (status.status_code == "02" && status.description.empty())
        r.keep(result<std::string>(fail(errc::reason_missing, "status 02")));
    if (r.fault()) return fail(*r.fault());
    return status;
}

} // namespace truc::tdoffice
