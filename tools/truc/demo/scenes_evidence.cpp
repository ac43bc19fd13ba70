// What remains provable: receipts, the trace, the books.
#include "../fields.hpp"
#include "../verbs.hpp"
#include "cast.hpp"
#include "stage.hpp"

#include <truc/ledger/receipt.hpp>
#include <truc/trust/certificate_store.hpp>

#include <set>

namespace truc::cli::demo {

namespace {

/// How much a member of the books has grown since the story began: by node, in the order of the network.
class growth {
  public:
    growth(const network& n, const books_by_node& before, const books_by_node& after)
        : network_(n), before_(before), after_(after) {}

    std::int64_t of(const std::string& node, const char* member) const {
        return number_field(after_.at(node), member) - number_field(before_.at(node), member);
    }
    std::int64_t end_to_end(const std::string& node, const char* member) const {
        const auto read = [&](const books_by_node& books) {
            return number_field(books.at(node).at("end_to_end").get_object(), member);
        };
        return read(after_) - read(before_);
    }
    std::int64_t of_all(const char* member) const {
        std::int64_t sum = 0;
        for (const auto& n : network_.nodes) sum += of(n.name, member);
        return sum;
    }
    std::int64_t end_to_end_of_all(const char* member) const {
        std::int64_t sum = 0;
        for (const auto& n : network_.nodes) sum += end_to_end(n.name, member);
        return sum;
    }

