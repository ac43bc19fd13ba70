#pragma once
// An accept pipeline without any socket: a province's node with a few agencies and clients.
#include "edxml_builder.hpp"
#include "small_store.hpp"

#include <truc/directory/directory.hpp>
#include <truc/dsig/signer.hpp>
#include <truc/intake/pipeline.hpp>
#include <truc/intake/succession.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace truc::test {

inline constexpr auto province = "000.00.00.H43";
inline constexpr auto department = "000.00.12.H43";

inline std::shared_ptr<const xml::schema_registry> schemas() {
    static const auto registry = std::make_shared<const xml::schema_registry>(TRUC_SOURCE_DIR "/schemas/edxml");
    return registry;
}

class pipeline_test : public testing::Test {
  protected:
    pipeline_test() {
        const auto now = test_pki::now();
        s_.clock().advance(now - s_.clock().now());
        s_.stands_for = [this](const std::string& earlier, const std::string& today) {
            return intake::stands_for(*pipeline_->current_directory(), earlier, today, s_.clock().now());
        };
        pipeline_ = std::make_unique<intake::pipeline>(
            intake::pipeline::options{&*s_, schemas(), "ninhthuan", &s_.clock(), &metrics_}, around());
    }

    static std::string line(std::string_view kind, const std::string& members) {
        return "{\"" + std::string(kind) + "\": {" + members + "}}\n";
    }
    std::string agency(const std::string& code, const identity* key, const std::string& more = {}) const {
        return line("agency", "\"code\": \"" + code + "\", \"name\": \"" + code + "\", \"node\": \"ninhthuan\"" +
                                  (key ? ", \"certificates\": [\"" + key->digest.hex() + "\"]" : "") + more);
    }
    intake::surroundings around() const {
        std::string text =
            line("node", R"("name": "ninhthuan", "level": "province", "http": "https://127.0.0.1:1")") +
            line("node",
                 R"("name": "thuannam", "level": "district", "parent": "ninhthuan", "http": "https://127.0.0.1:2")");
        text += agency(province, &province_key_) + agency(department, &department_key_, R"(, "aliases": ["H43.12"])") +
                agency("000.00.03.H43", nullptr) +
                agency("000.00.01.H43", nullptr, R"(, "valid_to": "2021-01-01T00:00:00+07:00")") +
                agency("000.00.02.H43", nullptr,
                       R"(, "valid_to": "2021-01-01T00:00:00+07:00", "successors": ["000.00.12.H43"])");
        text += line("agency", R"("code": "000.00.36.H43", "name": "Thuận Nam", "node": "thuannam")");
        text += line(
            "client",
            R"("id": "ubnd", "agencies": ["000.00.00.H43", "000.00.01.H43", "000.00.36.H43"], "entrances": ["http"])");
        text += line("client", R"("id": "so-tttt", "agencies": ["000.00.12.H43"], "entrances": ["http"])");
        text += line("client", R"("id": "so-khdt", "agencies": ["000.00.03.H43"], "entrances": ["http"])");
        auto d = directory::directory::parse(text, "test");
        if (!d) throw std::runtime_error(d.error().what);
        const auto certificates =
            std::make_shared<const trust::certificate_store>(pki_.agency_ca(), std::filesystem::path());
        return {std::make_shared<const directory::directory>(std::move(*d)),
                std::make_shared<const dsig::verifier>(certificates)};
    }

    intake::channel channel(const char* client, entrance door = entrance::http) const {
        intake::channel c;
        c.directory = pipeline_->current_directory();
        c.client = c.directory->find_client(client);
        c.entrance = door;
        return c;
    }
    std::string signed_by(const identity& who, const std::string& xml) const {
        auto text = dsig::sign(xml, *who.signing_key());
        if (!text) throw std::runtime_error(explain(text.error(), language::english));
        return *text;
    }
    result<intake::verified_dispatch> examine(std::string_view bytes, intake::channel from, intake::wishes asked = {}) {
        reception_ = std::make_unique<intake::reception>(*pipeline_->begin(std::move(from), std::move(asked)));
        for (std::size_t at = 0; at < bytes.size(); at += 1000)
            if (auto fed = reception_->feed(bytes.substr(at, 1000)); !fed) return fail(fed.error());
        if (auto arrived = reception_->finish(); !arrived) return fail(arrived.error());
        return pipeline_->examine(*reception_);
    }
    result<store::acceptance> send(std::string_view bytes, intake::channel from, intake::wishes asked = {}) {
        auto d = examine(bytes, std::move(from), std::move(asked));
        if (!d) return fail(d.error());
        std::promise<result<store::acceptance>> answer;
        pipeline_->accept(std::move(*d), [&](result<store::acceptance> a) { answer.set_value(std::move(a)); });
        return answer.get_future().get();
    }
    /// The code with which a message of the province is refused.
    errc refusal(std::string_view bytes, const char* client = "ubnd", intake::wishes asked = {}) {
        const auto d = examine(bytes, channel(client), std::move(asked));
        if (d) {
            ADD_FAILURE() << "was accepted";
            return errc::internal;
        }
        last_ = d.error();
        return last_.code;
    }

    small_store s_;
    test_pki pki_;
    identity province_key_ = pki_.agency("ubnd");
    identity department_key_ = pki_.agency("so-tttt");
    identity stranger_key_ = pki_.agency("stranger");
    metrics_registry metrics_;
    std::unique_ptr<intake::pipeline> pipeline_;
    std::unique_ptr<intake::reception> reception_;
    error last_{errc::internal};
};

} // namespace truc::test
