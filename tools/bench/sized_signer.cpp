#include "sized_signer.hpp"

#include "failure.hpp"

#include <truc/dsig/signer.hpp>

namespace truc::bench {

sized_signer::sized_signer(const trust::signing_key& key) {
    const auto plain = test::build(test::edxml_document());
    signature_ = take(dsig::sign(plain, key), "signing").size() - plain.size();
}

std::string sized_signer::make(const test::edxml_document& d, std::size_t size, unsigned seed,
                               const trust::signing_key& key) const {
    const auto text = test::build_of_size(d, size > signature_ ? size - signature_ : 0, seed);
    return take(dsig::sign(text, key), "signing");
}

} // namespace truc::bench
