// What the doctor finds in the store.
#include "doctor_store.hpp"

#include <truc/ledger/receipt.hpp>
#include <truc/store/former_logs.hpp>
#include <truc/store/integrity.hpp>

#include <fmt/format.h>

#include <random>
#include <set>

namespace truc::api {

namespace {

using namespace std::chrono_literals;

constexpr milliseconds usual_time = 5s;
constexpr milliseconds deep_time = 1h;
constexpr std::size_t sampled_contents = 32; ///< newest, and as many others
constexpr std::uint64_t tail_leaves = 256;   ///< newest, and as many others
constexpr std::size_t page = 500;

const both restore_advice = {
    "Stop the node, keep a copy of data_dir, and restore the last good backup (docs/operations.md).",
    "Dừng nút, giữ lại một bản data_dir, rồi khôi phục bản sao lưu tốt gần nhất (docs/operations.md)."};

finding good(std::string_view check, both found) { return {check, health::ok, std::move(found), {}}; }
finding damaged(std::string_view check, both found) { return {check, health::bad, std::move(found), restore_advice}; }

std::uint64_t any_seed() { return std::random_device()(); }

/// Names each leaf once: the newest, then others from anywhere before them.
std::vector<std::uint64_t> sampled_leaves(std::uint64_t size) {
    std::vector<std::uint64_t> leaves;
    const auto first = size > tail_leaves ? size - tail_leaves : 0;
    for (auto leaf = first; leaf < size; ++leaf) leaves.push_back(leaf);
    if (first == 0) return leaves;
    std::mt19937_64 random(any_seed());
    std::uniform_int_distribution<std::uint64_t> anywhere(0, first - 1);
    for (std::uint64_t i = 0; i < tail_leaves; ++i) leaves.push_back(anywhere(random));
    return leaves;
}

finding whole_ledger(const services& s) {
    const auto size = s.store.check_ledger(*s.exchange);
    if (!size)
        return damaged("ledger", {"The ledger does not hold: " + size.error().what + ".",
                                  "Sổ không khớp: " + size.error().what + "."});
    return good("ledger", {fmt::format("All {} events of the ledger fit their signed heads.", *size),
                           fmt::format("Cả {} sự kiện trong sổ khớp với các đầu cây đã ký.", *size)});
}

/// Bytes as they lie on the disk now; open_content() believes a file that it has seen.
bool is_intact(const services& s, const sha256_digest& digest) {
    const auto bytes = s.store.open_content(digest);
    return bytes ? sha256(bytes->view()) == digest : bytes.error().code == errc::not_found; // purged meanwhile
}

finding describe_contents(std::size_t looked_at, std::uint64_t all, const std::set<std::string>& bad) {
    const bool rest = looked_at < all;
    if (bad.empty())
        return good("contents", {fmt::format("{} of {} contents were read; each has its digest.{}", looked_at, all,
                                             rest ? " No file is missing; `--deep` reads all." : ""),
                                 fmt::format("Đã đọc {} trên {} nội dung; đều khớp mã băm.{}", looked_at, all,
                                             rest ? " Không thiếu tệp nào; `--deep` đọc tất cả." : "")});
    return {
        "contents",
        health::bad,
        {fmt::format("{} of {} contents are damaged or missing: {}", bad.size(), all, *bad.begin()),
         fmt::format("{} trên {} nội dung bị hỏng hoặc mất: {}", bad.size(), all, *bad.begin())},
        {"They are never served. Check the disk, then take these files from a backup (content/<first two digits>/), or "
         "have the senders submit again.",
         "Nội dung này không bao giờ được trả ra. Kiểm tra đĩa, rồi lấy lại tệp từ bản sao lưu (content/<hai chữ số "
         "đầu>/), hoặc đề nghị bên gửi gửi lại."}};
}

/// What the copy ends with was signed then. A node whose certificates were replaced since cannot tell.
both time_of_copy(const services& s, const store::former_log& ended) {
    const auto head = ledger::verify_head(ended.head, *s.exchange);
    if (!head) return {};
    const auto time = to_rfc3339(head->time);
    return {", which ends at " + time, ", dừng ở " + time};
}

both told_by_neighbours(const services& s) {
    both told;
    for (const auto& l : store::lost_since_copy(s.store)) {
        told.english += fmt::format(" {} events of {} came after the copy, as {} knows: it ends at {}.", l.to - l.from,
                                    l.log, l.neighbour, l.from);
        told.vietnamese += fmt::format(" {} sự kiện của sổ {} đến sau bản sao, theo {}: bản sao dừng ở {}.",
                                       l.to - l.from, l.log, l.neighbour, l.from);
    }
    if (!s.alarms) return told;
    for (const auto& a : s.alarms->list()) {
        if (a.kind != "lost_in_restore") continue;
        told.english += fmt::format(" {} has evidence of {} documents that are not here.", a.subject, a.count);
        told.vietnamese += fmt::format(" {} có bằng chứng về {} văn bản không còn ở đây.", a.subject, a.count);
    }
    return told;
}

} // namespace

finding examine_database(const examined& e) {
    const auto found = store::check_database(e.s.store, e.deep ? deep_time : usual_time);
    if (!found.fault.empty())
        return damaged("database", {"SQLite finds damage: " + found.fault, "SQLite báo hỏng: " + found.fault});
    if (!found.complete)
        return good(
            "database",
            {fmt::format("No damage was found within {} s; `--deep` checks all of it.", usual_time.count() / 1000),
             fmt::format("Chưa thấy hỏng sau {} giây; `--deep` kiểm tra toàn bộ.", usual_time.count() / 1000)});
    return good("database", {"SQLite finds the database sound.", "SQLite báo cơ sở dữ liệu nguyên vẹn."});
}

/// A receipt ties an event to the signed head by way of the hashes: each sampled one checks all three.
finding examine_ledger(const examined& e) {
    if (e.deep) return whole_ledger(e.s);
    const ledger::receipt_verifier verifier(e.s.exchange);
    const auto log = e.s.store.log().str();
    const auto leaves = sampled_leaves(e.s.store.ledger_size());
    for (const auto leaf : leaves) {
        const auto id = log + "." + std::to_string(leaf);
        const auto kept = e.s.store.find_receipt(id);
        if (!kept || !verifier.verify(kept->receipt.xml))
            return damaged("ledger", {"The event " + id + " does not fit its signed head.",
                                      "Sự kiện " + id + " không khớp đầu cây đã ký."});
    }
    return good("ledger",
                {fmt::format("{} events, the newest and some others, fit their signed heads; `--deep` checks all.",
                             leaves.size()),
                 fmt::format("{} sự kiện mới nhất và ngẫu nhiên khớp đầu cây đã ký; `--deep` kiểm tra tất cả.",
                             leaves.size())});
}

finding examine_contents(const examined& e) {
    const auto all = store::count_contents(e.s.store);
    std::set<std::int64_t> read; // one may be named twice
    std::set<std::string> bad;
    const auto look = [&](const std::vector<store::kept_content>& some) {
        for (const auto& one : some)
            if (read.insert(one.id).second && !is_intact(e.s, one.sha256)) bad.insert(one.sha256.hex());
        return !some.empty();
    };
    if (!e.deep) {
        look(store::sample_contents(e.s.store, sampled_contents, any_seed()));
        for (const auto& one : store::missing_files(e.s.store, e.u.data_dir)) bad.insert(one.sha256.hex());
        return describe_contents(read.size(), all, bad);
    }
    std::int64_t after = 0;
    for (auto some = store::list_contents(e.s.store, after, page); look(some);
         some = store::list_contents(e.s.store, after, page))
        after = some.back().id;
    return describe_contents(read.size(), all, bad);
}

finding examine_held(const examined& e) {
    const auto held = store::count_held(e.s.store);
    return judge_held(held.by_person, held.by_truc);
}

/// It stays: whether everybody has sent again what nobody else knows of, only persons can say.
finding examine_restored(const examined& e) {
    const auto ended = e.s.store.former_logs();
    if (ended.empty())
        return good("restored",
                    {"This node was never restored from a copy.", "Nút chưa từng khôi phục từ bản sao lưu."});
    const auto time = time_of_copy(e.s, ended.back());
    const auto told = told_by_neighbours(e.s);
    const auto log = ledger::log_id{e.s.node, ended.back().epoch}.str();
    return {"restored",
            health::warn,
            {fmt::format("This node was restored from a copy of {}{}.{}", log, time.english, told.english),
             fmt::format("Nút đã khôi phục từ bản sao lưu của {}{}.{}", log, time.vietnamese, told.vietnamese)},
            {"What agencies at home here submitted after it and had not left is known to nobody: ask them to send "
             "again what they sent since; neighbours offer what they had passed on by themselves.",
             "Những gì các cơ quan của nút gửi sau thời điểm đó mà chưa chuyển đi thì không nơi nào biết: đề nghị họ "
             "gửi lại những gì đã gửi từ đó; các nút lân cận tự chuyển lại phần của mình."}};
}

} // namespace truc::api
