// The journal's file and its answers to people.

#include "both_sides.hpp"
#include "runtime/back_off.hpp"
#include "runtime/instance_lock.hpp"
#include "runtime/sentences.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

namespace truc::test {

using namespace std::chrono_literals;
using testing::HasSubstr;

TEST(journal, is_for_its_owner_alone) {
    const both_sides b;
    for (const char* name : {"journal.db", "journal.db-wal"}) {
        struct stat s {};
        ASSERT_EQ(::stat((b.place.path() / name).c_str(), &s), 0) << name;
        EXPECT_EQ(s.st_mode & 0077u, 0u) << name;
    }
}

TEST(journal, of_another_program_or_a_newer_one_is_not_touched) {
    const temporary_directory place;
    const hand_clock clock;
    const auto file = place.path() / "journal.db";
    { const adapter::journal made(file, clock); }
    {
        store::connection db(file, store::connection::mode::writer);
        db.execute("PRAGMA user_version=99");
    }
    EXPECT_THROW(adapter::journal(file, clock), std::runtime_error);
    {
        store::connection db(file, store::connection::mode::writer);
        db.execute("PRAGMA user_version=1; PRAGMA application_id=7");
    }
    EXPECT_THROW(adapter::journal(file, clock), std::runtime_error);
}

TEST(journal, forgets_the_bytes_of_what_is_accepted_and_keeps_their_digest) {
    both_sides b;
    const auto file = b.place.path() / "journal.db";
    for (int n = 0; n < 200; ++n) b.outbox.waiting[std::to_string(n)].content = b.document("N" + std::to_string(n));
    ASSERT_TRUE(b.settle());
    store::connection db(file, store::connection::mode::reader);
    auto q = db.prepare("SELECT count(*), count(content), count(sha256) FROM items");
    ASSERT_TRUE(q.step());
    EXPECT_EQ(q.integer(0), 200);
    EXPECT_EQ(q.integer(1), 0);
    EXPECT_EQ(q.integer(2), 200);
}

TEST(journal, lists_in_pages) {
    both_sides b;
    for (const std::string key : {"1", "2", "3"}) b.outbox.waiting[key].content = key == "2" ? "<a/>" : b.document(key);
    ASSERT_TRUE(b.settle());
    const auto first = b.journal->items({direction::outgoing, std::nullopt, 0, 2});
    ASSERT_EQ(first.size(), 2u);
    const auto rest = b.journal->items({direction::outgoing, std::nullopt, first[1].id, 2});
    ASSERT_EQ(rest.size(), 1u);
    const auto sick = b.journal->items({std::nullopt, item_state::quarantined, 0, 100});
    ASSERT_EQ(sick.size(), 1u);
    EXPECT_EQ(sick[0].key, "2");
    EXPECT_FALSE(sick[0].text.empty());
    EXPECT_TRUE(b.journal->items({direction::incoming, std::nullopt, 0, 100}).empty());
    EXPECT_EQ(b.journal->counts().items[0][1], 2u);
    EXPECT_EQ(b.journal->open_counts().items[0][2], 1u);
}

TEST(journal, one_process_at_a_time) {
    const temporary_directory place;
    const auto dir = place.path() / "new";
    const auto first = std::make_unique<instance_lock>(dir);
    EXPECT_TRUE(std::filesystem::exists(dir / "truc-adapter.pid"));
    EXPECT_EQ(std::filesystem::status(dir).permissions(), std::filesystem::perms::owner_all);
    EXPECT_THROW(instance_lock{dir}, std::runtime_error);
}

TEST(back_off, grows_from_a_second_to_a_minute) {
    EXPECT_EQ(pause_after(1), 1s);
    EXPECT_EQ(pause_after(2), 2s);
    EXPECT_EQ(pause_after(6), 32s);
    EXPECT_EQ(pause_after(7), 60s);
    EXPECT_EQ(pause_after(4'000'000'000u), 60s);
    back_off b;
    const timestamp now{};
    EXPECT_FALSE(b.rests(now));
    b.failed(now);
    EXPECT_TRUE(b.rests(now));
    EXPECT_FALSE(b.rests(now + 1s));
    b.worked();
    EXPECT_FALSE(b.rests(now));
}

TEST(back_off, of_many_things_needs_little_memory) {
    back_offs all;
    const timestamp now{};
    for (std::size_t n = 0; n < back_offs::most; ++n) all.failed(std::to_string(n), now);
    EXPECT_TRUE(all.rests("0", now));
    all.failed("0", now);
    all.failed("one more", now);
    EXPECT_EQ(all.size(), back_offs::most);
    EXPECT_TRUE(all.rests("0", now)) << "another one is forgotten: an early attempt";
    EXPECT_TRUE(all.rests("one more", now));
}

TEST(sentences, of_the_node_are_said_in_vietnamese) {
    for (const auto& e : {error(errc::recipient_unknown, "000.00.99.H43"), error(errc::no_space, ""),
                          error(errc::not_xml, "tag <a>, line 7")})
        EXPECT_EQ(in_vietnamese(describe(e.code).name, explain(e, language::english)),
                  explain(e, language::vietnamese));
    EXPECT_THAT(in_vietnamese("recipient_unknown", "whoever"), HasSubstr("whoever"));
    EXPECT_EQ(in_vietnamese("of_a_newer_node", "something new"), "something new");
}

} // namespace truc::test
