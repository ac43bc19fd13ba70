#include "soap_settings.hpp"

#include <truc/base/reachable.hpp>

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>

namespace truc::tdoffice {

namespace {

constexpr std::array<std::string_view, 10> method_names{"Login",
                                                        "LayVanBanChoGui",
                                                        "LayChiTietVanBan",
                                                        "LayTepDinhKem",
                                                        "LayTrangThaiChoGui",
                                                        "LayChiTietTrangThai",
                                                        "CapNhatKetQuaGui",
                                                        "NhanVanBanDen",
                                                        "KiemTraVanBanDen",
                                                        "CapNhatTrangThai"};
constexpr std::array<std::string_view, 23> parameter_names{
    "loginName", "pwd",      "soLuong",  "id",        "idTep",     "viTri",       "doDai",      "loai",
    "ketQua",    "maTruc",   "maDonVi",  "maLoi",     "noiDung",   "thoiGian",    "maGiaoNhan", "vanBan",
    "maVanBan",  "soKyHieu", "tenDonVi", "trangThai", "nguoiXuLy", "ngayBanHanh", "maDonViNhan"};
constexpr std::array<std::string_view, 48> member_names{
    "Id",          "Token",       "MaVanBan",    "SoVanBan",  "KyHieu",      "SoKyHieu",       "DiaDanh",
    "NgayBanHanh", "MaLoai",      "ChiTietLoai", "TenLoai",   "TrichYeu",    "NoiDung",        "NguoiKy",
    "ChucVu",      "QuyenHan",    "HanXuLy",     "DoKhan",    "DoMat",       "LinhVuc",        "NguoiDanhMay",
    "SoBan",       "SoTrang",     "PhuLuc",      "ChiDao",    "NoiNhanKhac", "NghiepVu",       "LyDo",
    "BanGiay",     "DonViSoan",   "NguoiSoan",   "DienThoai", "Email",       "NgayGui",        "MaDonViGui",
    "TenDonViGui", "MaDonViNhan", "NoiNhan",     "MaDonVi",   "TenDonVi",    "VanBanLienQuan", "TepDinhKem",
    "TenTep",      "LoaiTep",     "KichThuoc",   "MoTa",      "TrangThai",   "ThoiGian"};

bool is_path(std::string_view text) {
    return text.starts_with('/') && std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7F'; });
}

/// A name of XML and of JSON that needs no care; empty: there is no such thing.
bool is_name(std::string_view text) {
    const auto letter = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    };
    return std::ranges::all_of(text, letter) && (text.empty() || text.front() < '0' || text.front() > '9');
}

bool only_the_owner_reads(const std::filesystem::path& file) {
    struct stat s {};
    return ::stat(file.c_str(), &s) == 0 && (s.st_mode & (S_IRWXG | S_IRWXO)) == 0;
}

client::server_address nowhere() { return *client::server_address::parse("http://127.0.0.1:1"); }

} // namespace

void name_table::read(settings& parent, std::string_view key, std::span<const std::string_view> known) {
    for (const auto name : known) theirs_.emplace(name, name);
    std::map<std::string, std::string> given;
    parent.read_map(key, given);
    for (auto& [ours, theirs] : given) {
        const auto found = theirs_.find(ours);
        if (found == theirs_.end()) return parent.refuse(key, fmt::format("names among {}", fmt::join(known, ", ")));
        if (!is_name(theirs)) return parent.refuse(key, "names of letters, digits and '_'");
        found->second = std::move(theirs);
    }
}

std::string_view name_table::of(std::string_view ours) const {
    const auto found = theirs_.find(ours);
    return found == theirs_.end() ? ours : std::string_view(found->second);
}

soap_settings::soap_settings(settings& table)
    : where(nowhere()),
      results{{"accepted", "DA_GUI"}, {"refused", "LOI"}, {"handed_over", "DA_DEN"}, {"failed", "KHONG_DEN"}} {
    read_server(table);
    read_session(table);
    read_times(table);
    read_names(table);
    read_answers(table.table("answers"));
    auto codes = table.table("vocabulary");
    words.read(codes);
}