  private:
    const network& network_;
    const books_by_node& before_;
    const books_by_node& after_;
};

/// The story's part of the books, a column for each node.
void show_growth(const stage& s, const growth& g) {
    std::vector<column> columns = {{words("DELIVERIES OF THE STORY", "LƯỢT GIAO CỦA CÂU CHUYỆN")}};
    for (const auto& n : s.net().nodes) columns.push_back({n.name, 0, false, true});
    table t(std::move(columns));
    const auto add = [&](const std::string& name, const auto& value) {
        std::vector<std::string> cells = {name};
        for (const auto& n : s.net().nodes) cells.push_back(std::to_string(value(n.name)));
        t.add(cells);
    };
    const auto of = [&g](const char* member) { return [&g, member](const auto& node) { return g.of(node, member); }; };
    add(words("from agencies", "từ các cơ quan"), of("from_agencies"));
    add(words("from neighbours", "từ nút lân cận"), of("from_neighbours"));
    add(words("= handed over", "= đã bàn giao"), of("handed_over"));
    add(words("+ passed on", "+ đã chuyển tiếp"), of("passed_on"));
    add(words("+ in custody", "+ đang giữ"), of("in_custody"));
    const auto ends = [&g](const char* member) {
        return [&g, member](const auto& node) { return g.end_to_end(node, member); };
    };
    add(words("submitted here, end to end", "gửi tại đây, từ đầu đến cuối"), ends("accepted"));
    add(words("= handed over", "= đã bàn giao"), ends("handed_over"));
    add(words("+ open", "+ còn mở"), ends("open"));
    s.out().show(t);
}

/// Every receipt of what the story sent, as its sender can fetch it, and those it was given on the way.
std::set<std::string> all_receipts(stage& s) {
    std::set<std::string> all;
    for (const auto& [id, sender] : s.accepted())
        for (const auto& r : must(s.play(sender).connection().get_list(target("/v1/documents/" + id + "/receipts"))))
            all.insert(text_field(r, "xml"));
    const auto from_the_node = all.size();
    for (const auto& given : s.receipts()) all.insert(given);
    // Receipts never change: those given in answers are among those fetched now, except the refusals'.
    const auto refusals = all.size() - from_the_node;
    s.expect_equal(words("what was answered then is what is fetched now, byte for byte",
                         "biên nhận đã trả lúc đó giống hệt biên nhận lấy về bây giờ"),
                   s.refused() / 2, static_cast<std::int64_t>(refusals));
    return all;
}

} // namespace

void verify_evidence(stage& s) {
    s.scene(words("Every receipt is verified offline", "Kiểm tra ngoại tuyến mọi biên nhận"));
    const trust::certificate_store authorities(s.net().authority, {});
    const auto receipts = all_receipts(s);
    std::int64_t handovers = 0;
    std::map<std::string, std::size_t> by_node;
    for (const auto& xml : receipts) {
        const auto held = must(ledger::verify_receipt(xml, authorities));
        if (held.event.name == event_name::content_handover) ++handovers;
        ++by_node[held.event.log.node];
    }
    std::string counts;
    for (const auto& [node, count] : by_node) counts += fmt::format("{}{} {}", counts.empty() ? "" : ", ", node, count);
    s.achieved(words("{} receipts hold: event, path, tree head, signature, certificate ({})",
                     "{} biên nhận đều đúng: sự kiện, đường dẫn, đầu cây, chữ ký, chứng thư ({})", receipts.size(),
                     counts));
    s.expect_equal(words("every node has stated its part", "nút nào cũng có biên nhận"), s.net().nodes.size(),
                   by_node.size());
    s.expect_equal(words("each of the {} hand-overs is proven to its sender, wherever it took place",
                         "cả {} lần bàn giao đều có bằng chứng tới bên gửi, dù diễn ra ở đâu", s.handed_over()),
                   s.handed_over(), handovers);
    auto forged = *receipts.begin();
    const auto digit = forged.find("</Sha256>") - 1;
    forged[digit] = forged[digit] == '0' ? '1' : '0';
    s.expect(!ledger::verify_receipt(forged, authorities),
             words("a receipt with one digit changed does not hold", "sửa một chữ số thì biên nhận không còn đúng"),
             "it holds");
}

void show_trace(const stage& s, const sent_document& d) {
    s.out().line(words("\nThe công văn's whole way (trace):", "\nToàn bộ đường đi của công văn (trace):"));
    must(trace(s.at("vpcp"), {text_field(d.answer, "id"), {}}));
}

books_by_node read_books(const stage& s) {
    books_by_node all;
    for (const auto& n : s.net().nodes) all[n.name] = must(s.administrator(n.name).get_object(target("/admin/books")));
    return all;
}

void balance_books(stage& s, const books_by_node& before) {
    s.scene(words("The books", "Sổ sách"));
    const auto after = read_books(s);
    const growth g(s.net(), before, after);
    show_growth(s, g);
    s.expect_equal(words("the nodes took in the {} deliveries that the senders count",
                         "các nút đã nhận đúng {} lượt giao như bên gửi đếm", s.deliveries()),
                   s.deliveries(), g.of_all("from_agencies"));
    s.expect_equal(words("and handed over the {} that the receivers count", "và bàn giao đúng {} lượt như bên nhận đếm",
                         s.handed_over()),
                   s.handed_over(), g.of_all("handed_over"));
    s.expect_equal(words("what was passed on was taken over: {}", "chuyển tiếp bao nhiêu, nhận đủ bấy nhiêu: {}",
                         g.of_all("passed_on")),
                   g.of_all("passed_on"), g.of_all("from_neighbours"));
    s.expect_equal(words("end to end {} were submitted and are proven to be handed over, none is open",
                         "từ đầu đến cuối {} lượt đã gửi và có bằng chứng bàn giao, không còn lượt nào mở",
                         s.deliveries()),
                   s.deliveries(), g.end_to_end_of_all("handed_over"));
    s.expect_equal(words("{} refusals are counted beside them", "{} lần từ chối được đếm riêng", s.refused()),
                   s.refused(), g.of_all("refused_at_door"));
    for (const auto& n : s.net().nodes) {
        if (!flag_field(after.at(n.name), "balance") ||
            !flag_field(after.at(n.name).at("end_to_end").get_object(), "balance"))
            throw broken_expectation(fmt::format("the books of {} do not balance", n.name));
        if (must(ledger_check(s.at(n.name), {})) != exit_code::done)
            throw broken_expectation(fmt::format("the log of {} is not consistent", n.name));
    }
    s.out().line(words("The books balance.", "Sổ sách khớp."));
}

} // namespace truc::cli::demo
