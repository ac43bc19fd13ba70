#pragma once
#include "content_files.hpp"
#include "purge.hpp"
#include "readers.hpp"
#include "work_desk.hpp"

namespace truc::store {

/// What a store consists of; destroyed in reverse: the writer first.
struct store::parts {
    parts(options options_, file_handle lock_)
        : o(std::move(options_)),
          lock(std::move(lock_)),
          keep_free(o.keep_free),
          files(o.directory / "content"),
          pool(database()) {}

    options o;
    file_handle lock;
    std::atomic<std::uint64_t> keep_free; ///< bytes
    ledger::log_id log;
    content_files files;
    mutable readers pool;
    std::atomic<bool> copying{false}; ///< a copy is being made: nothing is purged
    std::mutex purging;
    purge_places places;     ///< under `purging`
    timestamp round_begun{}; ///< under `purging`
    std::unique_ptr<work_desk> writing;

    void begin();         ///< takes the store into its node's hands
    void begin_to_look(); ///< a store that no node runs: reading only
    void open_log();

    std::filesystem::path database() const { return o.directory / "truc.db"; }
};

} // namespace truc::store
