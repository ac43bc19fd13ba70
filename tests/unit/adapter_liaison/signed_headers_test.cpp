#include "../../../adapters/liaison/signed_headers.hpp"

#include <truc/base/axis_signing.hpp>
#include <truc/base/bytes.hpp>

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace truc::liaison {
namespace {

std::string text_of(const std::vector<client::http_field>& fields) {
    std::string text;
    for (const auto& f : fields) text += f.name + ": " + f.value + "\n";
    return text;
}

TEST(signed_headers, are_those_that_the_sdk_was_seen_to_send) {
    const auto fields = signed_fields({{"systemid", "000.00.00.H43"},
                                       {"servicetype", "eDoc"},
                                       {"messagetype", "edoc"},
                                       {"hash-file", hex_of_sdk(sha256("<a/>\n"))},
                                       {"from", "000.00.00.H43"},
                                       {"to", R"(["000.00.00.G22","000.00.12.H43"])"},
                                       {"timestamp", "21112026T162710+0358"},
                                       {"Content-Type", "application/octet-stream"}},
                                      "s3cret");
    EXPECT_EQ(text_of(fields), R"(XroadVnpt-systemid: 000.00.00.H43
XroadVnpt-servicetype: eDoc
XroadVnpt-messagetype: edoc
XroadVnpt-hash-file: a1fd98554152adcab3c8c3f0fc3b1f7d245a5661dc459a61f92eaa7248edf
XroadVnpt-from: 000.00.00.H43
XroadVnpt-to: ["000.00.00.G22","000.00.12.H43"]
XroadVnpt-timestamp: 21112026T162710+0358
XroadVnpt-Content-Type: application/octet-stream
XroadVnpt-sign-header-key: systemid;servicetype;messagetype;hash-file;from;to;timestamp;Content-Type
XroadVnpt-sign-header: {"XroadVnpt-systemid":"000.00.00.H43","XroadVnpt-servicetype":"eDoc","XroadVnpt-messagetype":"edoc","XroadVnpt-hash-file":"a1fd98554152adcab3c8c3f0fc3b1f7d245a5661dc459a61f92eaa7248edf","XroadVnpt-from":"000.00.00.H43","XroadVnpt-to":"[\"000.00.00.G22\",\"000.00.12.H43\"]","XroadVnpt-timestamp":"21112026T162710+0358","XroadVnpt-Content-Type":"application/octet-stream"}
XroadVnpt-hash-header: 43975d25c53c6c4772004ac6c786d6cee26b527498461367ca23b91f12139ca4
)");
}

/// The names in the order in which a request of tests/data/vxp signs them.
std::vector<std::string> names_signed(const std::filesystem::path& recording) {
    std::ifstream in(recording, std::ios::binary);
    const std::string start = "XroadVnpt-sign-header-key: ";
    std::vector<std::string> names;
    for (std::string line; std::getline(in, line);) {
        if (!line.starts_with(start)) continue;
        std::istringstream list(line.substr(start.size(), line.size() - start.size() - 1));
        for (std::string name; std::getline(list, name, ';');) names.push_back(name);
    }
    return names;
}

TEST(signed_headers, stand_in_the_order_of_every_recorded_request_however_they_are_given) {
    for (const char* name : {"captured", "get-unknown", "update-unknown", "received", "sent", "agencies", "delete"}) {
        const auto recorded = names_signed(std::string(TRUC_SOURCE_DIR "/tests/data/vxp/") + name + ".request");
        ASSERT_FALSE(recorded.empty()) << name;
        axis_parameters parameters;
        for (auto at = recorded.rbegin(); at != recorded.rend(); ++at) parameters.emplace_back(*at, "x");
        // Those that share a place of the hash table stand there as they came.
        std::stable_sort(parameters.begin(), parameters.end(),
                         [](const auto& a, const auto&) { return a.first == "systemid"; });
        const auto fields = signed_fields(parameters, "k");
        std::string list;
        for (const auto& n : recorded) list += (list.empty() ? "" : ";") + n;
        EXPECT_EQ(fields[recorded.size()].value, list) << name;
    }
}

TEST(signed_headers, quote_what_json_quotes) {
    const auto fields = signed_fields({{"docId", "a\"b\\c"}}, "k");
    EXPECT_EQ(fields[2].value, R"({"XroadVnpt-docId":"a\"b\\c"})");
    EXPECT_EQ(fields[0].value, "a\"b\\c");
}

} // namespace
} // namespace truc::liaison
