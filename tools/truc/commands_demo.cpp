// The demonstration as the command line knows it.
#include "declaring.hpp"

namespace truc::cli {

void declare_demo(CLI::App& app, program& p) {
    auto* const demo = add_group(app, "demo", words("The demonstration network", "Mạng minh họa"));
    const auto init =
        verb(*demo, p, "init", words("Write a complete network into DIR", "Tạo mạng đầy đủ trong DIR"), demo_init);
    const auto up = verb(*demo, p, "up", words("Run it until Ctrl-C", "Chạy đến khi Ctrl-C"), demo_up);
    const auto story = verb(*demo, p, "story",
                            words("Play its story while it runs", "Diễn câu chuyện khi mạng đang chạy"), demo_story);
    for (const auto& d : {init, up, story})
        d.app->add_option("DIR", d.options->dir, words("of the network", "thư mục của mạng"))
            ->required()
            ->type_name(directory_value);
    init.app
        ->add_option("--base-port", init.options->base_port,
                     words("first of its ports (1024 to 65000)", "cổng đầu tiên (1024 đến 65000)"))
        ->check(CLI::Range(1024, 65000));
    init.app->add_flag(
        "--one-node", init.options->one_node,
        words("all agencies on one node instead of four levels", "mọi cơ quan ở một nút thay cho bốn cấp"));
    story.app->add_flag("--admin", story.options->administrator,
                        words("an administrator's day instead", "kể một ngày của quản trị viên"));
    up.app->add_flag("!--nodes-only", up.options->adapters,
                     words("without the adapters and their legacy systems", "không chạy bộ nối và các hệ thống cũ"));
}

} // namespace truc::cli
