// demo story: plays the whole story on a running network; the first thing that is not as it has to be ends it.
#include "../fields.hpp"
#include "../verbs.hpp"
#include "cast.hpp"
#include "day.hpp"
#include "stage.hpp"

namespace truc::cli {

namespace {

using namespace demo;

void play(stage& s) {
    wait_for_sections(s);
    const auto before = read_books(s);
    const auto sent = send_dispatch(s);
    receive_everywhere(s, sent);
    report_statuses(s, sent);
    report_upwards(s);
    send_again(s, sent);
    follow_the_successor(s);
    refuse_forgeries(s, sent);
    refuse_at_wrong_node(s);
    kill_and_restart(s);
    await_ends(s);
    verify_evidence(s);
    balance_books(s, before);
    exchange_with_legacy_systems(s);
    show_neighbours(s);
    show_trace(s, sent);
}

/// The second story.
void play_the_day(stage& s, const std::filesystem::path& dir) {
    wait_for_sections(s);
    morning_round(s);
    find_a_document(s);
    wait_for_a_neighbour(s);
    hold_and_release(s);
    recall_documents(s);
    update_the_recipients(s);
    replace_a_document(s);
    expire_and_resend(s);
    close_for_new_documents(s);
    copy_and_look(s, dir / "scratch");
    read_the_report(s);
    close_the_day(s);
}

void show_the_way_on(const context& c, const std::filesystem::path& network_file) {
    const auto truc = fmt::format("truc --network {}", network_file.string());
    c.line(words("\nThe story is told. To look around while the network runs:",
                 "\nCâu chuyện đã xong. Để tự xem khi mạng còn chạy:"));
    c.line("  " + truc + " --at cana agency list");
    c.line("  " + truc + " --at ninhthuan node list");
    c.line("  " + truc + " --at vpcp books");
    c.line("  " + truc + " adapter list");
    c.line("  " + truc + " --as 000.00.12.H43 receive");
    c.line("  " + truc + words(" --at vpcp trace ID", " --at vpcp trace MÃ"));
}

} // namespace

outcome<exit_code> demo_story(const context& c, const demo_options& o) {
    const auto file = o.dir / "network.json";
    auto n = network::load(file);
    if (!n) return stop(n.error());
    for (const auto& role : nodes(false))
        if (!n->find_node(role.name))
            return stop(
                usage_failure(words("the story needs the four nodes that `truc demo init` writes; {} is missing",
                                    "câu chuyện cần bốn nút do `truc demo init` tạo; thiếu {}", role.name)));
    // The verbs that the story shows speak as the administrator of a node, whatever the caller's own options are.
    global_options options;
    options.network = file;
    options.at = n->nodes.front().name;
    options.json = c.options().json;
    const context told(options);
    stage s(told, std::move(*n));
    const auto begin = std::chrono::steady_clock::now();
    try {
        o.administrator ? play_the_day(s, o.dir) : play(s);
    } catch (const broken_expectation& e) {
        failure f;
        f.problem = {{"code", "broken_expectation"}, {"detail", e.what()}};
        return stop(std::move(f));
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    told.line(words("\nEverything was as it has to be, in {:.1f} s.",
                    "\nMọi việc đúng như phải thế, trong {:.1f} giây.", took.count()));
    show_the_way_on(told, file);
    return exit_code::done;
}

} // namespace truc::cli
