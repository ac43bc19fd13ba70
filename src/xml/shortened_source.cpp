#include "shortened_source.hpp"

#include <xercesc/util/XMLUni.hpp>

#include <array>

namespace truc::xml {
namespace {

constexpr std::size_t longest_run = std::size_t{320} << 10; ///< bytes that are kept; pack reads texts of up to 256 KiB

enum class kind : std::uint8_t { other, space, line_end, base64 };

constexpr std::array<kind, 256> kinds = [] {
    std::array<kind, 256> k{};
    for (unsigned c = 0; c < 26; ++c) k['A' + c] = k['a' + c] = kind::base64;
    for (unsigned c = 0; c < 10; ++c) k['0' + c] = kind::base64;
    k['+'] = k['/'] = k['='] = kind::base64;
    k[' '] = k['\t'] = k['\r'] = kind::space;
    k['\n'] = kind::line_end;
    return k;
}();

class shortened_stream final : public xercesc::BinInputStream {
  public:
    explicit shortened_stream(std::string_view bytes) : rest_(bytes), size_(bytes.size()) {}

    XMLFilePos curPos() const override { return size_ - rest_.size(); }
    const XMLCh* getContentType() const override { return nullptr; }

    /// 0 means the end, so it goes on until there is something to give.
    XMLSize_t readBytes(XMLByte* const out, const XMLSize_t room) override {
        XMLSize_t given = 0;
        std::size_t at = 0;
        for (; at < rest_.size() && given < room; ++at)
            if (is_kept(rest_[at])) out[given++] = static_cast<XMLByte>(rest_[at]);
        rest_.remove_prefix(at);
        return given;
    }

  private:
    bool is_kept(char c) {
        const auto what = kinds[static_cast<unsigned char>(c)];
        if (what == kind::other) {
            run_ = 0;
            return true;
        }
        // White space does not begin a run.
        if (run_ != 0 || what == kind::base64) ++run_;
        return run_ <= longest_run || what == kind::line_end;
    }

    std::string_view rest_;
    std::size_t size_;
    std::size_t run_ = 0; ///< bytes since base64 began
};

} // namespace

shortened_source::shortened_source(std::string_view bytes) : xercesc::InputSource(u"document"), bytes_(bytes) {
    setEncoding(xercesc::XMLUni::fgUTF8EncodingString);
}

xercesc::BinInputStream* shortened_source::makeStream() const { return new shortened_stream(bytes_); }

} // namespace truc::xml
