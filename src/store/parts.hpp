#pragma once
#include "readers.hpp"
#include "writer.hpp"

namespace truc::store {

/// What a store consists of; destroyed in reverse: the writer first.
struct store::parts {
    parts(options options_, file_handle lock_)
        : o(std::move(options_)), lock(std::move(lock_)), files(o.directory / "content"), pool(database()) {}

    options o;
    file_handle lock;
    ledger::log_id log;
    content_files files;
    mutable readers pool;
    std::unique_ptr<writer> writing;

    std::filesystem::path database() const { return o.directory / "truc.db"; }
};

} // namespace truc::store
