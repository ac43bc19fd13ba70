// Legacy systems: each sends and receives documents and statuses without knowing of the exchange.
#include "../fields.hpp"
#include "../inbox.hpp"
#include "../status_words.hpp"
#include "../stopped_node.hpp"
#include "cast.hpp"
#include "letters.hpp"
#include "office.hpp"
#include "waiting.hpp"

namespace truc::cli::demo {

namespace {

/// Waits for an item of the inbox that is what `wanted` says, takes it home, and gives its text.
template <class Wanted>
pack::edxml_record receive(actor& who, std::string_view kind, const Wanted& wanted, const std::string& what) {
    std::optional<pack::edxml_record> found;
    wait_until(
        [&] {
            for (const auto& item : who.inbox(kind)) {
                auto record = must(pack::read_edxml(must(fetch(who.connection(), item))));
                if (!wanted(record)) continue;
                must(acknowledge(who.connection(), item));
                found = std::move(record);
                return true;
            }
            return false;
        },
        what);
    return std::move(*found);
}

void receive_document(actor& who, const std::string& document_id) {
    const auto is_it = [&](const pack::edxml_record& r) {
        const auto* d = std::get_if<pack::edxml_document>(&r);
        return d && d->document_id == document_id;
    };
    static_cast<void>(receive(who, "edoc", is_it, fmt::format("{} does not receive {}", who.name(), document_id)));
}

void receive_status(stage& s, actor& who, const office& from, const std::string& document_id, const std::string& code) {
    const auto is_it = [&](const pack::edxml_record& r) {
        const auto* status = std::get_if<pack::edxml_status>(&r);
        return status && status->about.document_id == document_id && status->status_code == code;
    };
    static_cast<void>(receive(who, "status", is_it, fmt::format("{} learns no status {}", who.name(), code)));
    s.achieved(words("status {} ({}) of {} reached {}", "trạng thái {} ({}) của {} đã về {}", code,
                     status_in_words(code), from.party().name, who.name()));
}

/// A document of the office to the partner, and the partner's report on it.
void send_from(stage& s, office& here, actor& partner, std::string subject) {
    pack::edxml_document d;
    d.from = here.party();
    d.to.push_back(partner.party());
    d.number = s.next_number();
    d.notation = "CV-TD";
    d.place = "Ninh Thuận";
    const auto now = system_clock().now();
    d.promulgated = pack::edxml_date(now);
    d.subject = d.content = std::move(subject);
    d.sent = pack::edxml_time(now);
    here.write(d);
    const auto id = d.usual_document_id();
    receive_document(partner, id);
    s.achieved(words("{} wrote {}/{}; {} has it", "{} soạn {}/{}; {} đã nhận", here.party().name, d.number, d.notation,
                     partner.name()));
    pack::edxml_status status;
    status.from = partner.party();
    status.about = {d.from.code, d.number + "/" + d.notation, d.promulgated, id};
    status.status_code = "03";
    status.description = status_in_words("03");
    status.time = pack::edxml_time(system_clock().now());
    must(partner.submit(partner.sign(pack::write_edxml(status))));
    wait_until([&] { return here.has_status(id, "03"); }, fmt::format("{} learns no status 03", here.party().name));
    s.achieved(words("and sees there that it was registered (03)", "và thấy ngay tại đó là đã vào sổ (03)"));
}

/// A document of the partner to the office, and what the office reports on it.
void send_to(stage& s, office& here, actor& partner, std::string subject) {
    auto d = letter(s, partner, {}, std::move(subject));
    d.to.push_back(here.party());
    const auto answer = must(partner.submit(partner.sign(must(pack::write_edxml(d)))));
    const auto id = d.usual_document_id();
    wait_until([&] { return here.has(id); }, fmt::format("{} does not receive {}", here.party().name, id));
    s.achieved(words("{}: {} stands in its system", "{}: văn bản {} đã có trong hệ thống", here.party().name, id));
    if (here.reports_arrival()) receive_status(s, partner, here, id, "01");
    here.report(id, "03");
    receive_status(s, partner, here, id, "03");
}

/// Until nothing is under way any more but what was before.
void wait_until_quiet(stage& s, const books_by_node& before) {
    const auto open = [](const json::object& books) {
        return number_field(books, "in_custody") + number_field(books.at("end_to_end").get_object(), "open");
    };
    wait_until(
        [&] {
            const auto now = read_books(s);
            return std::all_of(now.begin(), now.end(),
                               [&](const auto& n) { return open(n.second) <= open(before.at(n.first)); });
        },
        "what passed through the adapters does not come to its end");
}

/// A network that was started without its adapters is whole without them.
bool is_any_plugged_in(const network& n) {
    return std::any_of(n.adapters.begin(), n.adapters.end(),
                       [](const auto& a) { return knock(a.admin) != door::nobody; });
}

} // namespace

void exchange_with_legacy_systems(stage& s) {
    if (!is_any_plugged_in(s.net())) {
        s.scene(words("Legacy systems: left out, no adapter runs", "Hệ thống cũ: bỏ qua, không bộ nối nào chạy"));
        s.achieved(words("to see it, run the network by `truc demo up DIR` without --nodes-only",
                         "muốn xem, hãy chạy mạng bằng `truc demo up THƯ_MỤC` không có --nodes-only"));
        return;
    }
    const auto before = read_books(s);
    auto& partner = s.play(information_department);
    const auto plays = [&](std::string title, std::string_view adapter) {
        s.scene(std::move(title));
        const auto here = office::open(s.net(), adapter);
        send_from(s, *here, partner, "V/v đăng ký tập huấn chuyển đổi số");
        send_to(s, *here, partner, "V/v tổ chức tập huấn chuyển đổi số");
    };
    plays(words("Sở Giáo dục và Đào tạo works in TD.Office: a hot folder",
                "Sở Giáo dục và Đào tạo dùng TD.Office: thư mục trao đổi"),
          "td-sogddt");
    plays(words("Thuận Nam works in TD.Office: a database", "Thuận Nam dùng TD.Office: bảng cơ sở dữ liệu"),
          "td-thuannam");
    plays(words("Sở Y tế works in TD.Office: SOAP services", "Sở Y tế dùng TD.Office: dịch vụ SOAP"), "td-soyte");
    plays(words("Ninh Bình has no Truc: the national axis", "Ninh Bình chưa có Truc: qua Trục văn bản quốc gia"),
          "truc-quocgia");
    wait_until_quiet(s, before);
}

} // namespace truc::cli::demo
