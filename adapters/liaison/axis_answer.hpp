#pragma once
#include <truc/base/result.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace truc::liaison {

/// One element of an answer's `data`: its members as texts, whatever JSON made of them. What is nested is left out.
class axis_row {
  public:
    /// Empty when absent.
    std::string_view operator[](std::string_view name) const;

    std::vector<std::pair<std::string, std::string>> members;
};

/// Reads the answer to an operation while it arrives: {"status", "ErrorCode", "ErrorDesc", "DocId", "data"}. Memory
/// stays that of one row, however long the answer is: a directory of 123,000 agencies is 20 MB. Bytes that are no UTF-8
/// are kept; who uses a text judges it. One answer each; one thread.
class answer_reader {
  public:
    using row_taker = std::function<result<void>(const axis_row&)>;
    using content_taker = std::function<result<void>(std::string_view piece)>; ///< of a `data` that is a text

    explicit answer_reader(row_taker rows, content_taker content = nullptr);
    ~answer_reader();
    answer_reader(const answer_reader&) = delete;

    /// Errors: legacy_away (no JSON of that shape, a text or a list beyond all reason), those of the takers.
    result<void> feed(std::string_view piece);
    /// Error: legacy_away (it ended in the middle).
    result<void> finish();

    // Known after finish().
    bool is_good() const; ///< status "OK" and no ErrorCode but 0
    std::string_view code() const;
    std::string_view description() const;
    std::string_view doc_id() const;

  private:
    struct state;
    std::unique_ptr<state> state_;
};

} // namespace truc::liaison
