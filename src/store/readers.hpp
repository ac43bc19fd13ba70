#pragma once
/// Read-only connections, lent one at a time. Reads never block the writer, and never checkpoint.

#include <truc/store/sqlite.hpp>

#include <mutex>
#include <vector>

namespace truc::store {

class readers {
  public:
    explicit readers(std::filesystem::path database) : database_(std::move(database)) {}

    class lease {
      public:
        lease(readers& pool, std::unique_ptr<connection> db) : pool_(pool), db_(std::move(db)) {}
        lease(const lease&) = delete;
        ~lease() { pool_.give_back(std::move(db_)); }
        connection& operator*() const { return *db_; }
        connection* operator->() const { return db_.get(); }

      private:
        readers& pool_;
        std::unique_ptr<connection> db_;
    };

    /// Any thread. Throws sqlite_error when no connection can be opened.
    lease take() {
        {
            const std::scoped_lock lock(mutex_);
            if (!idle_.empty()) {
                auto db = std::move(idle_.back());
                idle_.pop_back();
                return lease(*this, std::move(db));
            }
        }
        return lease(*this, std::make_unique<connection>(database_, connection::mode::reader));
    }

  private:
    void give_back(std::unique_ptr<connection> db) {
        const std::scoped_lock lock(mutex_);
        idle_.push_back(std::move(db));
    }

    std::filesystem::path database_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<connection>> idle_;
};

/// Several statements that must see one state of the database.
class snapshot {
  public:
    explicit snapshot(connection& db) : db_(db) { db_.execute("BEGIN"); }
    snapshot(const snapshot&) = delete;
    ~snapshot() { sqlite3_exec(db_.get(), "COMMIT", nullptr, nullptr, nullptr); }

  private:
    connection& db_;
};

} // namespace truc::store
