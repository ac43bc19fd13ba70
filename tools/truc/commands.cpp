// The verbs and options as the command line knows them. The words here are what `truc --help` says.
#include "commands.hpp"

#include "words.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

namespace truc::cli {

namespace {

CLI::App* add_verb(CLI::App& parent, const char* name, const std::string& description) {
    auto* const app = parent.add_subcommand(name, description);
    app->fallthrough();
    app->get_help_ptr()->group(words("Options", "Tùy chọn"));
    return app;
}

/// A verb that is only the first word of others.
CLI::App* add_group(CLI::App& parent, const char* name, const std::string& description) {
    auto* const app = add_verb(parent, name, description);
    app->require_subcommand(1);
    return app;
}

template <class Options>
struct declared {
    CLI::App* app;
    std::shared_ptr<Options> options;
};

/// A verb with options of its own, which live as long as the parsed program.
template <class Options>
declared<Options> verb(CLI::App& parent, program& p, const char* name, const std::string& description,
                       outcome<exit_code> (*run)(const context&, const Options&)) {
    auto options = std::make_shared<Options>();
    auto* const app = add_verb(parent, name, description);
    app->callback([&p, options, run] { p.run = [options, run](const context& c) { return run(c, *options); }; });
    return {app, options};
}

void declare_globals(CLI::App& app, global_options& o) {
    const auto where = words("Where", "Ở đâu");
    const auto who = words("Who", "Là ai");
    app.add_option("--network", o.network,
                   words("network.json; else TRUC_NETWORK", "network.json; mặc định TRUC_NETWORK"))
        ->envname("TRUC_NETWORK")
        ->group(where);
    app.add_option("--at", o.at, words("node of that network", "nút trong mạng đó"))->group(where);
    app.add_option("--node", o.node, words("URL of a node, instead of --network", "URL của nút, thay cho --network"))
        ->group(where);
    app.add_option("--socket", o.socket, words("administrators' socket of a node", "socket quản trị của nút"))
        ->group(where);
    app.add_option("--as", o.as, words("code of the agency to speak for", "mã cơ quan mà bạn đại diện"))->group(who);
    app.add_option("--cert", o.certificate, words("certificate (PEM)", "chứng thư (PEM)"))
        ->check(CLI::ExistingFile)
        ->group(who);
    app.add_option("--key", o.key, words("its private key (PEM)", "khóa riêng của nó (PEM)"))
        ->check(CLI::ExistingFile)
        ->group(who);
    app.add_option("--ca", o.authority, words("authority of the nodes' certificates", "chứng thư gốc của các nút"))
        ->check(CLI::ExistingFile)
        ->group(who);
    app.add_flag("--json", o.json, words("one JSON object a line", "mỗi dòng một đối tượng JSON"));
}

void declare_submission(CLI::App& app, program& p) {
    const auto signing = verb(app, p, "sign", words("Sign an edXML document", "Ký văn bản edXML"), sign);
    signing.app->add_option("FILE", signing.options->file)->required()->check(CLI::ExistingFile);
    signing.app->add_option("-o,--output", signing.options->output,
                            words("file to write, else standard output", "tệp kết quả, mặc định in ra màn hình"));

    const auto sending = verb(app, p, "send", words("Submit documents or statuses", "Gửi văn bản, trạng thái"), send);
    sending.app->add_option("FILE", sending.options->files)->required()->check(CLI::ExistingFile);
    sending.app->add_option("--save-receipt", sending.options->receipts,
                            words("directory for the receipts", "thư mục lưu biên nhận"));

    const auto checking =
        verb(app, p, "check",
             words("What would happen to a document; nothing is stored", "Kiểm tra thử văn bản; không lưu gì"), check);
    checking.app->add_option("FILE", checking.options->file)->required()->check(CLI::ExistingFile);
}

void declare_reception(CLI::App& app, program& p) {
    const auto receiving =
        verb(app, p, "receive", words("What waits for an agency", "Văn bản đang chờ cơ quan"), receive);
    auto& r = *receiving.options;
    receiving.app->add_option("--max", r.max, words("at most so many (1 to 1000; 100)", "nhiều nhất (1 đến 1000; 100)"))
        ->check(CLI::Range(1, 1000));
    receiving.app
        ->add_option("--wait", r.wait, words("seconds to wait for the first (0 to 60)", "số giây chờ (0 đến 60)"))
        ->check(CLI::Range(0, 60));
    receiving.app->add_option("--kind", r.kind, "edoc | status")->check(CLI::IsMember({"edoc", "status"}));
    receiving.app->add_option("--dir", r.dir,
                              words("save each as <delivery id>.edxml", "lưu thành <mã lượt giao>.edxml"));
    receiving.app->add_flag("--ack", r.acknowledge,
                            words("acknowledge what is safely saved", "xác nhận sau khi đã lưu an toàn"));

    const auto reporting =
        verb(app, p, "status", words("Report a status on a delivery", "Báo trạng thái của một lượt giao"), status);
    auto& s = *reporting.options;
    reporting.app->add_option("DELIVERY", s.delivery, words("its delivery id", "mã lượt giao"))->required();
    reporting.app
        ->add_option("CODE", s.code,
                     words("01 arrived, 02 refused, 03 registered, 04 assigned, 05 in progress, 06 completed, 13 15 16",
                           "01 đã đến, 02 từ chối, 03 vào sổ, 04 phân công, 05 đang xử lý, 06 hoàn thành, 13 15 16"))
        ->required()
        ->check(CLI::IsMember({"01", "02", "03", "04", "05", "06", "13", "15", "16"}));
    reporting.app->add_option("--reason", s.reason, words("needed for 02 and 13", "bắt buộc với 02 và 13"));
    reporting.app->add_flag("--unsigned", s.is_unsigned, words("do not sign it", "không ký"));
    reporting.app->add_option("-o,--output", s.output, words("write it instead of sending", "ghi ra tệp, không gửi"));
}

template <class Options>
void declare_id(const declared<Options>& d) {
    d.app
        ->add_option("ID", d.options->id,
                     words("Truc's id, delivery id, DocumentId or number/notation",
                           "mã của Truc, mã lượt giao, DocumentId hoặc số/ký hiệu"))
        ->required();
    d.app->add_option("--from", d.options->from, words("code of the sending agency", "mã cơ quan gửi"));
}

void declare_evidence(CLI::App& app, program& p) {
    declare_id(verb(app, p, "trace", words("Every step of a document", "Mọi bước đi của văn bản"), trace));
    declare_id(verb(app, p, "why",
                    words("Why it is not delivered, who must act, when it is tried next",
                          "Vì sao chưa giao được, ai xử lý, khi nào thử lại"),
                    why));

    const auto proving =
        verb(app, p, "receipts", words("Export the receipts of a document", "Xuất biên nhận của văn bản"), receipts);
    declare_id(proving);
    proving.app->add_option("-o,--dir", proving.options->dir,
                            words("write each as <event id>.xml", "lưu thành <mã sự kiện>.xml"));

    const auto verifying = verb(
        app, p, "verify",
        words("Check receipts, tree heads and documents offline", "Kiểm tra biên nhận, đầu cây, văn bản (ngoại tuyến)"),
        verify);
    verifying.app->add_option("FILE", verifying.options->files)->required()->check(CLI::ExistingFile);
    verifying.app
        ->add_option("--agency-ca", verifying.options->agency_authority,
                     words("authority of the agencies' certificates", "chứng thư gốc của các cơ quan"))
        ->check(CLI::ExistingFile);
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
    list.app->add_option("QUERY", list.options->text, words("part of code or name", "một phần mã hoặc tên"));
    const auto show = verb(*group, p, "show", words("One agency", "Một cơ quan"), agency_show);
    show.app->add_option("CODE", show.options->text)->required();
    const auto import =
        verb(*group, p, "import", words("Add or replace, from JSON Lines", "Thêm, thay từ JSON Lines"), agency_import);
    import.app->add_option("FILE", import.options->file)->required()->check(CLI::ExistingFile);
    const auto close = verb(*group, p, "close", words("Close from now on", "Ngừng hoạt động từ bây giờ"), agency_close);
    close.app->add_option("CODE", close.options->text)->required();
    close.app->add_option("--successor", close.options->successor,
                          words("who receives in its place", "cơ quan kế thừa"));
    declare_proposals(*group, p);
}

void declare_exchange(CLI::App& app, program& p) {
    verb(app, p, "queue", words("What waits, by recipient and state", "Số đang chờ, theo bên nhận và trạng thái"),
         queue);
    verb(app, p, "shape", words("What waits, by destination and age", "Số đang chờ, theo đích và thời gian chờ"),
         shape);
    const auto again = verb(app, p, "retry", words("Try to pass on now", "Thử chuyển tiếp ngay"), retry);
    again.app->add_option("ID", again.options->id,
                          words("what Truc's id, delivery id, DocumentId or number/notation names",
                                "mã của Truc, mã lượt giao, DocumentId hoặc số/ký hiệu"));
    again.app->add_option("--from", again.options->from, words("code of the sending agency", "mã cơ quan gửi"));
    again.app->add_option("--to", again.options->to,
                          words("everything for this neighbour node", "mọi thứ tới nút này"));
    again.app->add_flag("--all", again.options->all, words("everything", "tất cả"));

    auto* const nodes = add_group(app, "node", words("Neighbour nodes", "Các nút lân cận"));
    verb(*nodes, p, "list", words("Connections, clocks, ledgers, alarms", "Kết nối, giờ, sổ, cảnh báo"), node_list);
    const auto ping = verb(*nodes, p, "ping", words("Ask one for its identity now", "Hỏi ngay một nút"), node_ping);
    ping.app->add_option("NAME", ping.options->name)->required();
}

void declare_new_client(CLI::App& group, program& p) {
    const auto adding =
        verb(group, p, "add",
             words("A new one; what is made for it is shown once", "Thêm mới; mật khẩu, khóa bí mật chỉ hiện một lần"),
             client_add);
    auto& o = *adding.options;
    adding.app->add_option("ID", o.id)->required();
    adding.app
        ->add_option("--agency", o.agencies, words("code of an agency that it acts for", "mã cơ quan mà nó đại diện"))
        ->required();
    adding.app->add_option("--entrance", o.entrances, "http | amqp | axis | adapter")
        ->check(CLI::IsMember({"http", "amqp", "axis", "adapter"}));
    adding.app->add_option("--cert", o.certificates, words("its certificate (PEM)", "chứng thư của nó (PEM)"))
        ->check(CLI::ExistingFile);
    adding.app->add_flag("--password", o.password, words("make a password for AMQP", "tạo mật khẩu AMQP"));
    adding.app->add_flag("--secret", o.secret,
                         words("make a secret for the axis SDK", "tạo khóa bí mật cho SDK của trục"));
    adding.app->add_flag("--gateway", o.gateway,
                         words("it speaks for agencies of another network, too", "cổng nối tới mạng khác"));
}

void declare_clients(CLI::App& app, program& p) {
    auto* const group = add_group(app, "client", words("Systems that connect", "Các hệ thống kết nối"));
    verb(*group, p, "list", words("All of them", "Tất cả"), client_list);
    const auto show = verb(*group, p, "show", words("One of them, or all", "Một hệ thống, hoặc tất cả"), client_show);
    show.app->add_option("ID", show.options->id);
    declare_new_client(*group, p);

    const auto rotating =
        verb(*group, p, "rotate",
             words("A new certificate, password or secret", "Đổi chứng thư, mật khẩu, khóa bí mật"), client_rotate);
    auto& o = *rotating.options;
    rotating.app->add_option("ID", o.id)->required();
    rotating.app->add_option("--cert", o.certificate, words("its new certificate (PEM)", "chứng thư mới (PEM)"))
        ->check(CLI::ExistingFile);
    rotating.app->add_flag("--password", o.password, words("make a new password", "tạo mật khẩu mới"));
    rotating.app->add_flag("--secret", o.secret, words("make a new secret", "tạo khóa bí mật mới"));
    rotating.app
        ->add_option("--keep-old", o.keep_old,
                     words("hours for which the old one is good (24); 0: not at all",
                           "số giờ cái cũ còn hiệu lực (24); 0: hủy ngay"))
        ->check(CLI::Range(0, 2160));

    const auto dropping =
        verb(*group, p, "drop", words("Take an old certificate from it", "Gỡ một chứng thư cũ"), client_drop);
    dropping.app->add_option("ID", dropping.options->id)->required();
    dropping.app
        ->add_option("--cert", dropping.options->certificate,
                     words("the certificate (PEM), or its SHA-256", "chứng thư (PEM) hoặc SHA-256 của nó"))
        ->required();

    const auto disabling =
        verb(*group, p, "disable", words("Let it in nowhere, at once", "Khóa ngay ở mọi cửa vào"), client_disable);
    disabling.app->add_option("ID", disabling.options->id)->required();
    const auto enabling = verb(*group, p, "enable", words("Let it in again", "Mở khóa"), client_enable);
    enabling.app->add_option("ID", enabling.options->id)->required();
}

template <class Options>
void declare_run_dir(const declared<Options>& d) {
    d.app->add_option("--run-dir", d.options->run_dir,
                      words("directory of the adapters' sockets", "thư mục chứa socket của các bộ nối"));
}

void declare_adapters(CLI::App& app, program& p) {
    auto* const group = add_group(app, "adapter", words("Legacy systems that are plugged in", "Bộ nối hệ thống cũ"));
    declare_run_dir(verb(*group, p, "list", words("All of them", "Tất cả"), adapter_list));
    const auto one =
        verb(*group, p, "status", words("What waits in one", "Những gì đang chờ ở một bộ nối"), adapter_status);
    declare_run_dir(one);
    one.app->add_option("NAME", one.options->name)->required();
    one.app->add_flag("--quarantined", one.options->quarantined,
                      words("what was set aside, and why", "những gì bị cách ly, và lý do"));
    const auto again =
        verb(*group, p, "retry", words("Try again what was set aside", "Thử lại những gì bị cách ly"), adapter_retry);
    declare_run_dir(again);
    again.app->add_option("NAME", again.options->name)->required();
    again.app->add_option("KEY", again.options->key,
                          words("the legacy system's key, or a delivery id", "khóa của hệ thống, hoặc mã lượt giao"));
    again.app->add_flag("--all", again.options->all, words("everything", "tất cả"));
}

void declare_administration(CLI::App& app, program& p) {
    declare_exchange(app, p);
    const auto counting = verb(
        app, p, "books", words("The books; 1 when they do not balance", "Sổ sách; trả về 1 khi không khớp"), books);
    counting.app->add_option("--by", counting.options->by, "agency")->check(CLI::IsMember({"agency"}));
    counting.app->add_option("--day", counting.options->day,
                             words("by agency, of one day: 2026-11-21", "theo cơ quan, của một ngày: 2026-11-21"));
    declare_agencies(app, p);

    declare_clients(app, p);
    declare_adapters(app, p);

    auto* const ledger = add_group(app, "ledger", words("The log of events", "Sổ sự kiện"));
    verb(*ledger, p, "check", words("Recompute the whole log", "Tính lại toàn bộ sổ"), ledger_check);
    verb(*ledger, p, "head", words("The signed tree head", "Đầu cây đã ký"), ledger_head);
}

void declare_demo(CLI::App& app, program& p) {
    auto* const demo = add_group(app, "demo", words("The demonstration network", "Mạng minh họa"));
    const auto init =
        verb(*demo, p, "init", words("Write a complete network into DIR", "Tạo mạng đầy đủ trong DIR"), demo_init);
    const auto up = verb(*demo, p, "up", words("Run it until Ctrl-C", "Chạy đến khi Ctrl-C"), demo_up);
    const auto story = verb(*demo, p, "story",
                            words("Play its story while it runs", "Diễn câu chuyện khi mạng đang chạy"), demo_story);
    for (const auto& d : {init, up, story})
        d.app->add_option("DIR", d.options->dir, words("of the network", "thư mục của mạng"))->required();
    init.app
        ->add_option("--base-port", init.options->base_port,
                     words("first of its ports (1024 to 65000)", "cổng đầu tiên (1024 đến 65000)"))
        ->check(CLI::Range(1024, 65000));
    init.app->add_flag(
        "--one-node", init.options->one_node,
        words("all agencies on one node instead of four levels", "mọi cơ quan ở một nút thay cho bốn cấp"));
    up.app->add_flag("!--nodes-only", up.options->adapters,
                     words("without the adapters and their legacy systems", "không chạy bộ nối và các hệ thống cũ"));
}

/// Leaves out CLI11's names of types and validators: the descriptions say it better, and in the person's language.
class plain_formatter final : public CLI::Formatter {
  public:
    std::string make_option_opts(const CLI::Option* o) const override {
        return o->nonpositional() && !o->get_type_name().empty() ? " ..." : "";
    }
};

/// CLI11's own words. Verbs that are added afterwards inherit them.
void teach_words(CLI::App& app) {
    const auto formatter = std::make_shared<plain_formatter>();
    formatter->label("Usage", words("Usage", "Cách dùng"));
    formatter->label("OPTIONS", words("OPTIONS", "TÙY CHỌN"));
    formatter->label("SUBCOMMAND", words("VERB", "LỆNH"));
    formatter->label("Positionals", words("Arguments", "Tham số"));
    app.formatter(formatter);
    app.option_defaults()->group(words("Options", "Tùy chọn"));
    app.set_help_flag("-h,--help", words("print this help", "in trợ giúp này"));
    app.footer(words("truc --help tells of the options for every verb: --network, --at, --as, --json ...",
                     "truc --help liệt kê các tùy chọn chung: --network, --at, --as, --json ..."));
}

} // namespace

void declare(CLI::App& app, program& p) {
    app.require_subcommand(1);
    app.fallthrough();
    teach_words(app);
    declare_globals(app, p.options);
    app.group(words("An agency's side", "Phía cơ quan"));
    declare_submission(app, p);
    declare_reception(app, p);
    app.group(words("Evidence", "Bằng chứng"));
    declare_evidence(app, p);
    app.group(words("Administrators", "Quản trị"));
    declare_administration(app, p);
    app.group(words("Demonstration", "Minh họa"));
    declare_demo(app, p);
    app.footer(words("Ends with 0 done, 1 the answer is no, 2 usage, 3 the node cannot be reached.\n"
                     "TRUC_NETWORK stands in for --network. Vietnamese or English by LANG.",
                     "Kết thúc: 0 xong, 1 câu trả lời là không, 2 sai cách dùng, 3 không kết nối được nút.\n"
                     "TRUC_NETWORK thay cho --network. Tiếng Việt hay tiếng Anh tùy LANG."));
}

} // namespace truc::cli
