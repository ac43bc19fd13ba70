#include "submission_desk.hpp"

namespace truc::client {

std::shared_ptr<submission_desk::batch> submission_desk::enter(const std::vector<submission>& all) {
    auto b = std::make_shared<batch>(all);
    const std::scoped_lock lock(mutex_);
    for (std::size_t i = 0; i < all.size(); ++i) waiting_.push_back(job{b, i});
    if (closed_) leave(b.get(), "the connection is being closed");
    return b;
}

bool submission_desk::wait(const batch& b, deadline until) {
    std::unique_lock lock(mutex_);
    return answered_.wait_until(lock, until, [&] { return b.open == 0; });
}

void submission_desk::wait(const batch& b) {
    std::unique_lock lock(mutex_);
    answered_.wait(lock, [&] { return b.open == 0; });
}

void submission_desk::give_up(batch& b, const std::string& why) {
    const std::scoped_lock lock(mutex_);
    b.given_up = true;
    leave(&b, why);
}

std::optional<submission_desk::job> submission_desk::fetch() {
    const std::scoped_lock lock(mutex_);
    if (waiting_.empty()) return std::nullopt;
    auto j = std::move(waiting_.front());
    waiting_.pop_front();
    return j;
}

bool submission_desk::is_given_up(const job& j) const {
    const std::scoped_lock lock(mutex_);
    return j.of->given_up;
}

void submission_desk::answer(const job& j, submission_answer how) {
    const std::scoped_lock lock(mutex_);
    put(j, std::move(how));
}

void submission_desk::close() {
    const std::scoped_lock lock(mutex_);
    closed_ = true;
    leave(nullptr, "the connection is being closed");
}

/// Those of a batch, or all, that nobody has fetched.
void submission_desk::leave(const batch* b, const std::string& why) {
    std::erase_if(waiting_, [&](const job& j) {
        if (b && j.of.get() != b) return false;
        put(j, submission_answer{submission_answer::outcome::later, {}, why});
        return true;
    });
}

void submission_desk::put(const job& j, submission_answer how) {
    j.of->answers[j.index] = std::move(how);
    if (--j.of->open == 0) answered_.notify_all();
}

} // namespace truc::client
