#include "base64_content.hpp"

namespace truc::api {

result<std::string_view> base64_content::piece(std::uint64_t offset, std::size_t most) {
    if (offset < head_.size()) return std::string_view(head_).substr(offset, most);
    offset -= head_.size();
    if (offset < encoded()) return encode(offset, most);
    return std::string_view(tail_).substr(offset - encoded(), most);
}

/// From the group of four in which `offset` lies, and as many whole groups as fit.
std::string_view base64_content::encode(std::uint64_t offset, std::size_t most) {
    const auto group = offset / 4, inside = offset % 4;
    const auto groups = std::max<std::uint64_t>(most / 4, 1);
    piece_ = to_base64(bytes_.view().substr(group * 3, groups * 3));
    return std::string_view(piece_).substr(inside, most);
}

} // namespace truc::api
