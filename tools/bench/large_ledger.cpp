#include "large_ledger.hpp"

#include "admin_desk.hpp"
#include "broker_process.hpp"
#include "failure.hpp"
#include "filled_store.hpp"
#include "scratch.hpp"

#include <truc/directory/json_lines.hpp>
#include <truc/ledger/receipt.hpp>
#include <truc/trust/certificate_store.hpp>

#include <boost/json.hpp>
#include <fmt/format.h>

#include <fstream>
#include <random>

namespace truc::bench {

namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t recipients = 3;       ///< of most documents
constexpr std::size_t circular_to = 200;    ///< of a circular
constexpr std::size_t circular_each = 1000; ///< every so manieth document
constexpr std::size_t asked = 1000;
constexpr std::size_t asked_circular_each = 20; ///< so that the 99th percentile is one of a circular
constexpr std::size_t receipts_checked = 50;

std::string commune(std::size_t number) {
    return fmt::format("000.{:02}.{:02}.H43", number % 100 + 1, number / 100 + 30);
}

void add_communes(const network& n) {
    std::ofstream file(n.directory / "directory.jsonl", std::ios::app);
    for (std::size_t i = 0; i < circular_to; ++i) {
        directory::agency a(*agency_code::parse(commune(i)));
        a.name = fmt::format("Ủy ban nhân dân xã số {}", i);
        a.node = n.node;
        a.level = "commune";
        file << directory::to_json_line(a) << '\n';
    }
    if (!file.flush()) throw failure("cannot write the directory");
}

struct filled {
    std::vector<uuid> documents;
    std::vector<uuid> circulars;
};

/// The documents of a month.
filled fill(const network& n, std::size_t events) {
    const auto month = std::chrono::duration_cast<milliseconds>(hours(24 * 30));
    constexpr std::size_t of_most = 1 + 2 * recipients;
    constexpr std::size_t of_circular = 1 + 2 * circular_to;
    const auto documents = events * circular_each / (of_most * (circular_each - 1) + of_circular);
    const milliseconds pause = month / (documents + 1);
    store_filler filler(n, system_clock().now() - month);
    filled made;
    std::vector<std::string> communes;
    for (std::size_t i = 0; i < circular_to; ++i) communes.push_back(commune(i));
    for (std::size_t i = 0; filler.events() < events; ++i) {
        const auto agencies = n.agencies.size();
        const bool circular = i % circular_each == circular_each - 1;
        std::vector<std::string> to;
        for (std::size_t r = 1; r <= recipients; ++r) to.push_back(n.agencies[(i + r) % agencies].code);
        const auto content = fmt::format("document {}", i);
        const auto later = i < documents ? pause : milliseconds(0);
        const auto id =
            filler.add({n.agencies[i % agencies].code, circular ? communes : to, {}, priority::normal, content}, later);
        (circular ? made.circulars : made.documents).push_back(id);
    }
    filler.finish();
    return made;
}

/// Some of all, and of those that lie in inboxes.
std::vector<std::string> choose(const filled& made) {
    std::mt19937 random(1);
    const auto one_of = [&random](const std::vector<uuid>& ids, std::size_t among_last) {
        const auto from = ids.size() - std::min(ids.size(), among_last);
        return ids[std::uniform_int_distribution<std::size_t>(from, ids.size() - 1)(random)].str();
    };
    std::vector<std::string> chosen;
    for (std::size_t i = 0; i < asked; ++i) {
        const bool circular = i % asked_circular_each == 0 && !made.circulars.empty();
        const bool open = i % 2 == 0;
        const auto last = circular ? store_filler::open_documents / circular_each : store_filler::open_documents;
        chosen.push_back(one_of(circular ? made.circulars : made.documents, open ? last : SIZE_MAX));
    }
    return chosen;
}

/// That what was filled in is a ledger: receipts of some documents, by those who believe the exchange's authority
/// alone.
void check_receipts(admin_desk& desk, const network& n, const std::vector<std::string>& ids) {
    const trust::certificate_store authorities(n.ca, {});
    for (std::size_t i = 0; i < std::min(ids.size(), receipts_checked); ++i) {
        const auto listed = boost::json::parse(desk.ask("/v1/documents/" + ids[i] + "/receipts").body);
        const auto& receipts = listed.at("items").as_array();
        if (receipts.size() < 1 + recipients) throw failure("a document has lost receipts");
        for (const auto& one : receipts)
            take(ledger::verify_receipt(std::string(one.at("xml").as_string()), authorities), "a receipt");
    }
}

} // namespace

std::vector<figure> measure_large_ledger(const settings& s) {
    const scratch files(s.directory / "network");
    const auto n = make_network(s.directory / "network", s.agencies);
    add_communes(n);
    broker_process{s.trucd, n}; // makes the store
    const auto begin = steady_clock::now();
    const auto made = fill(n, s.ledger_events);
    const auto filled = std::chrono::duration<double>(steady_clock::now() - begin).count();
    const auto size = in_short(s.ledger_events);
    std::vector<figure> figures{{"ledger_fill_" + size, filled, "s"}};
    const auto ids = choose(made);
    const broker_process broker(s.trucd, n);
    admin_desk desk(n);
    const auto add = [&figures](std::vector<figure> more) { figures.insert(figures.end(), more.begin(), more.end()); };
    add(time_questions(desk, "trace_" + size, ids, "/v1/documents/", "/trace"));
    add(time_questions(desk, "why_" + size, choose(made), "/admin/why/", ""));
    add({time_question(desk, "books_" + size, "/admin/books")});
    check_receipts(desk, n, ids);
    return figures;
}

} // namespace truc::bench
