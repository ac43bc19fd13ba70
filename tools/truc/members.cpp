#include "members.hpp"

#include "fields.hpp"
#include "words.hpp"

namespace truc::cli {

void show_members(const context& c, const json::object& o) {
    if (c.options().json) return c.object(o);
    table t({{words("MEMBER", "MỤC")}, {words("VALUE", "GIÁ TRỊ"), 0, true}});
    for (const auto& member : o) {
        const auto value = member.value().is_array() ? list_field(o, member.key()) : text_field(o, member.key());
        if (!value.empty()) t.add({std::string(std::string_view(member.key())), value});
    }
    c.show(t);
}

} // namespace truc::cli
