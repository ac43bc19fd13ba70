#include "backlog.hpp"

#include "admin_desk.hpp"
#include "crossroads.hpp"
#include "failure.hpp"
#include "filled_store.hpp"
#include "scratch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

namespace truc::bench {

namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t document_size = std::size_t{4} * 1024;
constexpr std::size_t rounds = 4;
constexpr std::size_t asked = 500;      ///< deliveries of the backlog
constexpr std::size_t urgent_each = 10; ///< every so manieth of them is urgent

/// They came during a day, one after the other; behind all of them one waits for the neighbour that lives. Returns some
/// of their ids.
std::vector<std::string> fill(const crossroads& place, const network& n, const std::filesystem::path& trucd,
                              std::size_t waiting, bool passed_on) {
    broker_process{trucd, n}; // makes the store
    const auto day = std::chrono::duration_cast<milliseconds>(hours(24));
    const auto pause = day / (waiting + 1);
    store_filler filler(n, system_clock().now() - day);
    std::string content(document_size, 'x');
    std::vector<std::string> ids;
    for (std::size_t i = 0; i < waiting; ++i) {
        fmt::format_to_n(content.data(), 16, "{:016}", i);
        const auto& sender = n.agencies[i % n.agencies.size()].code;
        const auto priority = i % urgent_each == 0 ? priority::urgent : priority::normal;
        const auto id =
            filler.add({sender, {place.dead_recipient(i)}, crossroads::dead, priority, content, passed_on}, pause);
        if (i % std::max<std::size_t>(1, waiting / asked) == 0) ids.push_back(id.str());
    }
    filler.add({n.agencies.front().code, {place.living_recipient(0)}, crossroads::living, priority::normal, "last"},
               pause);
    filler.finish();
    return ids;
}

/// As a node has it in the page cache that wrote it today; the other one's is there, too.
void read_once(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::vector<char> piece(std::size_t{1} << 20);
    while (in.read(piece.data(), static_cast<std::streamsize>(piece.size()))) check_interrupted();
    if (!in.eof()) throw failure("cannot read " + file.string());
}

void check(const crossing& c, std::size_t filled) {
    const auto taken_in = c.broker().check_books();
    if (taken_in != filled + c.accepted())
        throw failure(fmt::format("{} documents were accepted and {} filled in, the books count {}", c.accepted(),
                                  filled, taken_in));
}

double middle(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return (values[(values.size() - 1) / 2] + values[values.size() / 2]) / 2;
}

double in_ms(std::chrono::nanoseconds time) { return std::chrono::duration<double, std::milli>(time).count(); }

/// Both nodes run all the time, so that neither has the machine to itself; they carry in turns.
std::vector<figure> compare(crossroads& place, crossing& with, crossing& without, const settings& s) {
    const auto warm = place.make_requests(s.warming_documents(), document_size);
    double rate = 0;
    for (auto* c : {&with, &without}) {
        c->give(warm);
        rate = std::max(rate, c->carry(s.warming_time(), s.connections));
    }
    const auto time = std::chrono::nanoseconds(s.time) / 2;
    const auto seconds = std::chrono::duration<double>(time).count();
    std::vector<double> with_rates, without_rates, ratios;
    for (std::size_t i = 0; i < rounds; ++i) {
        const auto more = place.make_requests(static_cast<std::size_t>(rate * 1.4 * seconds) + 100, document_size);
        with.give(more);
        without.give(more);
        without_rates.push_back(without.carry(time, s.connections));
        with_rates.push_back(with.carry(time, s.connections));
        ratios.push_back(with_rates.back() / without_rates.back());
    }
    return {{"backlog_accept", middle(with_rates), "documents/s"},
            {"backlog_accept_without", middle(without_rates), "documents/s"},
            {"backlog_accept_ratio", middle(ratios), "ratio"}};
}

} // namespace

std::vector<figure> measure_backlog(const settings& s) {
    const scratch files(s.directory / "crossroads");
    crossroads place(s.directory / "crossroads", s.agencies);
    const auto begin = steady_clock::now();
    const auto ids = fill(place, place.first(), s.trucd, s.backlog, false);
    const auto filled = steady_clock::now() - begin;
    fill(place, place.second(), s.trucd, s.backlog, true); // as many documents, of which none waits

    crossing with(s.trucd, place, place.first());
    std::vector<figure> figures{{"backlog_fill", in_ms(filled) / 1000, "s"},
                                {"backlog_ready", in_ms(with.ready_after()), "ms"},
                                {"backlog_start", in_ms(with.await_first()), "ms"}};
    crossing without(s.trucd, place, place.second());
    without.await_first();
    for (const auto* n : {&place.first(), &place.second()}) read_once(n->data_dir / "truc.db");
    const auto add = [&figures](std::vector<figure> more) { figures.insert(figures.end(), more.begin(), more.end()); };
    add(compare(place, with, without, s));
    admin_desk desk(place.first());
    const auto size = in_short(s.backlog);
    add({time_question(desk, "queue_" + size, "/admin/queue"), time_question(desk, "shape_" + size, "/admin/shape")});
    add(time_questions(desk, "why_queued_" + size, ids, "/admin/why/", ""));
    add({{"backlog_drain", with.drain(s), "deliveries/s"}});
    add({{"backlog_rss", with.broker().memory_mib("VmHWM"), "MiB"}});
    check(with, s.backlog + 1);
    check(without, s.backlog + 1);
    return figures;
}

} // namespace truc::bench