void soap_settings::read_server(settings& table) {
    std::string url;
    table.read_text("url", url, true);
    bool plain = false;
    table.read("allow_plain_http", plain);
    const auto parsed = client::server_address::parse(url);
    if (parsed && !parsed->is_local())
        where = *parsed;
    else if (!url.empty())
        table.refuse("url", "https://host[:port][/path] or http://host[:port][/path]");
    table.read_path("ca", http.authority, where.is_tls(), settings::is::file);
    table.read_path("certificate", http.certificate, false, settings::is::file);
    table.read_path("key", http.key, !http.certificate.empty(), settings::is::file);
    if (!where.is_tls() && !plain && !is_private(where.host()))
        table.refuse("url", "https://, or a server in a private network, or allow_plain_http = true");
    // A client that cannot be made would hide what is wrong, which is remembered.
    if (where.is_tls() && http.authority.empty()) where = nowhere();
    table.read_text("login_path", login_path, false, is_path, "a path");
    table.read_text("outgoing_path", outgoing_path, false, is_path, "a path");
    table.read_text("incoming_path", incoming_path, false, is_path, "a path");
}

void soap_settings::read_session(settings& table) {
    table.read_text("user", user, true);
    table.read_path("password_file", password_file, true, settings::is::file);
    if (!password_file.empty() && !only_the_owner_reads(password_file))
        table.refuse("password_file", "a file that only its owner may read (chmod 600)");
    std::string kind = "cookie";
    table.read_text(
        "session", kind, false, [](std::string_view t) { return t == "cookie" || t == "token"; },
        "\"cookie\" or \"token\"");
    token_session = kind == "token";
    table.read_text("token_parameter", token_parameter, false, is_name, "a name");
}

void soap_settings::read_times(settings& table) {
    table.read_number("answer_seconds", answer_time, 1, 3600);
    table.read_number("content_seconds", content_time, 1, 3600);
    table.read_number("settle_seconds", settle_time, 0, 600);
    table.read_number("poll_milliseconds", poll, 10, 3'600'000);
    table.read_number("login_pause_seconds", login_pause, 0, 3600);
    std::size_t piece_kilobytes = 0;
    table.read_number("piece_kilobytes", piece_kilobytes, 0, 65536);
    piece_size = piece_kilobytes * 1024;
    std::size_t answer_megabytes = 128;
    table.read_number("answer_megabytes", answer_megabytes, 1, 512);
    http.body_limit = answer_megabytes << 20;
}

void soap_settings::read_names(settings& table) {
    table.read_text("namespace", name_space, false);
    if (!name_space.ends_with('/')) name_space += '/'; // as .NET puts it between namespace and method
    soap_action = name_space;
    table.read_text("soap_action", soap_action, false);
    methods.read(table, "methods", method_names);
    for (const auto name : method_names)
        if (methods.of(name).empty() && !name.ends_with("TrangThaiChoGui"))
            table.refuse("methods", fmt::format("a name for {}", name));
    parameters.read(table, "parameters", parameter_names);
    for (const auto* name : {"loginName", "pwd", "id", "maGiaoNhan"})
        if (parameters.of(name).empty()) table.refuse("parameters", fmt::format("a name for {}", name));
    members.read(table, "members", member_names);
    auto given = results;
    table.read_map("results", given);
    for (auto& [stage, word] : given) {
        if (!results.contains(stage)) return table.refuse("results", "accepted, refused, handed_over or failed");
        results[stage] = std::move(word);
    }
}

void soap_settings::read_answers(settings table) {
    table.read_text("status", answers.status, false);
    table.read_text("data", answers.data, false);
    table.read_text("message", answers.message, false);
    table.read_list("good", answers.good);
    table.read_list("expired", answers.expired);
    table.read_list("busy", answers.busy);
    if (answers.good.empty()) table.refuse("good", "at least one word");
}

} // namespace truc::tdoffice
