#pragma once
#include "edxml_builder.hpp"
#include "tdoffice/folder_inbox.hpp"
#include "tdoffice/folder_outbox.hpp"
#include "temporary_directory.hpp"

#include <truc/base/durable.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace truc::tdoffice {

class hand_clock : public clock {
  public:
    timestamp now() const override { return now_; }
    void pass(milliseconds m) { now_ += m; }

  private:
    timestamp now_ = *from_rfc3339("2026-11-21T08:30:00.000+07:00");
};

inline void write(const std::filesystem::path& path, std::string_view text) {
    std::ofstream(path, std::ios::binary) << text;
}

inline std::vector<std::string> names_in(const std::filesystem::path& dir) {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(dir))
        names.push_back(entry.path().filename().string());
    return names;
}

class folder : public testing::Test {
  protected:
    folder() {
        o_.outbox = home_.path() / "outbox";
        o_.inbox = home_.path() / "inbox";
        o_.largest = 100'000;
        std::filesystem::create_directory(o_.outbox);
        std::filesystem::create_directory(o_.inbox);
        restart();
    }
    ~folder() override { set_disk_fault(nullptr); }

    /// As after a crash: nothing is remembered.
    void restart() {
        outbox_ = std::make_unique<folder_outbox>(o_, clock_);
        inbox_ = std::make_unique<folder_inbox>(o_, clock_);
    }

    std::filesystem::path out(const std::string& name) const { return o_.outbox / name; }
    std::filesystem::path sent(const std::string& name) const { return o_.outbox / "sent" / name; }
    std::filesystem::path in(const std::string& name) const { return o_.inbox / name; }
    static std::string text(const std::filesystem::path& path) {
        auto read = read_file(path);
        return read ? *read : "nothing at " + path.string();
    }
    static std::string document(const std::string& number = "315") {
        test::edxml_document d;
        d.number = number;
        return build(d);
    }

    /// What is listed once nobody has written for long enough.
    std::vector<std::string> keys() {
        if (!outbox_->list(100)) return {"error"};
        clock_.pass(o_.settle);
        return keys_now();
    }
    std::vector<std::string> keys_now() {
        std::vector<std::string> all;
        const auto items = outbox_->list(100);
        if (!items) return {"error"};
        for (const auto& i : *items) all.push_back(i.key);
        return all;
    }
    std::string only_key() {
        const auto all = keys();
        return all.size() == 1 ? all.front() : "not one";
    }
    static std::string key(const std::string& name, const std::string& content) {
        return name + "#" + sha256(content).hex();
    }
    adapter::outgoing_report about(const std::string& key, adapter::outgoing_report::stage reached,
                                   const std::string& id = first_id) const {
        adapter::outgoing_report r{key, reached, id, {}, {}, {}, clock_.now()};
        if (reached == adapter::outgoing_report::stage::refused)
            r.dispatch_id = {}, r.code = "schema", r.text = "Thiếu Subject (dòng 4)";
        if (reached == adapter::outgoing_report::stage::handed_over ||
            reached == adapter::outgoing_report::stage::failed)
            r.recipient = "000.00.12.H43";
        if (reached == adapter::outgoing_report::stage::failed) r.code = "expired", r.text = "Hết hạn";
        return r;
    }
    void tell(const adapter::outgoing_report& r) {
        const auto told = outbox_->report(r);
        EXPECT_TRUE(told) << told.error().what;
    }

    adapter::incoming_item item(bool perhaps_there = false) const {
        adapter::incoming_item i;
        i.delivery_id = *uuid::parse("0199f000-0000-7000-8000-00000000abcd");
        i.dispatch_id = *uuid::parse("019a9fb5-9d80-7000-8000-000000000001"); // 2025-11-20 in Vietnam
        i.document_id = "000.00.00.H43,2024/03/05,315/UBND-VPĐT";
        i.edxml = document();
        i.perhaps_there = perhaps_there;
        return i;
    }

    static constexpr const char* first_id = "019a9fb5-9d80-7000-8000-000000000001";
    static constexpr const char* second_id = "019a9fb5-9d80-7000-8000-000000000002";
    test::temporary_directory home_;
    folder_options o_;
    hand_clock clock_;
    std::unique_ptr<folder_outbox> outbox_;
    std::unique_ptr<folder_inbox> inbox_;
};

} // namespace truc::tdoffice
