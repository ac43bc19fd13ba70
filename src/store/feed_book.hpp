#pragma once
/// The feeds inside the writer's transaction: evidence appended for its readers. Positions rise over all readers, so
/// that an agency with several codes reads one order. Writer's thread only.

#include <truc/store/sqlite.hpp>

namespace truc::store {

class feed_book {
  public:
    explicit feed_book(connection& db);

    void append_leaf(std::string_view reader, std::uint64_t leaf);
    void append_evidence(std::string_view reader, std::int64_t row);

    /// A savepoint in memory, beside the one in the database.
    std::int64_t here() const { return next_; }
    void back_to(std::int64_t mark) { next_ = mark; }

    /// Writes down where the next group goes on.
    void close();
    /// The group was rolled back or committed.
    void rolled_back() { next_ = committed_; }
    void committed() { committed_ = next_; }

  private:
    connection& db_;
    std::int64_t committed_ = 0;
    std::int64_t next_ = 0;
};

} // namespace truc::store
