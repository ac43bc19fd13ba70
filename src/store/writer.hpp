#pragma once
/// The single writer: takes whatever waits as one group, one transaction, one signed head, one sync.

#include "content_files.hpp"
#include "event_meter.hpp"
#include "work_desk.hpp"

#include <condition_variable>
#include <deque>
#include <thread>

namespace truc::store {

class writer final : public work_desk {
  public:
    struct options {
        std::filesystem::path database;
        const content_files* files;
        std::shared_ptr<const ledger::head_signer> signer;
        const truc::clock* clock;
        metrics_registry* metrics;
        std::function<void(const commit_notice&)> on_commit;
        next_hop way;
        standing_in stands_for;
        std::function<void(recorded_events)> on_events;
    };
    explicit writer(options o);
    /// Finishes what is queued.
    ~writer() override;

    /// What is handed in is not taken when the queue is full or drained.
    void submit(std::unique_ptr<work> item) override;
    void drain() override;
    void replace_signer(std::shared_ptr<const ledger::head_signer> s) override { book_.replace_signer(std::move(s)); }
    std::size_t queued() const override;
    bool can_sign() const override { return book_.can_sign(o_.clock->now()); }
    std::chrono::milliseconds oldest_wait() const override;
    bool healthy() const override { return healthy_.load(std::memory_order_relaxed); }

  private:
    /// An item with the error for which it was left out of its group, if it was.
    struct entry {
        std::unique_ptr<work> item;
        std::optional<error> left_out;
    };
    using group = std::vector<entry>;
    using steady_time = std::chrono::steady_clock::time_point;

    void run();
    bool take(group& g);
    void write(group& g);
    std::optional<error> apply_one(transaction& t, work& item);
    result<void> sync_content(const group& g);
    bool has_its_file(const work& item) const;
    void remove_what_stays_purged(const group& g);
    result<void> apply_group(transaction& t, group& g);
    void answer(transaction& t, group& g);
    void recover();
    void flush_counts(transaction& t);
    void give_up(group& g, const error& e);
    void checkpoint_if_grown();
    void checkpoint(int mode);

    static constexpr std::size_t group_items = 256;
    static constexpr std::size_t group_bytes = std::size_t{16} << 20;
    static constexpr std::size_t queue_items = 4096;
    static constexpr int checkpoint_pages = 4000;
    static constexpr auto retry_period = std::chrono::seconds(3);

    options o_;
    connection db_;
    ledger_book book_;
    feed_book feeds_;
    duration_histogram* commit_time_ = nullptr;
    event_meter happened_;
    std::atomic<bool> healthy_{true};
    int wal_pages_ = 0;
    int checkpointed_pages_ = 0; ///< size of the WAL at the last checkpoint

    mutable std::mutex mutex_;
    std::condition_variable waiting_;
    std::condition_variable idle_;
    struct waiting_item {
        std::unique_ptr<work> item;
        steady_time since;
    };
    std::deque<waiting_item> queue_;
    bool busy_ = false;
    steady_time group_since_{}; ///< while busy: since when its oldest item waits
    bool draining_ = false;
    bool stopping_ = false;
    std::thread thread_;
};

} // namespace truc::store
