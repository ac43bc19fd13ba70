// What an administrator asks, and what goes on by itself.
#include "../fields.hpp"
#include "../inbox.hpp"
#include "../verbs.hpp"
#include "cast.hpp"
#include "day.hpp"
#include "letters.hpp"
#include "processes.hpp"
#include "waiting.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <set>

namespace truc::cli::demo {

namespace {

/// More than any lane has under way at once, so that some of them certainly wait.
constexpr std::size_t bulk = 300;
constexpr std::string_view hanging_node = "thuannam";

std::string post(stage& s, actor& from, const pack::edxml_document& d) {
    const auto answer = must(from.submit(from.sign(must(pack::write_edxml(d)))));
    s.note_acceptance(from.code(), answer);
    return text_field(answer, "id");
}

/// What the machine has to be asked about, on which a demonstration runs wherever it is put.
bool is_about_machine(std::string_view check) {
    constexpr std::array those = {"sync", "file_system", "space", "clock"};
    return std::find(those.begin(), those.end(), check) != those.end();
}

/// Stands still, as a machine does whose disk hangs; goes on when the scene is over, however it ends.
class hanging_process {
  public:
    explicit hanging_process(pid_t pid) : pid_(pid) { kill(pid_, SIGSTOP); }
    ~hanging_process() { go_on(); }
    hanging_process(const hanging_process&) = delete;
    void go_on() { kill(pid_, SIGCONT); }

