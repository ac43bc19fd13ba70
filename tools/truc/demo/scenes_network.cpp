// What only a network has: directories that find each other, the wrong node's door, neighbours.
#include "../fields.hpp"
#include "../verbs.hpp"
#include "cast.hpp"
#include "letters.hpp"
#include "waiting.hpp"

#include <algorithm>

namespace truc::cli::demo {

namespace {

bool knows_everybody(session& administrator, const network& n) {
    const auto known = must(administrator.get_list(target("/v1/agencies").with("max", "1000")));
    return std::all_of(n.agencies.begin(), n.agencies.end(), [&](const auto& a) {
        return std::any_of(known.begin(), known.end(), [&](const auto& k) { return text_field(k, "code") == a.code; });
    });
}

bool has_its_neighbours(session& administrator) {
    const auto all = must(administrator.get_list(target("/admin/neighbours")));
    return std::all_of(all.begin(), all.end(), [](const auto& n) { return flag_field(n, "connected"); });
}

bool all_ended(const json::object& d) {
    const auto& recipients = objects_field(d, "recipients");
    return std::all_of(recipients.begin(), recipients.end(),
                       [](const auto& r) { return !text_field(r, "ended_at").empty(); });
}

} // namespace

void wait_for_sections(stage& s) {
    for (const auto& n : s.net().nodes) {
        auto administrator = s.administrator(n.name);
        wait_until([&] { return knows_everybody(administrator, s.net()) && has_its_neighbours(administrator); },
                   fmt::format("the node {} does not know the whole network", n.name));
    }
}

void refuse_at_wrong_node(stage& s) {
    s.scene(
        words("Xã Cà Ná's system knocks at the province's node", "Hệ thống của xã Cà Ná kết nối nhầm nút của tỉnh"));
    actor lost(s.net(), commune, "ninhthuan");
    const auto answer =
        lost.submit(lost.sign(must(pack::write_edxml(letter(s, lost, {province}, "V/v gửi nhầm cửa")))));
    s.expect(!answer, words("it is not served there", "không được phục vụ ở đó"), "it is accepted");
    const auto& problem = answer.error().problem;
    s.expect_equal(words("refused with its reason ({})", "bị từ chối, nêu rõ lý do ({})", "wrong_node"),
                   std::string("wrong_node"), text_field(problem, "code"));
    const auto& home = s.node("cana").http;
    s.expect(text_field(problem, "detail").find(home) != std::string::npos,
             words("and it is told the right node's address, {}", "và được chỉ đúng địa chỉ nút của mình, {}", home),
             text_field(problem, "detail"));
}

void await_ends(stage& s) {
    s.scene(words("Evidence comes back to the origins", "Bằng chứng quay về nơi gửi"));
    const auto begin = std::chrono::steady_clock::now();
    for (const auto& [id, sender] : s.accepted()) {
        auto& who = s.play(sender);
        wait_until([&, &id = id] { return all_ended(who.look_at(id)); },
                   fmt::format("{} does not learn how {} ended", sender, id));
    }
    const auto took = std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - begin);
    s.achieved(words("the senders' nodes know of each of the {} deliveries how it ended, after {} ms more",
                     "nút của bên gửi biết kết quả của cả {} lượt giao, sau thêm {} ms", s.deliveries(), took.count()));
}

void show_neighbours(const stage& s) {
    const auto province_node = s.at("ninhthuan");
    s.out().line(words("\nThe province's neighbours (node ping, node list):",
                       "\nCác nút lân cận của tỉnh (node ping, node list):"));
    for (const char* const name : {"vpcp", "thuannam"}) must(node_ping(province_node, {name}));
    must(node_list(province_node, {}));
}

} // namespace truc::cli::demo
