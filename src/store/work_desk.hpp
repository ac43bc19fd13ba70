#pragma once
#include "work.hpp"

namespace truc::store {

/// Where commands hand in their work.
class work_desk {
  public:
    virtual ~work_desk() = default;
    /// Any thread. Fails the item at once with not_ready when it is not taken.
    virtual void submit(std::unique_ptr<work> item) = 0;
    virtual void drain() = 0;
    virtual void replace_signer(std::shared_ptr<const ledger::head_signer> s) = 0;
    virtual std::size_t queued() const = 0;
    virtual bool healthy() const = 0; ///< the last group was written
    virtual bool can_sign() const = 0;
    /// For how long what waits longest has waited, what is being written included.
    virtual std::chrono::milliseconds oldest_wait() const = 0;
};

/// Of a store that is only looked into: nothing is taken.
class closed_desk final : public work_desk {
  public:
    void submit(std::unique_ptr<work> item) override {
        item->failed(error(errc::not_ready, "the node is not running"));
    }
    void drain() override {}
    void replace_signer(std::shared_ptr<const ledger::head_signer>) override {}
    std::size_t queued() const override { return 0; }
    bool healthy() const override { return false; }
    bool can_sign() const override { return false; }
    std::chrono::milliseconds oldest_wait() const override { return {}; }
};

} // namespace truc::store
