// The node is killed while documents come in.
#include "../fields.hpp"
#include "../inbox.hpp"
#include "cast.hpp"
#include "letters.hpp"

#include <truc/base/durable.hpp>

#include <array>
#include <charconv>
#include <csignal>
#include <thread>
#include <unordered_map>

namespace truc::cli::demo {

namespace {

constexpr std::array senders = {information_department, planning_department, district, commune};
constexpr std::array receivers = {government_office, province};
constexpr std::size_t letters_each = 25;
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

/// Counts of all senders together.
struct progress {
    std::atomic<std::size_t> answered{0};
    std::atomic<std::size_t> unanswered_tries{0};
};

/// Sends until the node has answered, the same bytes each time: that is all a sender has to do.
bool post(actor& who, posted_letter& l, progress& p, std::string& gave_up) {
    const auto until = std::chrono::steady_clock::now() + patience;
    while (std::chrono::steady_clock::now() < until) {
        auto answer = who.submit(l.edxml);
        if (answer) {
            l.answer = std::move(*answer);
            ++p.answered;
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

pid_t pid_of(const network_node& n) {
    const auto text = must(read_file(n.data_dir / "trucd.pid"));
    pid_t pid = 0;
    std::from_chars(text.data(), text.data() + text.size(), pid);
    const auto name = read_file("/proc/" + std::to_string(pid) + "/comm");
    if (pid <= 1 || !name || !name->starts_with("trucd"))
        throw broken_expectation("trucd.pid names no running node; is `truc demo up` running?");
    return pid;
}

std::vector<outbox> write_letters(stage& s) {
    std::vector<outbox> all;
    for (const auto code : senders) {
        outbox o{std::string(code), {}, {}};
        auto& who = s.play(code);
        for (std::size_t i = 0; i < letters_each; ++i) {
            const auto d =
                letter(s, who, {receivers[0], receivers[1]}, "V/v báo cáo định kỳ số " + std::to_string(i + 1));
            o.letters.push_back({d.document_id(), who.sign(edxml_text(d)), {}});
        }
        all.push_back(std::move(o));
    }
    return all;
}

/// Everybody sends at once; in the middle of it the node dies.
void send_and_kill(stage& s, std::vector<outbox>& boxes, progress& p) {
    const auto& node = s.net().nodes.front();
    const auto victim = pid_of(node);
    std::vector<std::thread> threads;
    for (auto& o : boxes) threads.emplace_back(send_all, std::cref(s.net()), std::ref(o), std::ref(p));
    const auto until = std::chrono::steady_clock::now() + patience;
    while (p.answered < killed_after && std::chrono::steady_clock::now() < until)
        std::this_thread::sleep_for(std::chrono::microseconds(200));
    const auto answered = p.answered.load();
    kill(victim, SIGKILL);
    s.tell(words("kill -9 {}: the node dies with {} of {} documents answered",
                 "kill -9 {}: nút chết khi mới trả lời {} trong {} văn bản", victim, answered,
                 senders.size() * letters_each));
    for (auto& t : threads) t.join();
    for (const auto& o : boxes)
        if (!o.gave_up.empty()) throw broken_expectation(o.code + ": " + o.gave_up);
    s.expect(pid_of(node) != victim,
             words("the node was started again, process {}", "nút đã được khởi động lại, tiến trình {}", pid_of(node)),
             "the same process");
    s.expect(p.unanswered_tries > 0,
             words("{} tries had no answer; the senders repeated them with the same bytes",
                   "{} lần gửi không có trả lời; bên gửi gửi lại đúng các byte đó", p.unanswered_tries.load()),
             "no interruption");
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

/// Each receiver finds each document exactly once, with the bytes that were sent.
std::size_t compare_inbox(stage& s, std::string_view code, const std::vector<outbox>& boxes) {
    std::unordered_map<std::string, const posted_letter*> expected;
    for (const auto& o : boxes)
        for (const auto& l : o.letters) expected.emplace(text_field(l.answer, "id"), &l);
    auto& who = s.play(code);
    std::size_t received = 0;
    for (const auto& item : who.inbox("edoc")) {
        const auto found = expected.find(text_field(item, "id"));
        if (found == expected.end()) continue;
        if (must(fetch(who.connection(), item)) != found->second->edxml)
            throw broken_expectation(found->second->document_id + " arrived changed");
        must(acknowledge(who.connection(), item));
        s.note_handover();
        ++received;
        expected.erase(found); // a second one would be no longer expected, and be missed in the count
    }
    if (!expected.empty()) throw broken_expectation(expected.begin()->second->document_id + " did not arrive");
    for (const auto& item : who.inbox("edoc"))
        for (const auto& o : boxes)
            for (const auto& l : o.letters)
                if (text_field(item, "id") == text_field(l.answer, "id"))
                    throw broken_expectation(l.document_id + " arrived twice");
    return received;
}

} // namespace

void kill_and_restart(stage& s) {
    s.scene(words("The node is killed while four agencies send {} documents",
                  "Nút bị kill -9 khi bốn cơ quan đang gửi {} văn bản", senders.size() * letters_each));
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
