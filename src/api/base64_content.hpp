#pragma once
#include <truc/http/response.hpp>
#include <truc/store/records.hpp>

namespace truc::api {

/// A stored content as base64 between two pieces of text, encoded while it is sent: a large document is never held
/// twice. One strand at a time.
class base64_content final : public http::content {
  public:
    base64_content(std::string head, store::content bytes, std::string tail)
        : head_(std::move(head)), bytes_(std::move(bytes)), tail_(std::move(tail)) {}

    std::uint64_t size() const override { return head_.size() + encoded() + tail_.size(); }
    result<std::string_view> piece(std::uint64_t offset, std::size_t most) override;

  private:
    std::uint64_t encoded() const { return (bytes_.view().size() + 2) / 3 * 4; }
    std::string_view encode(std::uint64_t offset, std::size_t most);

    std::string head_;
    store::content bytes_;
    std::string tail_;
    std::string piece_;
};

} // namespace truc::api
