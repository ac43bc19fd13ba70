#include "sample_log.hpp"

#include <truc/base/durable.hpp>

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>

namespace truc::ledger {
namespace {

/// What other people's tools make of receipts: the programs xmlsec1 and openssl, and lxml by tests/interop.
class interop : public testing::Test {
  protected:
    std::filesystem::path write(const std::string& name, std::string_view text) const {
        const auto path = pki_.dir() / name;
        if (!write_file(path, text)) throw std::runtime_error("writing " + path.string());
        return path;
    }

    static int run(const std::string& command) {
        const int status = std::system((command + " >/dev/null 2>&1").c_str());
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }
    static std::string script(std::string_view name) {
        return fmt::format("/usr/bin/python3 {}/tests/interop/{}", TRUC_SOURCE_DIR, name);
    }
    int verify(const std::filesystem::path& file) const {
        return run(fmt::format("{} --ca {} {}", script("verify_receipt.py"), pki_.node_ca().string(), file.string()));
    }
    int xmlsec(const std::filesystem::path& file) const {
        return run(fmt::format("xmlsec1 --verify --trusted-pem {} --id-attr:Id urn:truc:receipt:1:SignedTreeHead {}",
                               pki_.node_ca().string(), file.string()));
    }
    int validate(const std::filesystem::path& file) const {
        return run(
            fmt::format("{} {}/schemas/truc/receipt.xsd {}", script("validate.py"), TRUC_SOURCE_DIR, file.string()));
    }

    static std::string replaced(std::string text, std::string_view from, std::string_view to) {
        const auto at = text.find(from);
        if (at == std::string::npos) throw std::logic_error("nothing to replace");
        return text.replace(at, from.size(), to);
    }

    test::test_pki pki_;
    test::identity node_ = pki_.node("ninhthuan");
    head_signer signer_{node_.signing_key()};
    sample_log log_{"ninhthuan", 13};
    std::string head_ = signer_.sign(log_.head(13)).value();
    std::string good_ = log_.receipt(5, 13, head_);
};

TEST_F(interop, foreign_tools_verify_receipts) {
    const std::pair<std::uint64_t, std::uint64_t> cases[] = {{0, 1}, {1, 2}, {0, 8}, {6, 7}, {12, 13}, {8, 11}};
    for (const auto& [leaf, size] : cases) {
        const auto text = log_.receipt(leaf, size, signer_.sign(log_.head(size)).value());
        const auto file = write("receipt.xml", text);
        EXPECT_EQ(xmlsec(file), 0) << text;
        EXPECT_EQ(verify(file), 0) << text;
        EXPECT_EQ(validate(file), 0) << text;
    }
}

TEST_F(interop, foreign_tools_verify_lone_heads) {
    const auto file = write("head.xml", head_);
    EXPECT_EQ(xmlsec(file), 0);
    EXPECT_EQ(validate(file), 0);
    EXPECT_NE(xmlsec(write("bad.xml", replaced(head_, "<TreeSize>13", "<TreeSize>14"))), 0);
}

TEST_F(interop, foreign_tools_notice_every_change) {
    ASSERT_EQ(verify(write("good.xml", good_)), 0);
    const std::pair<std::string, std::string> changes[] = {
        {"<From>000.00.00.G22", "<From>000.00.00.G23"},
        {"<Node>" + log_.path(5, 13)[0].hex(), "<Node>" + sha256("x").hex()},
        {"<Node>" + log_.path(5, 13)[0].hex() + "</Node>", ""},
        {"leafIndex=\"5\"", "leafIndex=\"4\""},
        {"leafIndex=\"5\"", "leafIndex=\"05\""},
        {"treeSize=\"13\"", "treeSize=\"12\""},
        {"Id=\"ninhthuan.1.5\"", "Id=\"ninhthuan.1.6\""},
        {"<LogId>ninhthuan.1", "<LogId>ninhthuan.2"},
        {"<TreeSize>13", "<TreeSize>14"},
        {"<RootHash>" + log_.head(13).root.hex(), "<RootHash>" + sha256("x").hex()},
        {"</Receipt>", log_.text(5) + "</Receipt>"},
    };
    for (const auto& [from, to] : changes) EXPECT_EQ(verify(write("bad.xml", replaced(good_, from, to))), 1) << from;
}

TEST_F(interop, foreign_tools_notice_a_stranger) {
    auto request = test::test_pki::request("Nút ninhthuan");
    request.uris = {"urn:truc:node:ninhthuan"};
    const auto stranger = pki_.make(pki_.agency_authority(), "stranger", request);
    const auto head = head_signer(stranger.signing_key()).sign(log_.head(13)).value();
    EXPECT_EQ(verify(write("stranger.xml", log_.receipt(5, 13, head))), 1);
}

TEST_F(interop, foreign_tools_judge_the_certificate_for_the_time_of_the_head) {
    auto request = test::test_pki::request("Nút ninhthuan");
    request.uris = {"urn:truc:node:ninhthuan"};
    request.not_after = test::test_pki::moment("2022-01-01T00:00:00+07:00");
    const head_signer signer(pki_.make(pki_.node_authority(), "expired", request).signing_key());
    auto head = log_.head(13);
    EXPECT_EQ(verify(write("late.xml", log_.receipt(5, 13, signer.sign(head).value()))), 1);
    head.time = test::test_pki::moment("2021-12-31T23:59:59+07:00");
    EXPECT_EQ(verify(write("old.xml", log_.receipt(5, 13, signer.sign(head).value()))), 0);
}

TEST_F(interop, the_schema_refuses_what_is_no_receipt) {
    const std::pair<std::string, std::string> changes[] = {
        {"<Time>2026", "<Time>26"},
        {"<Name>ContentHandover</Name>", ""},
        {"<Signature>valid", "<Signature>maybe"},
        {"leafIndex=\"5\"", "leafIndex=\"05\""},
        {"Id=\"sth\"", "Id=\"other\""},
        {"</Receipt>", "<Event/></Receipt>"},
    };
    for (const auto& [from, to] : changes) EXPECT_EQ(validate(write("bad.xml", replaced(good_, from, to))), 1) << from;
}

} // namespace
} // namespace truc::ledger
