#include "backup_calls.hpp"

#include <truc/base/log.hpp>
#include <truc/base/utf8.hpp>
#include <truc/store/restore.hpp>

namespace truc::api {

namespace {

std::optional<std::string> directory_in(const std::string& body) {
    boost::system::error_code ec;
    const auto parsed = json::parse(body, ec);
    const auto* object = ec ? nullptr : parsed.if_object();
    const auto* to = object ? object->if_contains("to") : nullptr;
    if (!to || !to->is_string() || to->get_string().empty()) return std::nullopt;
    return std::string(std::string_view(to->get_string()));
}

} // namespace

backup_desk::~backup_desk() {
    if (thread_.joinable()) thread_.join();
}

result<http::response> backup_desk::begin(const std::string& body) {
    const auto to = directory_in(body);
    if (!to) return fail(errc::bad_request, R"(expected {"to": "/a/new/directory"})");
    const std::scoped_lock lock(mutex_);
    if (last_ && !last_->outcome) return fail(errc::not_ready, "a copy is being made to " + last_->to.string());
    if (thread_.joinable()) thread_.join(); // it is done, but for its end
    last_ = job{*to, s_.clock.now()};
    thread_ = std::thread([this, to = *to] { run(to); });
    return answer(202, describe(nullptr));
}

void backup_desk::run(const std::filesystem::path& to) {
    auto made = s_.store.back_up(to, [this](std::uint64_t done, std::uint64_t all) {
        const std::scoped_lock lock(mutex_);
        last_->done = done;
        last_->all = all;
    });
    if (made)
        spdlog::info("a copy of the store is in {}: {} events, {} content files", to.string(), made->ledger_size,
                     made->contents);
    else
        spdlog::error("no copy of the store was made: {}", explain(made.error(), language::english));
    const auto manifest = made ? store::read_manifest(to) : fail(errc::not_found);
    if (manifest && !manifest->missing.empty())
        spdlog::error("{} contents are damaged or missing, and not in that copy", manifest->missing.size());
    const std::scoped_lock lock(mutex_);
    if (manifest) last_->missing = manifest->missing;
    last_->ended = s_.clock.now();
    last_->outcome = std::move(made);
}

result<http::response> backup_desk::show(const http::request_head& head) const {
    const std::scoped_lock lock(mutex_);
    return answer(200, describe(&head));
}

json::object backup_desk::describe(const http::request_head* head) const {
    if (!last_) return {{"state", "none"}};
    json::object o{{"state", "running"},
                   {"to", last_->to.string()},
                   {"begun_at", to_rfc3339(last_->begun)},
                   {"done", last_->done},
                   {"all", last_->all}};
    if (last_->ended) o["ended_at"] = to_rfc3339(*last_->ended);
    if (!last_->outcome) return o;
    if (const auto& made = *last_->outcome) {
        o["state"] = "done";
        o["ledger_size"] = made->ledger_size;
        o["head"] = made->head;
        o["contents"] = made->contents;
        o["bytes"] = made->bytes;
        json::array missing;
        for (const auto& digest : last_->missing) missing.emplace_back(digest.hex());
        o["missing"] = std::move(missing);
    } else {
        const auto& entry = truc::describe(made.error().code);
        const auto lang = language_of(head);
        o["state"] = "failed";
        o["code"] = entry.name;
        o["title"] = entry.title[static_cast<unsigned>(lang)];
        o["detail"] = to_valid_utf8(explain(made.error(), lang));
        o["retryable"] = entry.retryable;
        o["who"] = to_string(entry.must_act);
    }
    return o;
}

} // namespace truc::api
