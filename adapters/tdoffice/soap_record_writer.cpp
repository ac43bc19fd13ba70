#include "soap_record.hpp"

#include <truc/base/bytes.hpp>

#include <boost/json.hpp>
#include <fmt/format.h>

namespace truc::tdoffice {

namespace {

namespace json = boost::json;

/// Puts members by our names of them; those that the installation does not have are left out.
class record_writer {
  public:
    explicit record_writer(const soap_settings& s) : settings_(s) {}

    record_writer& put(std::string_view member, json::value value) {
        if (const auto name = settings_.members.of(member); !name.empty()) object_.emplace(name, std::move(value));
        return *this;
    }
    record_writer& text(std::string_view member, std::string_view value) { return put(member, json::value(value)); }
    record_writer& code(std::string_view member, std::string_view value) {
        return text(member, settings_.words.code_to_legacy(value));
    }
    record_writer& day(std::string_view member, std::string_view value) { return text(member, day_to_legacy(value)); }
    json::object take() { return std::move(object_); }

  private:
    const soap_settings& settings_;
    json::object object_;
};

std::string joined(const std::string& number, const std::string& notation) {
    return notation.empty() ? number : number + "/" + notation;
}

std::string lines(const std::vector<std::string>& texts) { return fmt::format("{}", fmt::join(texts, "\n")); }

json::array recipients(const pack::edxml_document& d, const soap_settings& s) {
    json::array all;
    for (const auto& to : d.to) {
        record_writer one(s);
        one.code("MaDonVi", to.code).text("TenDonVi", to.name);
        all.emplace_back(one.take());
    }
    return all;
}

json::array references(const pack::edxml_document& d, const soap_settings& s) {
    json::array all;
    for (const auto& about : d.response_for) {
        record_writer one(s);
        one.code("MaDonVi", about.organ_id).text("SoKyHieu", about.code);
        one.day("NgayBanHanh", about.promulgation_date).text("MaVanBan", about.document_id);
        all.emplace_back(one.take());
    }
    return all;
}

json::array attachments(const pack::edxml_document& d, const soap_settings& s) {
    json::array all;
    for (const auto& a : d.attachments) {
        record_writer one(s);
        one.text("TenTep", a.name).text("LoaiTep", a.content_type).text("MoTa", a.description);
        one.text("KichThuoc", std::to_string(a.bytes.size())).text("NoiDung", to_base64(a.bytes));
        all.emplace_back(one.take());
    }
    return all;
}

void put_description(record_writer& r, const pack::edxml_document& d) {
    r.text("SoVanBan", d.number).text("KyHieu", d.notation).text("SoKyHieu", joined(d.number, d.notation));
    r.text("DiaDanh", d.place).day("NgayBanHanh", d.promulgated);
    r.text("MaLoai", d.type).text("ChiTietLoai", d.type_detail).text("TenLoai", d.type_name);
    r.text("TrichYeu", d.subject).text("NoiDung", d.content);
    r.text("QuyenHan", d.signer.competence).text("ChucVu", d.signer.position).text("NguoiKy", d.signer.full_name);
    r.day("HanXuLy", d.due_date).text("LinhVuc", d.sphere).text("NguoiDanhMay", d.typer_notation);
    r.text("SoBan", d.promulgation_amount).text("SoTrang", d.page_amount).text("ChiDao", d.steering_type);
    r.text("NoiNhanKhac", lines(d.to_places)).text("PhuLuc", lines(d.appendixes));
}

void put_staff(record_writer& r, const pack::edxml_staff& staff) {
    r.text("DonViSoan", staff.department).text("NguoiSoan", staff.staff);
    r.text("DienThoai", staff.mobile).text("Email", staff.email);
}

} // namespace

std::string write_document(const pack::edxml_document& d, const adapter::incoming_item& item, const soap_settings& s) {
    record_writer r(s);
    r.text("MaVanBan", item.document_id);
    r.code("MaDonViGui", d.from.code).text("TenDonViGui", d.from.name);
    r.code("MaDonViNhan", item.to).put("NoiNhan", recipients(d, s));
    put_description(r, d);
    r.text("DoKhan", s.words.priority_to_legacy(d.priority)).text("DoMat", s.words.not_secret.front());
    r.put("VanBanLienQuan", references(d, s));
    r.text("NghiepVu", std::to_string(static_cast<int>(d.business))).text("LyDo", d.business_reason);
    r.text("BanGiay", d.paper).text("NgayGui", moment_to_legacy(d.sent));
    put_staff(r, d.staff);
    r.put("TepDinhKem", attachments(d, s));
    return json::serialize(r.take());
}

result<std::vector<soap_parameter>> write_status(const pack::edxml_status& status, const adapter::incoming_item& item,
                                                 const soap_settings& s) {
    auto word = s.words.status_to_legacy(status.status_code);
    if (!word) return fail(word.error());
    return std::vector<soap_parameter>{{"maGiaoNhan", item.delivery_id.str()},
                                       {"maVanBan", item.document_id},
                                       {"soKyHieu", status.about.code},
                                       {"ngayBanHanh", day_to_legacy(status.about.promulgation_date)},
                                       {"maDonVi", s.words.code_to_legacy(status.from.code)},
                                       {"tenDonVi", status.from.name},
                                       {"maDonViNhan", s.words.code_to_legacy(item.to)},
                                       {"trangThai", *std::move(word)},
                                       {"noiDung", status.description},
                                       {"nguoiXuLy", status.staff.staff},
                                       {"thoiGian", moment_to_legacy(status.time)}};
}

} // namespace truc::tdoffice
