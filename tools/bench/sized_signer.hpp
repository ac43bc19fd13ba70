#pragma once
#include <truc/trust/signing_key.hpp>

#include <cstddef>
#include <edxml_builder.hpp>
#include <string>

namespace truc::bench {

/// Signs documents so that they have a wanted size with their signatures. Immutable, thread-safe.
class sized_signer {
  public:
    /// Finds out what a signature adds, with a key of the kind that will be used. Throws failure.
    explicit sized_signer(const trust::signing_key& key);

    /// `size` bytes, a few more or less; not less than a document without attachment has (about 3 KiB). The attachment
    /// depends on `seed`. Throws failure.
    std::string make(const test::edxml_document& d, std::size_t size, unsigned seed,
                     const trust::signing_key& key) const;

  private:
    std::size_t signature_;
};

} // namespace truc::bench
