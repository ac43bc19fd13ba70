#pragma once
#include <truc/base/result.hpp>

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace truc {

/// host:port.
struct address {
    std::string host;
    std::uint16_t port = 0;
};

/// A configuration file in TOML, read key by key. The first thing that is wrong is remembered, with file, line and what
/// was expected; finish() tells it, and it tells every key that nobody asked for. What is read after a fault keeps its
/// default, so that a reader need not look at each step.
///
/// A value is a view of one table; tables of one file share what is remembered. Not thread-safe.
class settings {
  public:
    /// The root table. `documented_in` is where people find all keys. Error: bad_configuration (what = "file:line: …").
    static result<settings> load(const std::filesystem::path& file, std::string documented_in);

    bool has(std::string_view key) const;
    void read(std::string_view key, bool& into);
    /// A whole number; other types of number and std::chrono durations too.
    template <class Number>
    void read_number(std::string_view key, Number& into, std::int64_t least, std::int64_t most) {
        if (const auto value = number(key, least, most)) into = static_cast<Number>(*value);
    }
    enum class is { file, directory, directory_or_new, socket, any };
    /// Relative ones count from the configuration's directory.
    void read_path(std::string_view key, std::filesystem::path& into, bool mandatory, is kind);
    /// A text that `good` accepts; null: any that is not empty.
    void read_text(std::string_view key, std::string& into, bool mandatory, bool (*good)(std::string_view) = nullptr,
                   std::string_view expected = "a text");
    void read_address(std::string_view key, address& into);
    void read_list(std::string_view key, std::vector<std::string>& into); ///< of texts
    /// A table of texts: [status_codes] "01" = "1".
    void read_map(std::string_view key, std::map<std::string, std::string>& into);

    /// The table of that name; an empty one when it is missing.
    settings table(std::string_view key);
    /// [[key]], one after the other.
    std::vector<settings> tables(std::string_view key);

    /// What was read does not do: remembered as a fault of that key, or of this table when it has no such key.
    void refuse(std::string_view key, std::string_view expected);

    /// Of the whole file. Error: bad_configuration.
    result<void> finish() const;

  private:
    struct file;
    settings(std::shared_ptr<file> f, const void* table, std::string name);
    std::optional<std::int64_t> number(std::string_view key, std::int64_t least, std::int64_t most);

    std::shared_ptr<file> file_;
    const void* table_; ///< a toml::table of the file
    std::string name_;  ///< "" or "section."
};

} // namespace truc
