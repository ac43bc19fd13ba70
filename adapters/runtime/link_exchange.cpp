#include "condition.hpp"
#include "exchange.hpp"

#include <truc/base/log.hpp>
#include <truc/ledger/receipt.hpp>
#include <truc/trust/certificate_store.hpp>

namespace truc::adapter {

namespace {

class link_exchange final : public exchange {
  public:
    link_exchange(const client::exchange_options& options, const std::map<std::string, std::string>& cursors)
        : verifier_(std::make_shared<trust::certificate_store>(options.authority, std::filesystem::path())),
          link_(options) {
        for (const auto& [agency, cursor] : cursors)
            if (!cursor.empty()) link_.follow_evidence(agency, cursor);
    }

    bool is_connected() const override {
        look();
        return link_.is_connected();
    }
    std::string last_fault() const override { return link_.last_fault(); }
    std::optional<timestamp> away_since() const override { return condition_.since(); }
    std::vector<client::submission_answer> submit(const std::vector<client::submission>& all,
                                                  std::chrono::milliseconds patience) override {
        return link_.submit(all, patience);
    }
    std::vector<client::inbox_delivery> receive(std::size_t max, std::chrono::milliseconds wait) override {
        look();
        return link_.receive(max, wait);
    }
    void accept(const uuid& delivery) override { link_.accept(delivery); }
    void release(const uuid& delivery) override { link_.release(delivery); }
    void set_aside(const uuid& delivery, const std::string& why) override { link_.set_aside(delivery, why); }
    void ask_again() override { link_.ask_again(); }
    std::vector<fact> read_evidence(std::size_t max, std::chrono::milliseconds wait) override {
        std::vector<fact> facts;
        for (auto& e : link_.read_evidence(max, wait)) facts.push_back(read(std::move(e)));
        return facts;
    }
    void interrupt() override { link_.interrupt(); }

  private:
    /// The workers come by at least every ten seconds. The link itself tells the log when it breaks.
    void look() const {
        if (!link_.is_connected())
            condition_.fails(link_.last_fault());
        else if (condition_.works())
            spdlog::info("the exchange answers");
    }
    fact read(client::evidence e) const {
        fact f{std::move(e.agency), std::move(e.submission), std::nullopt, std::move(e.cursor)};
        auto receipt = verifier_.verify(e.receipt);
        if (receipt)
            f.event = std::move(receipt->event);
        else
            spdlog::error("evidence for {} at {}: {}", f.agency, f.cursor, explain(receipt.error(), language::english));
        return f;
    }

    ledger::receipt_verifier verifier_;
    client::exchange_link link_;
    mutable condition condition_;
};

} // namespace

std::unique_ptr<exchange> make_exchange(client::exchange_options options,
                                        const std::map<std::string, std::string>& cursors) {
    return std::make_unique<link_exchange>(options, cursors);
}

} // namespace truc::adapter
