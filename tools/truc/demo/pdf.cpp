#include "pdf.hpp"

#include <fmt/format.h>

#include <random>
#include <vector>

namespace truc::cli::demo {

namespace {

/// Objects one after another, and where each begins.
class pdf_writer {
  public:
    void object(std::string_view content) {
        offsets_.push_back(text_.size());
        text_ += fmt::format("{} 0 obj\n{}\nendobj\n", offsets_.size(), content);
    }
    std::string finish() {
        const auto table = text_.size();
        text_ += fmt::format("xref\n0 {}\n0000000000 65535 f \n", offsets_.size() + 1);
        for (const auto offset : offsets_) text_ += fmt::format("{:010} 00000 n \n", offset);
        text_ += fmt::format("trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{}\n%%EOF\n", offsets_.size() + 1, table);
        return std::move(text_);
    }

  private:
    std::string text_ = "%PDF-1.4\n%\xE2\xE3\xCF\xD3\n";
    std::vector<std::size_t> offsets_;
};

std::string stream(std::string_view dictionary, std::string_view bytes) {
    return fmt::format("<< {} /Length {} >>\nstream\n{}\nendstream", dictionary, bytes.size(), bytes);
}

std::string noise(std::size_t size) {
    std::minstd_rand random{std::random_device{}()};
    std::string bytes(size, '\0');
    for (auto& b : bytes) b = static_cast<char>(random() >> 8);
    return bytes;
}

} // namespace

std::string make_pdf(std::string_view ascii_line, std::size_t pixels) {
    pdf_writer pdf;
    pdf.object("<< /Type /Catalog /Pages 2 0 R >>");
    pdf.object("<< /Type /Pages /Kids [3 0 R] /Count 1 >>");
    pdf.object("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
               "/Resources << /Font << /F1 5 0 R >> /XObject << /Scan 6 0 R >> >> >>");
    pdf.object(
        stream("", fmt::format("BT /F1 14 Tf 60 780 Td ({}) Tj ET q 475 0 0 600 60 120 cm /Scan Do Q", ascii_line)));
    pdf.object("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>");
    pdf.object(stream(fmt::format("/Type /XObject /Subtype /Image /Width {0} /Height {0} /ColorSpace /DeviceGray "
                                  "/BitsPerComponent 8",
                                  pixels),
                      noise(pixels * pixels)));
    return pdf.finish();
}

} // namespace truc::cli::demo
