#include "status_words.hpp"

#include "words.hpp"

namespace truc::cli {

std::string status_in_words(std::string_view code) {
    if (code == "01") return words("arrived", "Đã đến");
    if (code == "02") return words("refused", "Từ chối tiếp nhận");
    if (code == "03") return words("received and registered", "Đã tiếp nhận, vào sổ");
    if (code == "04") return words("assigned", "Phân công xử lý");
    if (code == "05") return words("in progress", "Đang xử lý");
    if (code == "06") return words("completed", "Hoàn thành");
    if (code == "13") return words("taken back", "Lấy lại");
    if (code == "15") return words("agreed to update or take back", "Đồng ý cập nhật, lấy lại");
    if (code == "16") return words("refused to update or take back", "Từ chối cập nhật, lấy lại");
    return {};
}

} // namespace truc::cli
