#pragma once
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace truc::deliver {

/// Who waits for news, without a thread each: long polls and receiving links. Thread-safe.
///
/// No news is lost if the waiter takes its place first and looks into the store afterwards: what commits in between
/// wakes it.
class waiting_room {
  public:
    /// A place in the room; leaving is destroying it. `wake` may still be under way on another thread at that moment.
    class place {
      public:
        ~place();
        place(const place&) = delete;

      private:
        friend class waiting_room;
        place(waiting_room& room, std::vector<std::string> keys, std::shared_ptr<std::function<void()>> wake)
            : room_(room), keys_(std::move(keys)), wake_(std::move(wake)) {}
        waiting_room& room_;
        std::vector<std::string> keys_;
        std::shared_ptr<std::function<void()>> wake_;
    };

    /// `wake` is called at each news for one of the keys, on the thread that brings it (the store's writer): it must
    /// only post.
    std::unique_ptr<place> enter(std::vector<std::string> keys, std::function<void()> wake);
    void news_for(const std::vector<std::string>& keys);

  private:
    std::mutex mutex_;
    std::unordered_multimap<std::string, std::shared_ptr<std::function<void()>>> waiting_;
};

} // namespace truc::deliver
