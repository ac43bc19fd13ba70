#include "cast.hpp"

namespace truc::cli::demo {

namespace {

constexpr node_role provinces_node = {"ninhthuan", "province", "vpcp"};

} // namespace

std::vector<node_role> nodes(bool one_node) {
    if (one_node) return {{provinces_node.name, provinces_node.level, ""}};
    return {{"vpcp", "ministry", ""},
            provinces_node,
            {"thuannam", "district", "ninhthuan"},
            {"cana", "commune", "thuannam", false}};
}

std::vector<agency_role> agencies(bool one_node) {
    using enum trust::key_kind;
    std::vector<agency_role> all = {
        {government_office, "Văn phòng Chính phủ", "ministry", "", "vpcp", "G22", "vpcp", rsa_2048, ""},
        {ministry_of_information, "Bộ Thông tin và Truyền thông", "ministry", "", "vpcp", "G14", "bo-tttt", ec_p256,
         ""},
        {province, "UBND tỉnh Ninh Thuận", "province", "", "ninhthuan", "H43", "ubnd-ninhthuan", rsa_2048, ""},
        {information_department, "Sở Thông tin và Truyền thông", "department", province, "ninhthuan", "H43.12",
         "so-tttt", rsa_2048, ""},
        {planning_department, "Sở Kế hoạch và Đầu tư", "department", province, "ninhthuan", "H43.03", "so-khdt",
         ec_p256, ""},
        {interior_department, "Sở Nội vụ", "department", province, "ninhthuan", "H43.07", "so-noivu", ec_p256, ""},
        {labour_department, "Sở Lao động - Thương binh và Xã hội", "department", province, "ninhthuan", "", "", ec_p256,
         interior_department},
        {phan_rang, "UBND thành phố Phan Rang - Tháp Chàm", "district", province, "ninhthuan", "H43.31", "tp-phanrang",
         ec_p256, ""},
        {ninh_hai, "UBND huyện Ninh Hải", "district", province, "ninhthuan", "H43.33", "huyen-ninhhai", ec_p256, ""},
        {ninh_phuoc, "UBND huyện Ninh Phước", "district", province, "ninhthuan", "H43.34", "huyen-ninhphuoc", ec_p256,
         ""},
        {district, "UBND huyện Thuận Nam", "district", province, "thuannam", "H43.36", "huyen-thuannam", rsa_2048, ""},
        {district_office, "Phòng Văn hóa và Thông tin huyện Thuận Nam", "department", district, "thuannam", "H43.36.21",
         "phong-vhtt", ec_p256, ""},
        {commune, "UBND xã Cà Ná", "commune", district, "cana", "H43.36.05", "xa-cana", ec_p256, ""},
        {commune_clinic, "Trạm Y tế xã", "department", commune, "cana", "", "tramyte", ec_p256, ""},
    };
    if (one_node) {
        for (auto& a : all) a.node = provinces_node.name;
        return all;
    }
    const std::vector<agency_role> plugged_in = {
        {education_department, "Sở Giáo dục và Đào tạo", "department", province, "ninhthuan", "H43.05", "td-sogddt",
         ec_p256, ""},
        {health_department, "Sở Y tế", "department", province, "ninhthuan", "H43.09", "td-soyte", ec_p256, ""},
        {thuannam_office, "Văn phòng HĐND và UBND huyện Thuận Nam", "department", district, "thuannam", "H43.36.22",
         "td-thuannam", ec_p256, ""},
        {axis_gateway, "Cổng liên thông với Trục văn bản quốc gia", "department", government_office, "vpcp", "",
         "truc-quocgia", ec_p256, ""},
    };
    all.insert(all.end(), plugged_in.begin(), plugged_in.end());
    return all;
}

std::vector<adapter_role> adapters(bool one_node) {
    if (one_node) return {};
    return {{"td-sogddt", "tdoffice-folder", education_department},
            {"td-thuannam", "tdoffice-database", thuannam_office},
            {"td-soyte", "tdoffice-soap", health_department},
            {"truc-quocgia", "axis", axis_gateway}};
}

} // namespace truc::cli::demo
