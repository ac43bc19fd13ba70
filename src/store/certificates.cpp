// Certificates that were seen in use: kept so that their end can be foretold.
#include "parts.hpp"
#include "quiet_work.hpp"

namespace truc::store {

namespace {

class remember_certificate_work final : public quiet_work {
  public:
    remember_certificate_work(seen_certificate c, completion<std::monostate> done)
        : quiet_work(std::move(done)), c_(std::move(c)) {}
    result<void> apply(transaction& t) override {
        auto row = t.db.prepare("INSERT INTO certificate (sha256, subject, not_after, seen_at) VALUES (?, ?, ?, ?)"
                                " ON CONFLICT (sha256) DO UPDATE SET seen_at = max(seen_at, excluded.seen_at)");
        row.bind(c_.sha256).bind(std::string_view(c_.subject));
        row.bind(to_millis(c_.not_after)).bind(to_millis(c_.seen_at)).run();
        return {};
    }

  private:
    seen_certificate c_;
};

} // namespace

void store::remember_certificate(seen_certificate c, completion<std::monostate> done) {
    parts_->writing->submit(std::make_unique<remember_certificate_work>(std::move(c), std::move(done)));
}

std::vector<seen_certificate> store::seen_certificates() const {
    auto db = parts_->pool.take();
    auto q = db->prepare("SELECT sha256, subject, not_after, seen_at FROM certificate ORDER BY not_after, sha256");
    std::vector<seen_certificate> all;
    while (q.step())
        all.push_back({q.digest(0), std::string(q.text(1)), from_millis(q.integer(2)), from_millis(q.integer(3))});
    return all;
}

} // namespace truc::store
