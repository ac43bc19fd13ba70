#pragma once
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

namespace truc::http {

/// Bytes that were received and not used yet, contiguous. Has no memory while a connection is idle.
class input_buffer {
  public:
    std::string_view view() const { return {data_.get() + begin_, end_ - begin_}; }
    bool empty() const { return begin_ == end_; }
    bool full() const { return end_ - begin_ == capacity_; }

    void reserve(std::size_t capacity) {
        if (capacity <= capacity_) return;
        auto larger = std::make_unique_for_overwrite<char[]>(capacity);
        if (!empty()) std::memcpy(larger.get(), data_.get() + begin_, end_ - begin_);
        end_ -= std::exchange(begin_, 0);
        data_ = std::move(larger);
        capacity_ = capacity;
    }
    /// Where the next bytes go. Moves what is there, so earlier views end.
    std::span<char> room() {
        if (begin_ > 0) {
            if (!empty()) std::memmove(data_.get(), data_.get() + begin_, end_ - begin_);
            end_ -= std::exchange(begin_, 0);
        }
        return {data_.get() + end_, capacity_ - end_};
    }
    void filled(std::size_t n) { end_ += n; }
    void consume(std::size_t n) { begin_ += n; }
    /// Call it empty.
    void release() {
        data_.reset();
        capacity_ = begin_ = end_ = 0;
    }

  private:
    std::unique_ptr<char[]> data_;
    std::size_t capacity_ = 0;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
};

} // namespace truc::http
