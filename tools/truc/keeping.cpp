// mode, backup, restore: what keeps a node and its documents safe.
#include "fields.hpp"
#include "progress.hpp"
#include "session.hpp"
#include "verbs.hpp"
#include "words.hpp"

#include <truc/base/ascii.hpp>
#include <truc/store/restore.hpp>

#include <boost/json/serialize.hpp>

#include <thread>

namespace truc::cli {

namespace {

/// Why it takes nothing, beside that somebody has closed it.
std::vector<std::string> other_reasons(const json::object& m) {
    std::vector<std::string> all;
    for (const auto& r : array_field(m, "reasons"))
        if (r.is_string() && !std::string_view(r.get_string()).starts_with("read_only:"))
            all.emplace_back(std::string_view(r.get_string()));
    return all;
}

void tell_mode(const context& c, json::object m, bool is_running) {
    m["running"] = is_running;
    c.object(m);
    const auto others = other_reasons(m);
    const bool is_closed = flag_field(m, "read_only");
    if (!is_running) c.line(words("The node is NOT running: it takes nothing.", "Nút KHÔNG chạy: không nhận gì."));
    if (is_closed)
        c.paragraph("", words("The node takes NO new documents, by {} since {}: {}. What it has is still delivered.",
                              "Nút KHÔNG nhận văn bản mới, do {} đặt từ {}: {}. Văn bản đã nhận vẫn được giao.",
                              text_field(m, "by"), short_time(text_field(m, "since")), text_field(m, "reason")));
    for (const auto& why : others)
        c.paragraph("", words("The node takes NO new documents now: {}.", "Hiện nút KHÔNG nhận văn bản mới: {}.", why));
    if (is_running && !is_closed && others.empty())
        c.line(words("The node takes new documents.", "Nút nhận văn bản mới."));
}

/// What the node says of the copy that it makes, until it is done.
outcome<json::object> wait_for_copy(const context& c, session& s) {
    constexpr auto between_looks = std::chrono::milliseconds(100);
    progress_bar bar(c, words("copying", "đang sao lưu"));
    for (;;) {
        auto told = s.get_object(target("/admin/backup"));
        if (!told || text_field(*told, "state") != "running") return told;
        bar.show(static_cast<std::uint64_t>(number_field(*told, "done")),
                 static_cast<std::uint64_t>(number_field(*told, "all")));
        std::this_thread::sleep_for(between_looks);
    }
}

/// What a copy lacks because the node had it damaged, or has damaged itself. No: there is something to do.
exit_code tell_missing(const context& c, const json::object& told) {
    const auto missing = list_field(told, "missing");
    if (missing.empty()) return exit_code::done;
    c.paragraph("",
                words("Contents that are damaged or missing, and not there: {}. Put their files into content/<first "
                      "two digits>/ of data_dir from another copy, or have the senders submit again.",
                      "Nội dung bị hỏng hoặc mất, không có trong đó: {}. Hãy chép tệp từ bản sao khác vào "
                      "content/<hai chữ số đầu>/ của data_dir, hoặc đề nghị bên gửi gửi lại.",
                      missing));
    return exit_code::no;
}

std::string megabytes(std::int64_t bytes) { return fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1e6); }

} // namespace

outcome<exit_code> backup(const context& c, const backup_options& o) {
    auto s = connect_as_administrator(c);
    if (!s) return stop(s.error());
    std::error_code ec; // the node may work in another directory
    const auto to = std::filesystem::absolute(o.to, ec);
    const auto begun =
        s->post(target("/admin/backup"), "application/json", json::serialize(json::object{{"to", to.string()}}), false);
    if (!begun) return stop(begun.error());
    const auto told = wait_for_copy(c, *s);
    if (!told) return stop(told.error());
    if (text_field(*told, "state") == "failed") return stop(failure{exit_code::no, *told});
    c.object(*told);
    c.paragraph("", words("A copy is in {}: {} events, {} contents, {}.", "Bản sao ở {}: {} sự kiện, {} nội dung, {}.",
                          to.string(), text_field(*told, "ledger_size"), text_field(*told, "contents"),
                          megabytes(number_field(*told, "bytes"))));
    return tell_missing(c, *told);
}

outcome<exit_code> restore(const context& c, const restore_options& o) {
    progress_bar bar(c, words("restoring", "đang khôi phục"));
    const auto restored = store::restore(o.from, o.to, system_clock().now(),
                                         [&bar](std::uint64_t done, std::uint64_t all) { bar.show(done, all); });
    if (!restored) return stop(restored.error());
    const auto& copy = restored->copy;
    json::array missing;
    for (const auto& digest : restored->missing) missing.emplace_back(digest.hex());
    const json::object told{{"directory", o.to.string()},
                            {"node", copy.node},
                            {"made_at", to_rfc3339(copy.made_at)},
                            {"former_log", copy.log},
                            {"ledger_size", copy.record.ledger_size},
                            {"log", restored->log},
                            {"missing", std::move(missing)}};
    c.object(told);
    c.paragraph("",
                words("{} holds what {} had at {}. Its log {} ends with {} events; the node goes on in log {}. Start "
                      "it with this data_dir: it asks its neighbours for what came after. Then: truc doctor.",
                      "{} chứa dữ liệu của {} lúc {}. Sổ {} kết thúc với {} sự kiện; nút ghi tiếp vào sổ {}. Hãy "
                      "khởi động nút với data_dir này: nút sẽ hỏi các nút lân cận những gì đến sau đó. Tiếp theo: "
                      "truc doctor.",
                      o.to.string(), copy.node, short_time(to_rfc3339(copy.made_at)), copy.log, copy.record.ledger_size,
                      restored->log));
    return tell_missing(c, told);
}

outcome<exit_code> mode(const context& c, const mode_options& o) {
    if (o.mode == "read-only" && trim(o.reason).empty())
        return stop(usage_failure(words("say why: --reason TEXT; whoever is refused reads it",
                                        "hãy nêu lý do: --reason; bên bị từ chối sẽ đọc được")));
    auto s = connect_as_administrator(c);
    if (!s) return stop(s.error());
    const target where("/admin/mode");
    const json::object wanted{{"read_only", o.mode == "read-only"}, {"reason", o.reason}};
    const auto m =
        o.mode.empty() ? s->get_object(where) : s->post(where, "application/json", json::serialize(wanted), true);
    if (!m) return stop(m.error());
    tell_mode(c, *m, !s->is_of_stopped_node());
    return exit_code::done;
}

} // namespace truc::cli
