#include "faulty_disk.hpp"

#include <truc/base/durable.hpp>

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <atomic>
#include <cstring>
#include <sqlite3.h>
#include <unistd.h>

namespace truc::test {

namespace {

constexpr int every_request_was_made = 42, the_process_died = 99, the_store_stopped_it = 70;

std::atomic<int> countdown = 0;
fault_kind kind = fault_kind::error;

/// True when this request is the one that fails; in the last kind the process is gone. A full disk stays full.
bool fails_now() {
    --countdown;
    if (kind == fault_kind::full) return countdown <= 0;
    if (countdown != 0) return false;
    if (kind == fault_kind::death) ::_exit(the_process_died);
    return true;
}

int write_error() { return kind == fault_kind::full ? SQLITE_FULL : SQLITE_IOERR_WRITE; }

bool disk_fault_now(disk_operation) { return kind != fault_kind::full && fails_now(); }

/// A file of the default VFS whose writing calls are counted. SQLite asks for the object's size and fills it itself.
struct counted_file {
    sqlite3_file base;
    sqlite3_file* real;
};

sqlite3_vfs* real_vfs = nullptr;
sqlite3_file* real(sqlite3_file* f) { return reinterpret_cast<counted_file*>(f)->real; }

const sqlite3_io_methods& methods() {
    static sqlite3_io_methods m = [] {
        sqlite3_io_methods o{};
        o.iVersion = 2;
        o.xClose = [](sqlite3_file* f) {
            const int code = real(f)->pMethods ? real(f)->pMethods->xClose(real(f)) : SQLITE_OK;
            sqlite3_free(real(f));
            return code;
        };
        o.xRead = [](sqlite3_file* f, void* p, int n, sqlite3_int64 at) {
            return real(f)->pMethods->xRead(real(f), p, n, at);
        };
        o.xWrite = [](sqlite3_file* f, const void* p, int n, sqlite3_int64 at) {
            return fails_now() ? write_error() : real(f)->pMethods->xWrite(real(f), p, n, at);
        };
        o.xTruncate = [](sqlite3_file* f, sqlite3_int64 n) {
            return kind != fault_kind::full && fails_now() ? SQLITE_IOERR_TRUNCATE
                                                           : real(f)->pMethods->xTruncate(real(f), n);
        };
        o.xSync = [](sqlite3_file* f, int flags) {
            return kind != fault_kind::full && fails_now() ? SQLITE_IOERR_FSYNC
                                                           : real(f)->pMethods->xSync(real(f), flags);
        };
        o.xFileSize = [](sqlite3_file* f, sqlite3_int64* n) { return real(f)->pMethods->xFileSize(real(f), n); };
        o.xLock = [](sqlite3_file* f, int l) { return real(f)->pMethods->xLock(real(f), l); };
        o.xUnlock = [](sqlite3_file* f, int l) { return real(f)->pMethods->xUnlock(real(f), l); };
        o.xCheckReservedLock = [](sqlite3_file* f, int* out) {
            return real(f)->pMethods->xCheckReservedLock(real(f), out);
        };
        o.xFileControl = [](sqlite3_file* f, int op, void* p) {
            return real(f)->pMethods->xFileControl(real(f), op, p);
        };
        o.xSectorSize = [](sqlite3_file* f) { return real(f)->pMethods->xSectorSize(real(f)); };
        o.xDeviceCharacteristics = [](sqlite3_file* f) { return real(f)->pMethods->xDeviceCharacteristics(real(f)); };
        o.xShmMap = [](sqlite3_file* f, int page, int size, int extend, void volatile** p) {
            return real(f)->pMethods->xShmMap(real(f), page, size, extend, p);
        };
        o.xShmLock = [](sqlite3_file* f, int at, int n, int flags) {
            return real(f)->pMethods->xShmLock(real(f), at, n, flags);
        };
        o.xShmBarrier = [](sqlite3_file* f) { real(f)->pMethods->xShmBarrier(real(f)); };
        o.xShmUnmap = [](sqlite3_file* f, int del) { return real(f)->pMethods->xShmUnmap(real(f), del); };
        return o;
    }();
    return m;
}

int open_counted(sqlite3_vfs*, const char* name, sqlite3_file* f, int flags, int* out) {
    auto* counted = reinterpret_cast<counted_file*>(f);
    counted->base.pMethods = nullptr;
    counted->real = static_cast<sqlite3_file*>(sqlite3_malloc(real_vfs->szOsFile));
    std::memset(counted->real, 0, static_cast<std::size_t>(real_vfs->szOsFile));
    const int code = real_vfs->xOpen(real_vfs, name, counted->real, flags, out);
    if (code == SQLITE_OK)
        counted->base.pMethods = &methods();
    else
        sqlite3_free(counted->real);
    return code;
}

void install_faulty_disk() {
    real_vfs = sqlite3_vfs_find(nullptr);
    static sqlite3_vfs counting = *real_vfs;
    counting.zName = "counting";
    counting.szOsFile = sizeof(counted_file);
    counting.xOpen = open_counted;
    sqlite3_vfs_register(&counting, 1);
    set_disk_fault(disk_fault_now);
}

[[noreturn]] void be_child(small_store& keys, int pipe, int n, fault_kind k, const short_life& live) {
    install_faulty_disk();
    try {
        store::store s({keys.directory(), keys.node(), keys.signer(), &keys.clock(), nullptr, {}, {}, 0, {}});
        kind = k;
        countdown = n;
        live(s, [pipe](int answer) {
            const auto number = static_cast<char>(answer);
            if (::write(pipe, &number, 1) != 1) ::_exit(1);
        });
        ::_exit(countdown > 0 ? every_request_was_made : 0);
    } catch (...) {
        ::_exit(1);
    }
}

/// Gives the child's exit code, and what it answered.
int live_once(small_store& keys, int n, fault_kind k, const short_life& live, std::set<int>& answered) {
    int pipe[2];
    if (::pipe(pipe) != 0) return 1;
    const pid_t child = ::fork();
    if (child == 0) be_child(keys, pipe[1], n, k, live);
    ::close(pipe[1]);
    char number = 0;
    while (::read(pipe[0], &number, 1) == 1) answered.insert(number);
    ::close(pipe[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

/// Makes the files of one directory those of another.
void replace_files(const std::filesystem::path& from, const std::filesystem::path& to) {
    for (const auto& old : std::filesystem::directory_iterator(to)) std::filesystem::remove_all(old);
    std::filesystem::copy(from, to, std::filesystem::copy_options::recursive);
}

} // namespace

void sweep_requests(fault_kind k, std::size_t answers, const short_life& live, const judgement& judge) {
    small_store s;
    s.close();
    const temporary_directory fresh; // making a store costs more than what is tried with it
    replace_files(s.directory(), fresh.path());
    std::size_t faults = 0;
    for (int n = 1;; ++n) {
        SCOPED_TRACE("request " + std::to_string(n));
        s.close();
        replace_files(fresh.path(), s.directory());
        std::set<int> answered;
        const int code = live_once(s, n, k, live, answered);
        EXPECT_FALSE(k == fault_kind::full && code == the_store_stopped_it) << "a full disk stopped the process";
        ASSERT_TRUE(code == 0 || code == every_request_was_made || code == the_store_stopped_it ||
                    code == the_process_died)
            << code;
        s.open();
        judge(s, answered);
        if (code == every_request_was_made) {
            EXPECT_EQ(answered.size(), answers);
            break;
        }
        ++faults;
    }
    // Fewer would mean that the faults no longer reach the disk's requests.
    EXPECT_GT(faults, 20u);
}

} // namespace truc::test
