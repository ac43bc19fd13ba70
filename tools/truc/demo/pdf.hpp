#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace truc::cli::demo {

/// A valid PDF 1.4 of one page: a line of text above a grey picture that stands for the scanned page. The picture is
/// noise, so that compressing does not make it smaller. `pixels` is its side: the file is a little larger than its
/// square.
std::string make_pdf(std::string_view ascii_line, std::size_t pixels);

} // namespace truc::cli::demo
