#include "pool.hpp"

#include "documents.hpp"
#include "failure.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <fstream>
#include <random>

namespace truc::bench {

namespace {

namespace json = boost::json;

constexpr std::size_t agencies = 8;
constexpr std::size_t status_every = 5;

/// Most documents are small; some lie on both sides of the limit up to which content is kept inline.
std::size_t next_size(std::mt19937& random) {
    constexpr std::size_t kib = 1024;
    const auto within = [&](std::size_t least, std::size_t most) {
        return std::uniform_int_distribution<std::size_t>(least * kib, most * kib)(random);
    };
    switch (random() % 10) {
    case 0:
        return within(100, 200);
    case 1:
    case 2:
        return within(60, 70);
    case 3:
    case 4:
        return within(20, 40);
    default:
        return within(3, 8);
    }
}

class pool_writer {
  public:
    explicit pool_writer(const network& n) : network_(n) { std::filesystem::create_directories(n.directory / "pool"); }

    void add(const std::string& name, std::string_view kind, std::size_t from, std::size_t to, std::size_t number,
             const std::string& text) {
        const auto path = network_.directory / "pool" / name;
        write(path, text);
        index_ += json::serialize(json::object{{"file", path.string()},
                                               {"kind", kind},
                                               {"number", number},
                                               {"client", network_.agencies[from].client},
                                               {"from", network_.agencies[from].code},
                                               {"to", network_.agencies[to].code}}) +
                  "\n";
    }
    void finish() const { write(network_.directory / "pool.jsonl", index_); }

  private:
    /// Not synced: a pool need not survive anything.
    static void write(const std::filesystem::path& path, const std::string& text) {
        std::ofstream file(path, std::ios::binary);
        if (!(file << text).flush()) throw failure("cannot write " + path.string());
    }

    const network& network_;
    std::string index_;
};

} // namespace

void make_pool(const std::filesystem::path& directory, std::size_t documents, unsigned seed) {
    const auto n = make_network(directory, agencies);
    document_maker maker(n, 0, seed);
    pool_writer pool(n);
    std::mt19937 random(seed);
    std::size_t number = 0;
    while (number < documents) {
        const auto made = maker.make(1, next_size(random));
        for (std::size_t from = 0; from < made.size(); ++from, ++number) {
            pool.add(fmt::format("{}.xml", number), "edoc", from, maker.recipient_of(number), number,
                     made[from].front());
            if (number % status_every != 0) continue;
            const auto status = maker.make_status(number);
            pool.add(fmt::format("{}.status.xml", number), "status", status.agency, from, number, status.text);
        }
    }
    pool.finish();
}

} // namespace truc::bench
