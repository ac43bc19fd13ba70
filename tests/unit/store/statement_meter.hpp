#pragma once
#include <atomic>
#include <sqlite3.h>
#include <string>
#include <string_view>

namespace truc::test {

/// How much SQLite does for the statements that contain a text: steps of its machine, in all connections that are
/// opened while it lives. Has to outlive the store. One at a time.
class statement_meter {
  public:
    explicit statement_meter(std::string text) {
        text_ = std::move(text);
        steps_ = 0;
        sqlite3_auto_extension(entry());
    }
    ~statement_meter() { sqlite3_cancel_auto_extension(entry()); }
    statement_meter(const statement_meter&) = delete;
    statement_meter& operator=(const statement_meter&) = delete;

    int steps() const { return steps_; }

  private:
    static void (*entry())() { return reinterpret_cast<void (*)()>(&attach); }
    static int attach(sqlite3* db, const char**, const void*) {
        return sqlite3_trace_v2(db, SQLITE_TRACE_PROFILE, &note, nullptr);
    }
    static int note(unsigned, void*, void* what, void*) {
        auto* statement = static_cast<sqlite3_stmt*>(what);
        if (std::string_view(sqlite3_sql(statement)).find(text_) != std::string_view::npos)
            steps_ += sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_VM_STEP, 1);
        return 0;
    }

    static inline std::string text_;
    static inline std::atomic<int> steps_ = 0;
};

} // namespace truc::test