  private:
    pid_t pid_;
};

/// One sentence for the administrator of that node.
std::string why_sentence(const stage& s, std::string_view node, const std::string& id) {
    auto administrator = s.administrator(node);
    const auto told = must(administrator.get_object(target("/admin/why/" + id)));
    const auto items = objects_field(told, "items");
    return items.empty() ? std::string() : text_field(items.front(), "text");
}

/// When each of these documents came into the inbox of the agency; all of them have to.
std::map<std::string, std::string> arrivals(stage& s, std::string_view code, const std::set<std::string>& ids) {
    std::map<std::string, std::string> found;
    wait_until(
        [&] {
            for (const auto& item : s.play(code).inbox("edoc"))
                if (ids.contains(text_field(item, "id")))
                    found[text_field(item, "id")] = text_field(item, "consigned_at");
            return found.size() == ids.size();
        },
        "not all of what waited arrives");
    return found;
}

} // namespace

void morning_round(stage& s) {
    s.scene(words("07:30, the morning round", "07:30, kiểm tra đầu ngày"));
    must(doctor(s.at("ninhthuan"), {}));
    for (const auto& n : s.net().nodes) {
        auto administrator = s.administrator(n.name);
        const auto found = must(administrator.get_object(target("/admin/doctor")));
        for (const auto& check : objects_field(found, "checks"))
            if (text_field(check, "state") == "bad" && !is_about_machine(text_field(check, "check")))
                throw broken_expectation(
                    fmt::format("{}: {}: {}", n.name, text_field(check, "check"), text_field(check, "found")));
    }
    s.achieved(words("nothing is bad about any of the {} nodes", "cả {} nút không có gì hỏng", s.net().nodes.size()));
    must(certs(s.at("ninhthuan"), {}));
}

void find_a_document(stage& s) {
    s.scene(words("17:00, where is it?", "17:00, văn bản đang ở đâu?"));
    auto& sender = s.play(information_department);
    const auto d = letter(s, sender, {commune}, "V/v chuẩn bị kiểm tra cuối năm");
    const auto id = post(s, sender, d);
    wait_until(
        [&] {
            return why_sentence(s, "ninhthuan", id).find("inbox") != std::string::npos ||
                   why_sentence(s, "ninhthuan", id).find("hộp đến") != std::string::npos;
        },
        "why does not say where the document is");
    const auto number = d.number + "/" + d.notation;
    s.tell("truc trace " + number);
    must(trace(s.at("ninhthuan"), {number, std::string(information_department)}));
    s.tell("truc why " + number);
    must(why(s.at("ninhthuan"), {number, std::string(information_department)}));
    s.achieved(words("found by number and notation: in the commune's inbox, and who must act",
                     "tìm theo số/ký hiệu: đã ở hộp đến của xã, và ai phải làm gì"));
}

void wait_for_a_neighbour(stage& s) {
    s.scene(words("Thuận Nam's node hangs; an urgent document overtakes {} others",
                  "Nút Thuận Nam bị treo; một văn bản hỏa tốc vượt lên trước {} văn bản thường", bulk));
    auto& sender = s.play(information_department);
    std::set<std::string> ordinary;
    std::string express;
    {
        hanging_process hangs(pid_to_kill(s.node(hanging_node)));
        for (std::size_t i = 0; i < bulk; ++i)
            ordinary.insert(post(s, sender, letter(s, sender, {commune_clinic}, "V/v thông báo thường kỳ")));
        auto d = letter(s, sender, {commune_clinic}, "V/v ứng phó mưa lũ");
        d.priority = priority::express;
        express = post(s, sender, d);
        const auto elsewhere = post(s, sender, letter(s, sender, {government_office}, "V/v báo cáo nhanh"));
        arrivals(s, government_office, {elsewhere});
        s.achieved(
            words("the Government Office gets its document meanwhile", "Văn phòng Chính phủ vẫn nhận được văn bản"));
        must(queue(s.at("ninhthuan"), {}));
        must(shape(s.at("ninhthuan"), {}));
        s.tell("why: " + why_sentence(s, "ninhthuan", express));
    }
    auto all = ordinary;
    all.insert(express);
    const auto at = arrivals(s, commune_clinic, all);
    const auto overtaken =
        std::count_if(ordinary.begin(), ordinary.end(), [&](const auto& id) { return at.at(id) > at.at(express); });
    s.expect(overtaken > 0,
             words("all {} arrived, and {} that were sent before it came after the urgent one",
                   "cả {} văn bản đã tới; {} văn bản gửi trước lại tới sau văn bản hỏa tốc", all.size(), overtaken),
             "the urgent one came last");
    auto& there = s.play(commune_clinic);
    for (const auto& item : there.inbox("edoc"))
        if (all.contains(text_field(item, "id"))) must(acknowledge(there.connection(), item));
}

void close_for_new_documents(stage& s) {
    s.scene(words("Cà Ná's node is closed for new documents", "Nút Cà Ná tạm ngừng nhận văn bản mới"));
    must(mode(s.at("cana"), {"read-only", "Thay ổ đĩa"}));
    auto& there = s.play(commune);
    const auto text = there.sign(must(pack::write_edxml(letter(s, there, {province}, "V/v báo cáo tuần"))));
    const auto refused = there.submit(text);
    s.expect(!refused && text_field(refused.error().problem, "code") == "read_only" &&
                 flag_field(refused.error().problem, "retryable"),
             words("its agencies are told to come back later (read_only)", "cơ quan được báo gửi lại sau (read_only)"),
             refused ? "it is accepted" : text_field(refused.error().problem, "code"));
    auto& sender = s.play(information_department);
    const auto id = post(s, sender, letter(s, sender, {commune}, "V/v phát động thi đua"));
    arrivals(s, commune, {id});
    s.achieved(words("what is for them still arrives", "văn bản gửi tới vẫn đến nơi"));
    must(mode(s.at("cana"), {"normal", "Đã thay xong"}));
    s.note_acceptance(there.code(), must(there.submit(text)));
    s.achieved(words("open again: the same bytes are accepted", "mở lại: đúng văn bản đó được tiếp nhận"));
}

void copy_and_look(stage& s, const std::filesystem::path& place) {
    s.scene(words("A copy while the node runs, restored elsewhere", "Sao lưu khi nút đang chạy, khôi phục ở nơi khác"));
    backup_options o;
    o.to = place / "copy";
    std::filesystem::create_directories(place);
    s.expect(must(backup(s.at("cana"), o)) == exit_code::done,
             words("a consistent copy, with the tree head it ends with", "bản sao nhất quán, kèm đầu cây cuối cùng"),
             "");
    restore_options r;
    r.from = o.to;
    r.to = place / "data";
    s.expect(must(restore(s.out(), r)) == exit_code::done,
             words("restored; when it starts it opens a new epoch that names that head",
                   "đã khôi phục; khi chạy sẽ mở kỷ nguyên mới, nêu đầu cây đó"),
             "");
    std::filesystem::remove_all(place);
}

void read_the_report(stage& s) {
    s.scene(words("The report of the day", "Báo cáo trong ngày"));
    for (const char* const node : {"ninhthuan", "cana"}) must(cli::report(s.at(node), {}));
}

void close_the_day(stage& s) {
    s.scene(words("The books balance and the logs are whole", "Sổ sách khớp, sổ sự kiện nguyên vẹn"));
    for (const auto& n : s.net().nodes) {
        const auto here = s.at(n.name);
        if (must(books(here, {})) != exit_code::done)
            throw broken_expectation(fmt::format("the books of {} do not balance", n.name));
        if (must(ledger_check(here, {})) != exit_code::done)
            throw broken_expectation(fmt::format("the log of {} is not consistent", n.name));
    }
}

} // namespace truc::cli::demo
