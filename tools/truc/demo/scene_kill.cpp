// The district's node is killed while documents for the commune below it are under way.
#include "../fields.hpp"
#include "../inbox.hpp"
#include "cast.hpp"
#include "letters.hpp"
#include "processes.hpp"

#include <array>
#include <csignal>
#include <mutex>
#include <set>
#include <thread>
#include <unordered_map>

namespace truc::cli::demo {

namespace {

constexpr std::string_view victim_node = "thuannam";
constexpr std::string_view node_before = "ninhthuan";
/// From above the node that dies, and its own agency.
constexpr std::array senders = {government_office, information_department, planning_department, district};
/// Both below it.
constexpr std::array receivers = {commune, commune_clinic};
constexpr std::size_t letters_each = 20;
constexpr std::size_t killed_after = 30; ///< answers
constexpr auto patience = std::chrono::seconds(60);

/// What one sender knows of one document: this is the ledger that the node's is compared with.
struct posted_letter {
    std::string document_id;
    std::string edxml;
    json::object answer; ///< empty until the node has answered
};

struct outbox {
    std::string code;
    std::vector<posted_letter> letters;
    std::string gave_up; ///< why, if it did
};

/// Of all senders together.
struct progress {
    std::atomic<std::size_t> answered{0};
    std::atomic<std::size_t> unanswered_tries{0};
    std::mutex mutex;
    std::string last_at_province; ///< Truc's id of what was accepted last at the node before the one that dies
};

/// Sends until the node has answered, the same bytes each time: that is all a sender has to do.
bool post(actor& who, posted_letter& l, progress& p, std::string& gave_up) {
    const auto until = std::chrono::steady_clock::now() + patience;
    while (std::chrono::steady_clock::now() < until) {
        auto answer = who.submit(l.edxml);
        if (answer) {
            l.answer = std::move(*answer);
            ++p.answered;
            const std::scoped_lock lock(p.mutex);
            if (who.code() == information_department) p.last_at_province = text_field(l.answer, "id");
            return true;
        }
        const auto& f = answer.error();
        if (f.code != exit_code::unreachable && !flag_field(f.problem, "retryable")) {
            gave_up = describe_failure(f);
            return false;
        }
        ++p.unanswered_tries;
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    gave_up = "no answer to " + l.document_id;
    return false;
}

void send_all(const network& n, outbox& o, progress& p) {
    try {
        actor who(n, o.code);
        for (auto& l : o.letters)
            if (!post(who, l, p, o.gave_up)) return;
    } catch (const std::exception& e) {
        o.gave_up = e.what();
    }
}

std::vector<outbox> write_letters(stage& s) {
    std::vector<outbox> all;
    for (const auto code : senders) {
        outbox o{std::string(code), {}, {}};
        auto& who = s.play(code);
        for (std::size_t i = 0; i < letters_each; ++i) {
            const auto d =
                letter(s, who, {receivers[0], receivers[1]}, "V/v báo cáo định kỳ số " + std::to_string(i + 1));
            o.letters.push_back({d.usual_document_id(), who.sign(must(pack::write_edxml(d))), {}});
        }
        all.push_back(std::move(o));
    }
    return all;
}

/// What an administrator is told of something that cannot go on.
void ask_why(stage& s, progress& p) {
    const auto accepted_before = [&p] {
        const std::scoped_lock lock(p.mutex);
        return p.last_at_province;
    }();
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(50);
    auto id = accepted_before;
    while (id == accepted_before && std::chrono::steady_clock::now() < until) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
        const std::scoped_lock lock(p.mutex);
        id = p.last_at_province;
    }
    auto administrator = s.administrator(node_before);
    const auto told = must(administrator.get_object(target("/admin/why/" + id)));
    for (const auto& i : objects_field(told, "items"))
        if (text_field(i, "recipient") == commune) s.tell("why: " + text_field(i, "text"));
}

void wait_for_restart(stage& s, pid_t victim) {
    const auto& node = s.node(victim_node);
    const auto until = std::chrono::steady_clock::now() + patience;
    pid_t now = 0;
    while ((now == 0 || now == victim) && std::chrono::steady_clock::now() < until) {
        now = pid_of(node);
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    s.expect(now != 0 && now != victim,
             words("the node was started again, process {}", "nút đã được khởi động lại, tiến trình {}", now),
             "the same process");
}

/// Everybody sends at once; in the middle of it the node dies.
void send_and_kill(stage& s, std::vector<outbox>& boxes, progress& p) {
    const auto victim = pid_to_kill(s.node(victim_node));
    std::vector<std::thread> threads;
    for (auto& o : boxes) threads.emplace_back(send_all, std::cref(s.net()), std::ref(o), std::ref(p));
    const auto until = std::chrono::steady_clock::now() + patience;
    while (p.answered < killed_after && std::chrono::steady_clock::now() < until)
        std::this_thread::sleep_for(std::chrono::microseconds(200));
    const auto answered = p.answered.load();
    kill(victim, SIGKILL);
    std::this_thread::sleep_for(std::chrono::milliseconds(30)); // until its neighbours notice
    std::string gave_up;
    try {
        s.tell(words("kill -9 {}: {} dies with {} of {} documents answered",
                     "kill -9 {}: nút {} chết khi mới trả lời {} trong {} văn bản", victim, victim_node, answered,
                     senders.size() * letters_each));
        ask_why(s, p);
    } catch (const std::exception& e) {
        gave_up = e.what(); // the threads have to be joined first
    }
    for (auto& t : threads) t.join();
    for (const auto& o : boxes)
        if (!o.gave_up.empty()) gave_up = o.code + ": " + o.gave_up;
    if (!gave_up.empty()) throw broken_expectation(gave_up);
    wait_for_restart(s, victim);
    s.achieved(words("the other nodes went on accepting; {} tries at the dead one had no answer and were repeated",
                     "các nút khác vẫn tiếp nhận; {} lần gửi tới nút chết không có trả lời và được gửi lại",
                     p.unanswered_tries.load()));
}

/// Each document is there once, under the id its sender was told.
void compare_dispatches(stage& s, const std::vector<outbox>& boxes) {
    for (const auto& o : boxes) {
        auto& who = s.play(o.code);
        for (const auto& l : o.letters) {
            const auto found =
                must(who.connection().get_list(target("/v1/documents").with("document_id", l.document_id)));
            if (found.size() != 1 || text_field(found.front(), "id") != text_field(l.answer, "id"))
                throw broken_expectation(fmt::format("{} is there {} times", l.document_id, found.size()));
            s.note_acceptance(o.code, l.answer);
        }
    }
}

using expected_letters = std::unordered_map<std::string, const posted_letter*>; ///< by Truc's id

/// Takes home what is there and expected; a second one is not expected any more.
std::size_t receive_some(stage& s, actor& who, expected_letters& expected) {
    std::size_t received = 0;
    for (const auto& item : who.inbox("edoc")) {
        const auto found = expected.find(text_field(item, "id"));
        if (found == expected.end()) continue;
        if (must(fetch(who.connection(), item)) != found->second->edxml)
            throw broken_expectation(found->second->document_id + " arrived changed");
        must(acknowledge(who.connection(), item));
        s.note_handover();
        ++received;
        expected.erase(found);
    }
    return received;
}

/// Each receiver finds each document exactly once, with the bytes that were sent.
std::size_t compare_inbox(stage& s, std::string_view code, const std::vector<outbox>& boxes) {
    expected_letters expected;
    std::set<std::string> all;
    for (const auto& o : boxes)
        for (const auto& l : o.letters)
            expected.emplace(text_field(l.answer, "id"), &l), all.insert(text_field(l.answer, "id"));
    auto& who = s.play(code);
    std::size_t received = 0;
    const auto until = std::chrono::steady_clock::now() + patience;
    while (!expected.empty()) {
        received += receive_some(s, who, expected);
        if (std::chrono::steady_clock::now() > until)
            throw broken_expectation(expected.begin()->second->document_id + " did not arrive");
        if (!expected.empty()) std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    for (const auto& item : who.inbox("edoc"))
        if (all.contains(text_field(item, "id")))
            throw broken_expectation(text_field(item, "document_id") + " arrived twice");
    return received;
}

} // namespace

void kill_and_restart(stage& s) {
    s.scene(words("Thuận Nam's node is killed while {} documents for Cà Ná are under way",
                  "Nút Thuận Nam bị kill -9 khi {} văn bản đang trên đường tới Cà Ná", senders.size() * letters_each));
    auto boxes = write_letters(s);
    progress p;
    send_and_kill(s, boxes, p);
    compare_dispatches(s, boxes);
    s.expect_equal(words("every document was answered and is there once, under the id that was answered",
                         "mọi văn bản đều được trả lời và chỉ có một bản, đúng mã đã trả lời"),
                   senders.size() * letters_each, p.answered.load());
    std::size_t received = 0;
    for (const auto code : receivers) received += compare_inbox(s, code, boxes);
    s.expect_equal(words("{} deliveries arrived, each once and unchanged: nothing lost, nothing doubled",
                         "{} lượt giao đã tới, mỗi lượt đúng một lần và nguyên vẹn: không mất, không lặp", received),
                   senders.size() * letters_each * receivers.size(), received);
}

} // namespace truc::cli::demo
