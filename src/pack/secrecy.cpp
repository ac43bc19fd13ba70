#include <truc/pack/edxml_record.hpp>

#include <array>

namespace truc::pack {

/// Stands alone, in capitals and in brackets, at the head of the subject.
std::string_view secrecy_mark(std::string_view subject) {
    constexpr std::array<std::string_view, 3> marks = {"TUYỆT MẬT", "TỐI MẬT", "MẬT"};
    for (const auto& [open, close] : {std::pair('(', ')'), std::pair('[', ']')}) {
        if (!subject.starts_with(open)) continue;
        for (const auto mark : marks)
            if (const auto rest = subject.substr(1);
                rest.starts_with(mark) && rest.substr(mark.size()).starts_with(close))
                return mark;
    }
    return {};
}

} // namespace truc::pack
