#pragma once
#include "temporary_directory.hpp"
#include "test_pki.hpp"

#include <truc/store/store.hpp>

#include <future>

namespace truc::test {

/// A clock that stands until it is moved.
class hand_clock final : public clock {
  public:
    timestamp now() const override { return from_millis(ms_.load()); }
    void advance(milliseconds by) { ms_ += by.count(); }

  private:
    std::atomic<std::int64_t> ms_{1'790'000'000'000};
};

/// The answer that a command of the store gives to its completion.
template <class T, class Command>
result<T> wait_for(Command command) {
    std::promise<result<T>> answer;
    command([&answer](result<T> r) { answer.set_value(std::move(r)); });
    return answer.get_future().get();
}

/// A store in a directory of its own that can be closed and opened again.
class small_store {
  public:
    /// Nodes that shall believe each other share their authorities.
    explicit small_store(std::string node = "ninhthuan", std::shared_ptr<test_pki> pki = std::make_shared<test_pki>());
    ~small_store();
    const std::string& node() const { return node_; }
    store::store& operator*() { return *store_; }
    store::store* operator->() { return store_.get(); }

    void close() { store_.reset(); }
    void open();
    const std::filesystem::path& directory() const { return directory_.path(); }
    hand_clock& clock() { return clock_; }
    const trust::certificate_store& authorities() const { return *authorities_; }
    std::shared_ptr<const ledger::head_signer> signer() const { return signer_; }
    /// Called at each commit from then on (before open()).
    std::function<void(const store::commit_notice&)> on_commit;
    /// The neighbour a delivery goes to; by default there is none on record.
    store::next_hop way;
    /// Whether the second agency took the place of the first; by default nobody did.
    std::function<bool(const std::string&, const std::string&)> stands_for;

    store::new_dispatch dispatch(std::string bytes, std::vector<std::string> recipients = {"000.00.12.H43"});
    result<store::acceptance> accept(store::new_dispatch d);
    result<store::acceptance> accept(std::string bytes) { return accept(dispatch(std::move(bytes))); }
    result<store::conclusion_record> conclude(const uuid& delivery, bool accepted = true,
                                              std::string recipient = "000.00.12.H43");
    result<store::refusal_record> refuse(store::refusal r);

  private:
    temporary_directory directory_;
    std::string node_;
    std::shared_ptr<test_pki> pki_;
    hand_clock clock_;
    std::shared_ptr<const ledger::head_signer> signer_;
    std::unique_ptr<trust::certificate_store> authorities_;
    std::unique_ptr<store::store> store_;
};

} // namespace truc::test
