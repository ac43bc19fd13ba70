// One mailbox of tdoffice::make_database, which tdoffice_database_test.py drives line by line:
//   list MAX                            ok KEY KEY …
//   load KEY FILE                       ok
//   report KEY STAGE RECIPIENT|- TEXT   ok
//   deliver DELIVERY TO FILE            ok REFERENCE
// or: error CODE retryable|final WHAT
#include "tdoffice/database.hpp"

#include <truc/base/durable.hpp>
#include <truc/pack/edxml_record.hpp>

#include <fmt/format.h>

#include <iostream>
#include <sstream>

namespace {

using namespace truc;

std::string answer(const result<std::string>& r) {
    if (r) return r->empty() ? "ok" : "ok " + *r;
    return fmt::format("error {} {} {}", describe(r.error().code).name,
                       describe(r.error().code).retryable ? "retryable" : "final", r.error().what);
}

result<std::string> list(adapter::legacy_system& s, std::istream& in) {
    std::size_t max = 0;
    in >> max;
    const auto items = s.outbox->list(max);
    if (!items) return fail(items.error());
    std::string keys;
    for (const auto& item : *items) keys += (keys.empty() ? "" : " ") + item.key;
    return keys;
}

result<std::string> load(adapter::legacy_system& s, std::istream& in) {
    std::string key, file;
    in >> key >> file;
    const auto bytes = s.outbox->load(key);
    if (!bytes) return bytes;
    if (auto ok = write_file(file, *bytes); !ok) return fail(ok.error());
    return std::string();
}

result<std::string> report(adapter::legacy_system& s, std::istream& in) {
    using stage = adapter::outgoing_report::stage;
    adapter::outgoing_report r;
    std::string reached, recipient;
    in >> r.key >> reached >> recipient;
    r.reached = reached == "accepted"      ? stage::accepted
                : reached == "refused"     ? stage::refused
                : reached == "handed_over" ? stage::handed_over
                                           : stage::failed;
    if (recipient != "-") r.recipient = recipient;
    std::getline(in >> std::ws, r.text);
    r.at = system_clock().now();
    if (auto ok = s.outbox->report(r); !ok) return fail(ok.error());
    return std::string();
}

result<std::string> deliver(adapter::legacy_system& s, std::istream& in) {
    std::string delivery, file;
    adapter::incoming_item item;
    in >> delivery >> item.to >> file;
    item.delivery_id = *uuid::parse(delivery);
    item.edxml = *read_file(file);
    const auto record = pack::read_edxml(item.edxml);
    if (!record) return fail(record.error());
    if (const auto* d = std::get_if<pack::edxml_document>(&*record)) {
        item.document_id = d->document_id;
        item.from = d->from.code;
    } else {
        const auto& status = std::get<pack::edxml_status>(*record);
        item.kind = dispatch_kind::status;
        item.document_id = status.about.document_id;
        item.from = status.from.code;
    }
    return s.inbox->deliver(item);
}

} // namespace

int main(int argc, char** argv) {
    if (argc != 3) return 2;
    auto file = settings::load(argv[1], "docs/adapters-database.md");
    metrics_registry metrics;
    const adapter::adapter_context context{
        "test", {{argv[2], "Cơ quan " + std::string(argv[2])}}, {}, system_clock(), metrics, {}};
    auto system = tdoffice::make_database(file->table("database"), context);
    if (const auto ok = file->finish(); !ok) {
        std::cerr << ok.error().what << "\n";
        return 1;
    }
    for (std::string line; std::getline(std::cin, line);) {
        std::istringstream in(line);
        std::string verb;
        in >> verb;
        std::cout << answer(verb == "list"     ? list(system, in)
                            : verb == "load"   ? load(system, in)
                            : verb == "report" ? report(system, in)
                                               : deliver(system, in))
                  << std::endl;
    }
    return 0;
}
