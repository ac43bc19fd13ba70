#include "office.hpp"

#include "../fields.hpp"
#include "../status_words.hpp"
#include "cast.hpp"

#include <truc/base/bytes.hpp>
#include <truc/base/durable.hpp>
#include <truc/client/http_client.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace truc::cli::demo {

namespace {

/// dd/MM/yyyy, as TD.Office writes days.
std::string legacy_day(const std::string& edxml) {
    return edxml.substr(8, 2) + "/" + edxml.substr(5, 2) + "/" + edxml.substr(0, 4);
}

pack::edxml_party party_of(const network& n, std::string_view code) {
    const auto* found = n.find_agency(code);
    if (!found) throw broken_expectation(fmt::format("the network has no agency {}", code));
    pack::edxml_party p;
    p.code = found->code;
    p.name = found->name;
    return p;
}

pack::edxml_status status_on(const pack::edxml_party& from, const pack::reference& about, const std::string& code) {
    pack::edxml_status s;
    s.from = from;
    s.about = about;
    s.status_code = code;
    s.description = status_in_words(code);
    s.time = pack::edxml_time(system_clock().now());
    return s;
}

/// What stands in for a legacy system lets clerks work by HTTP and JSON.
class desk {
  public:
    explicit desk(const std::string& url) : http_(must(client::server_address::parse(url)), {}) {}

    json::object books() { return exchange({}); }
    json::object order(const std::string& target, const json::object& what) {
        const auto body = json::serialize(what);
        client::http_request r;
        r.method = "POST";
        r.target = target;
        r.body = body;
        return exchange(std::move(r));
    }

  private:
    json::object exchange(client::http_request r) {
        if (r.method == "GET") r.target = "/_books";
        http_.disconnect(); // these servers keep no connections
        const auto answer = must(http_.send(r));
        json::error_code ec;
        auto value = json::parse(answer.body, ec);
        if (answer.status != 200 || ec || !value.is_object())
            throw broken_expectation(fmt::format("the legacy system answers {}", answer.status));
        return std::move(value.get_object());
    }

    client::http_client http_;
};

class folder_office final : public office {
  public:
    folder_office(const network& n, const network_adapter& a) : office(party_of(n, a.agency), true), adapter_(a) {}

    void write(const pack::edxml_document& d) override { put(d.number + ".edxml", must(pack::write_edxml(d))); }
    bool has(const std::string& document_id) override { return find_document(document_id).has_value(); }
    bool has_status(const std::string& document_id, const std::string& code) override {
        for (const auto& record : inbox())
            if (const auto* s = std::get_if<pack::edxml_status>(&record))
                if (s->about.document_id == document_id && s->status_code == code) return true;
        return false;
    }
    void report(const std::string& document_id, const std::string& code) override {
        const auto about = find_document(document_id);
        if (!about) throw broken_expectation(fmt::format("{} did not come", document_id));
        const pack::reference reference{about->from.code, about->number + "/" + about->notation, about->promulgated,
                                        document_id};
        put(fmt::format("{}-{}.edxml", about->number, code), pack::write_edxml(status_on(party(), reference, code)));
    }

  private:
    void put(const std::string& name, std::string_view text) const {
        must(write_file(adapter_.outbox / name, text)); // which renames
    }
    std::vector<pack::edxml_record> inbox() const {
        std::vector<pack::edxml_record> all;
        for (const auto& entry : std::filesystem::directory_iterator(adapter_.inbox))
            if (entry.path().extension() == ".edxml")
                all.push_back(must(pack::read_edxml(must(read_file(entry.path())))));
        return all;
    }
    std::optional<pack::edxml_document> find_document(const std::string& document_id) const {
        for (auto& record : inbox())
            if (auto* d = std::get_if<pack::edxml_document>(&record))
                if (d->document_id == document_id) return std::move(*d);
        return std::nullopt;
    }

    network_adapter adapter_;
};

class database_office final : public office {
  public:
    database_office(const network& n, const network_adapter& a) : office(party_of(n, a.agency), true), desk_(a.url) {}

    void write(const pack::edxml_document& d) override {
        json::array to;
        for (const auto& one : d.to) to.emplace_back(one.code);
        desk_.order("/_clerk", {{"write",
                                 {{"to", std::move(to)},
                                  {"number", d.number},
                                  {"notation", d.notation},
                                  {"subject", d.subject},
                                  {"promulgation_date", legacy_day(d.promulgated)}}}});
    }
    bool has(const std::string& document_id) override { return find(document_id).has_value(); }
    bool has_status(const std::string& document_id, const std::string& code) override {
        for (const auto& s : objects_field(desk_.books(), "statuses_in"))
            if (text_field(s, "about_document_id") == document_id && text_field(s, "status_code") == code) return true;
        return false;
    }
    void report(const std::string& document_id, const std::string& code) override {
        const auto row = find(document_id);
        if (!row) throw broken_expectation(fmt::format("{} did not come", document_id));
        desk_.order("/_clerk", {{"status", {{"incoming", number_field(*row, "id")}, {"code", code}}}});
    }

