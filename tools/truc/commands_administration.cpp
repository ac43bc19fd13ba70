// Administrators' verbs as the command line knows them.
#include "declaring.hpp"

namespace truc::cli {

namespace {

void declare_queue(CLI::App& app, program& p) {
    const auto listing = verb(app, p, "queue",
                              words("What waits, counted; or one by one what the options ask for",
                                    "Số đang chờ; hoặc từng lượt giao theo các tùy chọn"),
                              queue);
    auto& o = *listing.options;
    listing.app->add_flag("--held", o.held, words("what is held", "những gì đang bị giữ"));
    listing.app->add_option("--recipient", o.recipient, words("code of the recipient", "mã cơ quan nhận"))
        ->type_name(agency_value);
    listing.app->add_option("--sender", o.sender, words("code of the sending agency", "mã cơ quan gửi"))
        ->type_name(agency_value);
    listing.app
        ->add_option("--state", o.state,
                     words("queued, relayed, consigned, or how it ended: handed_over, rejected, recalled, expired, "
                           "undeliverable",
                           "queued, relayed, consigned, hoặc đã kết thúc: handed_over, rejected, recalled, expired, "
                           "undeliverable"))
        ->check(CLI::IsMember(
            {"queued", "relayed", "consigned", "handed_over", "rejected", "recalled", "expired", "undeliverable"}));
    listing.app->add_option("--since", o.since,
                            words("accepted then or later: {}", "tiếp nhận từ lúc: {}", moment_words()));
    listing.app->add_option("--until", o.until, words("accepted before", "tiếp nhận trước lúc"));
    listing.app->add_flag("--all", o.all, words("each of them, whatever its state", "tất cả, dù ở trạng thái nào"));
    listing.app->add_option("--max", o.max, words("at most so many (100)", "nhiều nhất (100)"))
        ->check(CLI::Range(1, 1'000'000));
}

void declare_selection(const declared<action_options>& d) {
    d.app->add_option("ID", d.options->ids, id_words());
    d.app->add_option("--from", d.options->from, words("code of the sending agency", "mã cơ quan gửi"))
        ->type_name(agency_value);
    d.app->add_option("--to", d.options->to, words("everything for this neighbour node", "mọi thứ tới nút này"))
        ->type_name(node_value);
    d.app
        ->add_option("--recipient", d.options->recipient,
                     words("everything for this agency", "mọi thứ tới cơ quan này"))
        ->type_name(agency_value);
    d.app->add_option("--reason", d.options->reason, words("why; it stands in the event", "lý do; nằm trong sự kiện"));
}

void declare_actions(CLI::App& app, program& p) {
    const auto holding = verb(app, p, "hold", words("Hold deliveries back", "Giữ lại các lượt giao"), hold);
    const auto releasing = verb(app, p, "release", words("Let go on what is held", "Nhả những gì đang giữ"), release);
    const auto expiring =
        verb(app, p, "expire", words("End deliveries as expired", "Kết thúc các lượt giao như quá hạn"), expire);
    for (const auto& d : {holding, releasing, expiring}) declare_selection(d);
    for (const auto& d : {holding, releasing})
        d.app->add_flag("--legal", d.options->legal,
                        words("of content, against its removal", "giữ nội dung, không cho hủy"));

    const auto again = verb(app, p, "retry", words("Try to pass on now", "Thử chuyển tiếp ngay"), retry);
    declare_id(*again.app, *again.options);
    again.app->add_option("--to", again.options->to, words("everything for this neighbour node", "mọi thứ tới nút này"))
        ->type_name(node_value);
    again.app->add_flag("--all", again.options->all, words("everything", "tất cả"));

    const auto once_more =
        verb(app, p, "resend", words("Send once more what has ended", "Gửi lại lượt giao đã kết thúc"), resend);
    declare_id(*once_more.app, *once_more.options);
    once_more.app->add_option("--reason", once_more.options->reason,
                              words("why; it stands in the event", "lý do; nằm trong sự kiện"));
}

void declare_nodes(CLI::App& app, program& p) {
    auto* const nodes = add_group(app, "node", words("Neighbour nodes", "Các nút lân cận"));
    verb(*nodes, p, "list", words("Connections, clocks, ledgers, alarms", "Kết nối, giờ, sổ, cảnh báo"), node_list);
    const auto ping = verb(*nodes, p, "ping", words("Ask one for its identity now", "Hỏi ngay một nút"), node_ping);
    ping.app->add_option("NAME", ping.options->name)->required()->type_name(node_value);
}

void declare_proposals(CLI::App& group, program& p) {
    const auto list =
        verb(group, p, "proposals", words("What clients want changed", "Đề nghị từ các hệ thống"), agency_proposals);
    list.app->add_flag("--all", list.options->all, words("the decided ones as well", "cả những đề nghị đã xử lý"));
    for (const auto& decision :
         {verb(group, p, "confirm", words("Do what was proposed", "Chấp nhận đề nghị"), agency_confirm),
          verb(group, p, "decline", words("Do not", "Không chấp nhận đề nghị"), agency_decline)})
        decision.app->add_option("NUMBER", decision.options->number)->required();
}

void declare_agencies(CLI::App& app, program& p) {
    auto* const group = add_group(app, "agency", words("The directory of agencies", "Danh bạ cơ quan"));
    const auto list = verb(*group, p, "list", words("List or search", "Liệt kê, tìm kiếm"), agency_list);
    list.app->add_option("QUERY", list.options->text, words("part of code or name", "một phần mã hoặc tên"))
        ->type_name(agency_value);
    const auto show = verb(*group, p, "show", words("One agency", "Một cơ quan"), agency_show);
    show.app->add_option("CODE", show.options->text)->required()->type_name(agency_value);
    const auto import =
        verb(*group, p, "import", words("Add or replace, from JSON Lines", "Thêm, thay từ JSON Lines"), agency_import);
    import.app->add_option("FILE", import.options->file)->required()->check(CLI::ExistingFile);
    const auto close = verb(*group, p, "close", words("Close from now on", "Ngừng hoạt động từ bây giờ"), agency_close);
    close.app->add_option("CODE", close.options->text)->required()->type_name(agency_value);
    close.app
        ->add_option("--successor", close.options->successor, words("who receives in its place", "cơ quan kế thừa"))
        ->type_name(agency_value);
    declare_proposals(*group, p);
}

void declare_reports(CLI::App& app, program& p) {
    const auto counting = verb(
        app, p, "books", words("The books; 1 when they do not balance", "Sổ sách; trả về 1 khi không khớp"), books);
    counting.app->add_option("--by", counting.options->by, "agency")->check(CLI::IsMember({"agency"}));
    counting.app->add_option("--day", counting.options->day,
                             words("by agency, of one day: 2026-11-21", "theo cơ quan, của một ngày: 2026-11-21"));

    const auto daily = verb(app, p, "report",
                            words("By agency and day: sent, received, signed, without status 01, late",
                                  "Theo cơ quan và ngày: gửi, nhận, ký số, thiếu trạng thái 01, trễ"),
                            report);
    daily.app->add_option("--day", daily.options->day, words("2026-11-21; else today", "2026-11-21; mặc định hôm nay"));
    daily.app->add_option("--agency", daily.options->agency, words("of one agency", "của một cơ quan"))
        ->type_name(agency_value);
    verb(app, p, "certs",
         words("Certificates, when they end and what stops then", "Chứng thư số, ngày hết hạn và điều gì sẽ ngừng"),
         certs);
    const auto examining = verb(
        app, p, "doctor", words("What is wrong with the node, and what to do", "Nút có gì sai, và cách xử lý"), doctor);
    examining.app->add_flag("--deep", examining.options->deep,
                            words("all of the store, however long it takes", "toàn bộ dữ liệu, dù lâu"));
}

void declare_keeping(CLI::App& app, program& p) {
    const auto closing = verb(
        app, p, "mode",
        words("Whether the node takes new documents; close or open it", "Nút có nhận văn bản mới không; đóng hoặc mở"),
        mode);
    closing.app->add_option("MODE", closing.options->mode, "read-only | normal")
        ->check(CLI::IsMember({"read-only", "normal"}));
    closing.app->add_option("--reason", closing.options->reason,
                            words("why; whoever is refused reads it", "lý do; bên bị từ chối đọc được"));

    const auto copying = verb(app, p, "backup",
                              words("A complete copy while the node runs", "Sao lưu đầy đủ khi nút đang chạy"), backup);
    copying.app->add_option("DIR", copying.options->to, words("directory to make", "thư mục sẽ được tạo"))
        ->required()
        ->type_name(directory_value);
    const auto restoring = verb(app, p, "restore",
                                words("A data_dir from a backup, for a node that does not run",
                                      "Dựng lại data_dir từ bản sao lưu, khi nút không chạy"),
                                restore);
    restoring.app->add_option("BACKUP", restoring.options->from, words("what backup made", "thư mục do backup tạo"))
        ->required()
        ->check(CLI::ExistingDirectory);
    restoring.app->add_option("DATA_DIR", restoring.options->to, words("directory to make", "thư mục sẽ được tạo"))
        ->required()
        ->type_name(directory_value);
}

} // namespace

void declare_administration(CLI::App& app, program& p) {
    declare_queue(app, p);
    verb(app, p, "shape", words("What waits, by destination and age", "Số đang chờ, theo đích và thời gian chờ"),
         shape);
    declare_actions(app, p);
    declare_nodes(app, p);
    declare_reports(app, p);
    declare_keeping(app, p);
    declare_agencies(app, p);

    auto* const ledger = add_group(app, "ledger", words("The log of events", "Sổ sự kiện"));
    verb(*ledger, p, "check", words("Recompute the whole log", "Tính lại toàn bộ sổ"), ledger_check);
    verb(*ledger, p, "head", words("The signed tree head", "Đầu cây đã ký"), ledger_head);
}

} // namespace truc::cli
