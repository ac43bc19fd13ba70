#include "feed_book.hpp"

#include <truc/store/store.hpp>

namespace truc::store {

feed_book::feed_book(connection& db) : db_(db) {
    auto q = db_.prepare("SELECT value FROM tally WHERE name = 'feed_next'");
    if (!q.step()) throw sqlite_error(SQLITE_CORRUPT, "where the feeds go on is not known");
    next_ = committed_ = q.integer(0);
}

void feed_book::append_leaf(std::string_view reader, std::uint64_t leaf) {
    auto row = db_.prepare("INSERT INTO feed (reader, position, leaf) VALUES (?, ?, ?)");
    row.bind(reader).bind(next_++).bind(static_cast<std::int64_t>(leaf)).run();
}

void feed_book::append_evidence(std::string_view reader, std::int64_t evidence) {
    auto row = db_.prepare("INSERT INTO feed (reader, position, evidence) VALUES (?, ?, ?)");
    row.bind(reader).bind(next_++).bind(evidence).run();
}

void feed_book::close() {
    if (next_ == committed_) return;
    auto row = db_.prepare("UPDATE tally SET value = ? WHERE name = 'feed_next'");
    row.bind(next_).run();
}

std::string feed_of_node(std::string_view node) { return "node:" + std::string(node); }

} // namespace truc::store
