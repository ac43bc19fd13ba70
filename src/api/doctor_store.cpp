// What the doctor finds in the store.
#include "doctor_store.hpp"

#include <truc/ledger/receipt.hpp>
#include <truc/store/former_logs.hpp>
#include <truc/store/integrity.hpp>

#include <fmt/format.h>

#include <random>

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

finding describe_contents(std::size_t looked_at, const std::vector<std::string>& bad) {
    if (bad.empty())
        return good("contents", {fmt::format("{} contents were read; each has its digest.", looked_at),
                                 fmt::format("Đã đọc {} nội dung; đều khớp mã băm.", looked_at)});
    return {
        "contents",
        health::bad,
        {fmt::format("{} of {} contents are damaged or missing: {} …", bad.size(), looked_at, bad.front()),
         fmt::format("{} trên {} nội dung bị hỏng hoặc mất: {} …", bad.size(), looked_at, bad.front())},
        {"They are never served. Check the disk, then take these files from a backup (content/<first two digits>/), or "
         "have the senders submit again.",
         "Nội dung này không bao giờ được trả ra. Kiểm tra đĩa, rồi lấy lại tệp từ bản sao lưu (content/<hai chữ số "
         "đầu>/), hoặc đề nghị bên gửi gửi lại."}};
}

finding nothing_lost(const std::vector<store::former_log>& ended) {
    if (ended.empty())
        return good("restored",
                    {"This node was never restored from a copy.", "Nút chưa từng khôi phục từ bản sao lưu."});
    return good("restored", {"This node was restored from a copy; no neighbour knows of anything that came after it.",
                             "Nút đã khôi phục từ bản sao lưu; không nút lân cận nào biết thêm gì sau bản đó."});
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
    std::size_t looked_at = 0;
    std::vector<std::string> bad;
    const auto look = [&](const std::vector<store::kept_content>& some) {
        for (const auto& one : some)
            if (++looked_at; !is_intact(e.s, one.sha256)) bad.push_back(one.sha256.hex());
        return !some.empty();
    };
    if (!e.deep) {
        look(store::sample_contents(e.s.store, sampled_contents, any_seed()));
        return describe_contents(looked_at, bad);
    }
    std::int64_t after = 0;
    for (auto some = store::list_contents(e.s.store, after, page); look(some);
         some = store::list_contents(e.s.store, after, page))
        after = some.back().id;
    return describe_contents(looked_at, bad);
}

finding examine_held(const examined& e) {
    const auto held = store::count_held(e.s.store);
    return judge_held(held.by_person, held.by_truc);
}

finding examine_restored(const examined& e) {
    const auto lost = store::lost_since_copy(e.s.store);
    if (lost.empty()) return nothing_lost(e.s.store.former_logs());
    std::uint64_t events = 0;
    for (const auto& l : lost) events += l.to - l.from;
    const auto& last = lost.back();
    return {
        "restored",
        health::warn,
        {fmt::format(
             "{} events came after the copy that this node was restored from, as {} knows; the log {} ends at {}.",
             events, last.neighbour, last.log, last.from),
         fmt::format("{} sự kiện đến sau bản sao đã khôi phục, theo {}; sổ {} dừng ở {}.", events, last.neighbour,
                     last.log, last.from)},
        {"What was submitted here by these events cannot come back: ask the agencies of this node to send again what "
         "they sent after the copy; neighbours offer what they had passed on by themselves.",
         "Văn bản gửi vào đây qua các sự kiện đó không lấy lại được: đề nghị các cơ quan của nút gửi lại những gì đã "
         "gửi sau bản sao; các nút lân cận tự chuyển lại phần của mình."}};
}

} // namespace truc::api
