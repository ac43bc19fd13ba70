// Systems that connect and adapters, as the command line knows them.
#include "declaring.hpp"

namespace truc::cli {

namespace {

void declare_new_client(CLI::App& group, program& p) {
    const auto adding =
        verb(group, p, "add",
             words("A new one; what is made for it is shown once", "Thêm mới; mật khẩu, khóa bí mật chỉ hiện một lần"),
             client_add);
    auto& o = *adding.options;
    adding.app->add_option("ID", o.id)->required();
    adding.app
        ->add_option("--agency", o.agencies, words("code of an agency that it acts for", "mã cơ quan mà nó đại diện"))
        ->required()
        ->type_name(agency_value);
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
    show.app->add_option("ID", show.options->id)->type_name(client_value);
    declare_new_client(*group, p);

    const auto rotating =
        verb(*group, p, "rotate",
             words("A new certificate, password or secret", "Đổi chứng thư, mật khẩu, khóa bí mật"), client_rotate);
    auto& o = *rotating.options;
    rotating.app->add_option("ID", o.id)->required()->type_name(client_value);
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
    dropping.app->add_option("ID", dropping.options->id)->required()->type_name(client_value);
    dropping.app
        ->add_option("--cert", dropping.options->certificate,
                     words("the certificate (PEM), or its SHA-256", "chứng thư (PEM) hoặc SHA-256 của nó"))
        ->required();

    const auto disabling =
        verb(*group, p, "disable", words("Let it in nowhere, at once", "Khóa ngay ở mọi cửa vào"), client_disable);
    disabling.app->add_option("ID", disabling.options->id)->required()->type_name(client_value);
    const auto enabling = verb(*group, p, "enable", words("Let it in again", "Mở khóa"), client_enable);
    enabling.app->add_option("ID", enabling.options->id)->required()->type_name(client_value);
}

template <class Options>
void declare_run_dir(const declared<Options>& d) {
    d.app
        ->add_option("--run-dir", d.options->run_dir,
                     words("directory of the adapters' sockets", "thư mục chứa socket của các bộ nối"))
        ->type_name(directory_value);
}

void declare_adapters(CLI::App& app, program& p) {
    auto* const group = add_group(app, "adapter", words("Legacy systems that are plugged in", "Bộ nối hệ thống cũ"));
    declare_run_dir(verb(*group, p, "list", words("All of them", "Tất cả"), adapter_list));
    const auto one =
        verb(*group, p, "status", words("What waits in one", "Những gì đang chờ ở một bộ nối"), adapter_status);
    declare_run_dir(one);
    one.app->add_option("NAME", one.options->name)->required()->type_name(adapter_value);
    one.app->add_flag("--quarantined", one.options->quarantined,
                      words("what was set aside, and why", "những gì bị cách ly, và lý do"));
    const auto again =
        verb(*group, p, "retry", words("Try again what was set aside", "Thử lại những gì bị cách ly"), adapter_retry);
    declare_run_dir(again);
    again.app->add_option("NAME", again.options->name)->required()->type_name(adapter_value);
    again.app->add_option("KEY", again.options->key,
                          words("the legacy system's key, or a delivery id", "khóa của hệ thống, hoặc mã lượt giao"));
    again.app->add_flag("--all", again.options->all, words("everything", "tất cả"));
}

} // namespace

void declare_systems(CLI::App& app, program& p) {
    declare_clients(app, p);
    declare_adapters(app, p);
}

} // namespace truc::cli
