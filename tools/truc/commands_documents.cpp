// An agency's side, and evidence, as the command line knows them.
#include "declaring.hpp"

namespace truc::cli {

namespace {

void declare_submission(CLI::App& app, program& p) {
    const auto signing = verb(app, p, "sign", words("Sign an edXML document", "Ký văn bản edXML"), sign);
    signing.app->add_option("FILE", signing.options->file)->required()->check(CLI::ExistingFile);
    signing.app
        ->add_option("-o,--output", signing.options->output,
                     words("file to write, else standard output", "tệp kết quả, mặc định in ra màn hình"))
        ->type_name(file_value);

    const auto sending = verb(app, p, "send", words("Submit documents or statuses", "Gửi văn bản, trạng thái"), send);
    sending.app->add_option("FILE", sending.options->files)->required()->check(CLI::ExistingFile);
    sending.app
        ->add_option("--save-receipt", sending.options->receipts,
                     words("directory for the receipts", "thư mục lưu biên nhận"))
        ->type_name(directory_value);

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
    receiving.app
        ->add_option("--dir", r.dir, words("save each as <delivery id>.edxml", "lưu thành <mã lượt giao>.edxml"))
        ->type_name(directory_value);
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
    reporting.app->add_option("-o,--output", s.output, words("write it instead of sending", "ghi ra tệp, không gửi"))
        ->type_name(file_value);
}

} // namespace

std::string moment_words() {
    return words("2026-11-21, 2026-11-21T08:30, 08:30, or so long ago: 30m, 4h, 3d",
                 "2026-11-21, 2026-11-21T08:30, 08:30, hoặc cách đây: 30m, 4h, 3d");
}

void declare_id(CLI::App& verb, find_options& o) {
    verb.add_option("ID", o.id, id_words());
    verb.add_option("--from", o.from, words("code of the sending agency", "mã cơ quan gửi"))->type_name(agency_value);
    verb.add_option("--recipient", o.recipient, words("code of a recipient", "mã cơ quan nhận"))
        ->type_name(agency_value);
    verb.add_option("--since", o.since, words("accepted then or later: {}", "tiếp nhận từ lúc: {}", moment_words()));
    verb.add_option("--until", o.until, words("accepted before", "tiếp nhận trước lúc"));
}

void declare_documents(CLI::App& app, program& p) {
    declare_submission(app, p);
    declare_reception(app, p);
}

void declare_evidence(CLI::App& app, program& p) {
    const auto tracing = verb(app, p, "trace", words("Every step of a document", "Mọi bước đi của văn bản"), trace);
    declare_id(*tracing.app, *tracing.options);
    const auto asking = verb(app, p, "why",
                             words("Why it is not delivered, who must act, when it is tried next",
                                   "Vì sao chưa giao được, ai xử lý, khi nào thử lại"),
                             why);
    declare_id(*asking.app, *asking.options);

    const auto proving =
        verb(app, p, "receipts", words("Export the receipts of a document", "Xuất biên nhận của văn bản"), receipts);
    declare_id(*proving.app, *proving.options);
    proving.app
        ->add_option("-o,--dir", proving.options->dir,
                     words("write each as <event id>.xml", "lưu thành <mã sự kiện>.xml"))
        ->type_name(directory_value);

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

} // namespace truc::cli
