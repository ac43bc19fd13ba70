#include "cast.hpp"

namespace truc::cli::demo {

const std::vector<node_role>& nodes() {
    static const std::vector<node_role> all = {{"ninhthuan", "province"}};
    return all;
}

const std::vector<agency_role>& agencies() {
    using enum trust::key_kind;
    static const std::vector<agency_role> all = {
        {government_office, "Văn phòng Chính phủ", "ministry", "", "ninhthuan", "G22", "vpcp", rsa_2048, ""},
        {province, "UBND tỉnh Ninh Thuận", "province", "", "ninhthuan", "H43", "ubnd-ninhthuan", rsa_2048, ""},
        {information_department, "Sở Thông tin và Truyền thông", "department", province, "ninhthuan", "H43.12",
         "so-tttt", rsa_2048, ""},
        {planning_department, "Sở Kế hoạch và Đầu tư", "department", province, "ninhthuan", "H43.03", "so-khdt",
         ec_p256, ""},
        {interior_department, "Sở Nội vụ", "department", province, "ninhthuan", "H43.07", "so-noivu", ec_p256, ""},
        {labour_department, "Sở Lao động - Thương binh và Xã hội", "department", province, "ninhthuan", "", "", ec_p256,
         interior_department},
        {district, "UBND huyện Thuận Nam", "district", province, "ninhthuan", "H43.36", "huyen-thuannam", rsa_2048, ""},
        {commune, "UBND xã Cà Ná", "commune", district, "ninhthuan", "H43.36.05", "xa-cana", ec_p256, ""},
    };
    return all;
}

} // namespace truc::cli::demo
