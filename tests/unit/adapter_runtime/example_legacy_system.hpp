// A legacy system that writes what it sends as outbox/NAME.xml and reads what it receives as inbox/DELIVERY.xml.
#include "runtime/adapter_context.hpp"
#include "runtime/legacy_system.hpp"

#include <truc/base/durable.hpp>
#include <truc/base/settings.hpp>

#include <condition_variable>
#include <mutex>

namespace example {

using namespace truc;
namespace fs = std::filesystem;

class outbox final : public adapter::legacy_outbox {
  public:
    explicit outbox(fs::path dir) : dir_(std::move(dir)) {}

    result<std::vector<adapter::waiting_item>> list(std::size_t max) override {
        std::error_code ec;
        std::vector<adapter::waiting_item> all;
        for (const auto& file : fs::directory_iterator(dir_, ec)) {
            const auto name = file.path().filename().string();
            // A refused one waits again when its people have removed the note about it.
            if (file.path().extension() != ".xml" || fs::exists(dir_ / (name + ".refused"))) continue;
            if (all.size() < max) all.push_back({name, name});
        }
        if (ec) return fail(errc::legacy_away, dir_.string() + ": " + ec.message()); // retryable: the share is away
        return all;
    }
    result<std::string> load(const std::string& key) override {
        auto text = read_file(dir_ / key);
        if (!text) return fail(errc::legacy_away, text.error().what);
        return text;
    }
    result<void> report(const adapter::outgoing_report& r) override {
        using enum adapter::outgoing_report::stage;
        if (r.reached == refused) return write_file(dir_ / (r.key + ".refused"), r.text + "\n");
        if (r.reached == failed) return write_file(dir_ / (r.key + "." + r.recipient + ".failed"), r.text + "\n");
        if (r.reached == handed_over) return write_file(dir_ / (r.key + "." + r.recipient + ".delivered"), "");
        std::error_code ec;
        fs::rename(dir_ / r.key, dir_ / (r.key + ".sent"), ec); // the second time there is nothing to rename
        if (ec && fs::exists(dir_ / r.key)) return fail(errc::legacy_away, ec.message());
        return sync_directory(dir_);
    }
    void wait(std::chrono::milliseconds at_most) override {
        std::unique_lock lock(mutex_);
        bell_.wait_for(lock, std::min(at_most, look_again_), [this] { return interrupted_; });
        interrupted_ = false;
    }
    void interrupt() override {
        const std::scoped_lock lock(mutex_);
        interrupted_ = true;
        bell_.notify_all();
    }

  private:
    static constexpr std::chrono::milliseconds look_again_{2'000};
    fs::path dir_;
    std::mutex mutex_;
    std::condition_variable bell_;
    bool interrupted_ = false;
};

class inbox final : public adapter::legacy_inbox {
  public:
    explicit inbox(fs::path dir) : dir_(std::move(dir)) {}

    result<std::string> deliver(const adapter::incoming_item& item) override {
        // The same delivery writes the same file: there is nothing to look for when it is perhaps there.
        const auto name = item.delivery_id.str() + ".xml";
        if (auto written = write_file(dir_ / name, item.edxml); !written)
            return fail(errc::legacy_away, written.error().what);
        return name;
    }

  private:
    fs::path dir_;
};

adapter::legacy_system make_example(settings s, const adapter::adapter_context&) {
    fs::path out, in;
    s.read_path("outbox", out, true, settings::is::any); // a share may be away at the start
    s.read_path("inbox", in, true, settings::is::any);
    return {std::make_unique<outbox>(out), std::make_unique<inbox>(in)};
}

} // namespace example
