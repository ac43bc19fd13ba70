#pragma once
/// A copy of a whole store, as store::back_up() makes it, and how it becomes a store again. Without a running node.

#include <truc/ledger/event.hpp>
#include <truc/store/administration.hpp>

#include <chrono>

namespace truc::store {

/// What `manifest.json` of a copy says: a directory with `truc.db`, `content/` and this file, which is written last.
struct backup_manifest {
    std::string node;
    std::string log; ///< of the ledger when the copy was made
    backup_record record;
    sha256_digest database; ///< of truc.db
    timestamp made_at;
    std::vector<sha256_digest> missing; ///< contents that were damaged or missing in the store: the copy lacks them
};

/// Errors: bad_backup.
result<backup_manifest> read_manifest(const std::filesystem::path& backup);

struct restored_store {
    backup_manifest copy;
    std::string log; ///< that the store continues with; its first event names the head of the copy's
    /// Contents that the copy lacks, or that are damaged there: the store lacks them, and says so whenever they are
    /// asked for. Their files can be put into `content/` later.
    std::vector<sha256_digest> missing;
};

/// Makes the copy the store of a node. Every byte of it is compared with the digests it is named by. The log that the
/// copy belongs to ends with it; the store opens a new one, of an epoch that no earlier restoring can have used, since
/// it is taken from the time. Feeds go on far behind everything that readers may have seen of the lost ones. The copy
/// itself is left as it is. `directory` must be new or empty, and no node may run in it; what a restoring that did not
/// come to its end left there is begun anew.
/// Errors: bad_backup (what does not fit, by name), bad_configuration (the directory), no_space, internal.
result<restored_store> restore(const std::filesystem::path& backup, const std::filesystem::path& directory,
                               timestamp now, const progress& told = {});

} // namespace truc::store
