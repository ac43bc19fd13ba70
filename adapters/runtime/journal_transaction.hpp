#pragma once
#include "journal.hpp"

#include <fmt/format.h>

namespace truc::adapter {

/// One transaction of the journal; rolled back unless it was committed. The journal's mutex is held.
class journal::transaction {
  public:
    transaction(journal& j, std::string_view what) : journal_(j), what_(what) { j.db_.execute("BEGIN IMMEDIATE"); }
    transaction(const transaction&) = delete;
    ~transaction() {
        if (!open_) return;
        try {
            journal_.db_.execute("ROLLBACK");
        } catch (const store::sqlite_error&) {
            // SQLite did it already, when the statement failed; and the process ends anyway.
        }
    }

    void commit() {
        if (journal_.hook_) journal_.hook_(fmt::format("before {}", what_));
        journal_.db_.execute("COMMIT");
        open_ = false;
        if (journal_.hook_) journal_.hook_(fmt::format("after {}", what_));
    }

  private:
    journal& journal_;
    std::string_view what_;
    bool open_ = true;
};

} // namespace truc::adapter