  private:
    std::optional<json::object> find(const std::string& document_id) {
        for (auto& row : objects_field(desk_.books(), "incoming"))
            if (text_field(row, "document_id") == document_id) return row;
        return std::nullopt;
    }

    desk desk_;
};

class soap_office final : public office {
  public:
    soap_office(const network& n, const network_adapter& a) : office(party_of(n, a.agency), true), desk_(a.url) {}

    void write(const pack::edxml_document& d) override {
        json::array to;
        for (const auto& one : d.to) to.push_back({{"MaDonVi", one.code}, {"TenDonVi", one.name}});
        json::object record{{"SoVanBan", d.number},
                            {"KyHieu", d.notation},
                            {"NgayBanHanh", legacy_day(d.promulgated)},
                            {"DiaDanh", d.place},
                            {"TenLoai", d.type_name},
                            {"TrichYeu", d.subject},
                            {"DoMat", "Thường"},
                            {"NgayGui", legacy_day(d.sent) + d.sent.substr(10)},
                            {"NoiNhan", std::move(to)}};
        desk_.order("/_clerk", {{"documents", json::array{std::move(record)}}});
    }
    bool has(const std::string& document_id) override { return find(document_id).has_value(); }
    bool has_status(const std::string& document_id, const std::string& code) override {
        for (const auto& row : objects_field(desk_.books(), "received_statuses")) {
            const auto& record = row.at("record").get_object();
            if (text_field(record, "maVanBan") == document_id && text_field(record, "trangThai") == code) return true;
        }
        return false;
    }
    void report(const std::string& document_id, const std::string& code) override {
        const auto row = find(document_id);
        if (!row) throw broken_expectation(fmt::format("{} did not come", document_id));
        json::object order{{"received", number_field(*row, "id")}, {"TrangThai", code}};
        desk_.order("/_clerk", {{"report", json::array{std::move(order)}}});
    }

  private:
    std::optional<json::object> find(const std::string& document_id) {
        for (auto& row : objects_field(desk_.books(), "received"))
            if (text_field(row.at("record").get_object(), "MaVanBan") == document_id) return row;
        return std::nullopt;
    }

    desk desk_;
};

pack::edxml_party department_of_other_province() {
    pack::edxml_party p;
    p.code = other_department;
    p.name = "Sở Thông tin và Truyền thông tỉnh Ninh Bình";
    return p;
}

/// A department of the other province, whose system works on the axis.
class axis_office final : public office {
  public:
    explicit axis_office(const network_adapter& a)
        : office(department_of_other_province(), false), desk_(a.url.substr(0, a.url.rfind('/'))) {}

    void write(const pack::edxml_document& d) override {
        for (const auto& to : d.to) send("edoc", to.code, must(pack::write_edxml(d)));
    }
    bool has(const std::string& document_id) override { return find("edoc", document_id, "").has_value(); }
    bool has_status(const std::string& document_id, const std::string& code) override {
        return find("status", document_id, code).has_value();
    }
    void report(const std::string& document_id, const std::string& code) override {
        const auto row = find("edoc", document_id, "");
        if (!row) throw broken_expectation(fmt::format("{} did not come", document_id));
        const auto sender = text_field(*row, "sender");
        const auto date = document_id.substr(document_id.find(',') + 1, 10); // DocumentId is code,date,number/notation
        send("status", sender,
             pack::write_edxml(status_on(party(), {sender, text_field(*row, "notation"), date, document_id}, code)));
        desk_.order("/_status", {{"docId", text_field(*row, "receiver")}, {"status", "done"}});
    }

  private:
    void send(std::string_view kind, const std::string& to, const std::string& edxml) {
        desk_.order(
            "/_send",
            {{"from", party().code}, {"to", json::array{to}}, {"messagetype", kind}, {"content", to_base64(edxml)}});
    }
    std::optional<json::object> find(std::string_view kind, const std::string& document_id, std::string_view code) {
        for (auto& d : objects_field(desk_.books(), "documents"))
            if (text_field(d, "recipient") == party().code && text_field(d, "kind") == kind &&
                text_field(d, "document_id") == document_id && text_field(d, "status_code") == code)
                return d;
        return std::nullopt;
    }

    desk desk_;
};

} // namespace

std::unique_ptr<office> office::open(const network& n, std::string_view adapter) {
    const auto* a = n.find_adapter(adapter);
    if (!a) throw broken_expectation(fmt::format("the network has no adapter {}", adapter));
    if (a->kind == "tdoffice-folder") return std::make_unique<folder_office>(n, *a);
    if (a->kind == "tdoffice-database") return std::make_unique<database_office>(n, *a);
    if (a->kind == "tdoffice-soap") return std::make_unique<soap_office>(n, *a);
    return std::make_unique<axis_office>(*a);
}

} // namespace truc::cli::demo
