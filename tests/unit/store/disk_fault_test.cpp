// The crash between every two steps: a process accepts documents while its n-th request to the disk fails, or while it
// dies just before that request, for every n. Whatever it answered must be found afterwards exactly once; nothing else
// may be half there.
#include "small_store.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstring>
#include <set>
#include <sqlite3.h>
#include <unistd.h>

namespace truc {
namespace {

using test::small_store;

enum class fault_kind { error, full, death };

int countdown = 0;
fault_kind kind = fault_kind::error;

/// True when this request is the one that fails; in the last kind the process is gone. A full disk stays full.
bool fails_now() {
    --countdown;
    if (kind == fault_kind::full) return countdown <= 0;
    if (countdown != 0) return false;
    if (kind == fault_kind::death) ::_exit(99);
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

void install_counting() {
    real_vfs = sqlite3_vfs_find(nullptr);
    static sqlite3_vfs counting = *real_vfs;
    counting.zName = "counting";
    counting.szOsFile = sizeof(counted_file);
    counting.xOpen = open_counted;
    sqlite3_vfs_register(&counting, 1);
    set_disk_fault(disk_fault_now);
}

/// The bytes of document i: every third one is large enough for a content file.
std::string document(int i) { return "<d>" + std::to_string(i) + std::string(i % 3 == 0 ? 70'000 : 100, 'x') + "</d>"; }

constexpr int documents = 4;

/// The child: accepts documents one after the other and writes the number of each that was answered positively.
[[noreturn]] void live(const std::filesystem::path& directory, const small_store& keys, int pipe, int n, fault_kind k) {
    install_counting();
    try {
        store::store s({directory, "ninhthuan", keys.signer(), &system_clock(), nullptr, {}});
        countdown = n;
        kind = k;
        for (int i = 0; i < documents; ++i) {
            store::new_dispatch d;
            d.sender = "000.00.00.G22";
            d.document_id = std::to_string(i);
            d.recipients = {"000.00.12.H43"};
            d.content = s.new_spool();
            if (!d.content.append(document(i)) || !d.content.finish() || !s.link(d.content)) continue;
            std::promise<bool> answer;
            s.accept(std::move(d), [&](result<store::acceptance> a) { answer.set_value(a.has_value()); });
            const auto number = static_cast<char>(i);
            if (answer.get_future().get() && ::write(pipe, &number, 1) != 1) ::_exit(1);
        }
        if (countdown > 0) ::_exit(42); // every request was made: the sweep is at its end
        ::_exit(0);
    } catch (...) {
        ::_exit(1);
    }
}

std::set<int> read_answers(int pipe) {
    std::set<int> answered;
    char number = 0;
    while (::read(pipe, &number, 1) == 1) answered.insert(number);
    return answered;
}

/// What a reopened store must hold, whatever happened before.
void expect_whole(small_store& s, const std::set<int>& answered, int n) {
    SCOPED_TRACE("request " + std::to_string(n));
    s.open();
    ASSERT_TRUE(s->check_ledger(s.authorities()));
    EXPECT_TRUE(s->read_books().balance());
    const auto items = s->read_inbox({"000.00.12.H43"}, {}, {}, 100);
    std::multiset<std::string> ids;
    for (const auto& i : items) {
        ids.insert(i.document_id);
        const auto content = s->open_content(i.sha256);
        ASSERT_TRUE(content);
        EXPECT_EQ(content->view(), document(std::stoi(i.document_id)));
    }
    for (const int i : answered) EXPECT_EQ(ids.count(std::to_string(i)), 1u) << "document " << i << " was answered";
    for (const auto& id : ids) EXPECT_EQ(ids.count(id), 1u);
    EXPECT_EQ(s->read_books().taken_in(), items.size());
    for (const auto& r : s->read_feed({"000.00.00.G22"}, 0, 100))
        EXPECT_TRUE(ledger::verify_receipt(r.xml, s.authorities()));
}

void sweep(fault_kind k) {
    std::size_t faults = 0;
    for (int n = 1;; ++n) {
        small_store s;
        s.close();
        int pipe[2];
        ASSERT_EQ(::pipe(pipe), 0);
        const pid_t child = ::fork();
        if (child == 0) live(s.directory(), s, pipe[1], n, k);
        ::close(pipe[1]);
        const auto answered = read_answers(pipe[0]);
        ::close(pipe[0]);
        int status = 0;
        ::waitpid(child, &status, 0);
        ASSERT_TRUE(WIFEXITED(status)) << "request " << n;
        const int code = WEXITSTATUS(status);
        EXPECT_FALSE(k == fault_kind::full && code == 70) << "a full disk stopped the process at write " << n;
        ASSERT_TRUE(code == 0 || code == 42 || code == 70 || code == 99) << "request " << n << " ended with " << code;
        expect_whole(s, answered, n);
        if (code == 42) {
            EXPECT_EQ(answered.size(), static_cast<std::size_t>(documents));
            break;
        }
        ++faults;
    }
    // Fewer would mean that the faults no longer reach the disk's requests.
    EXPECT_GT(faults, 20u);
}

TEST(disk_fault, an_error_at_any_request_loses_and_doubles_nothing) { sweep(fault_kind::error); }
TEST(disk_fault, a_disk_full_from_any_write_on_is_answered_and_survived) { sweep(fault_kind::full); }
TEST(disk_fault, a_death_before_any_request_loses_and_doubles_nothing) { sweep(fault_kind::death); }

} // namespace
} // namespace truc
