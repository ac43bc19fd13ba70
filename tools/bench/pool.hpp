#pragma once
#include <cstddef>
#include <filesystem>

namespace truc::bench {

/// A network in `directory` with documents to send, for the crash test: `pool/N.xml` signed, of mixed sizes from 3 to
/// 200 KiB, `pool/N.status.xml` status 01 about some of them, and `pool.jsonl`, one line a message with `file`, `kind`,
/// `number` of the
/// document that it is or is about, the `client` that may send it, `from` and `to` (codes). The same seed makes the
/// same documents; keys and signatures differ.
void make_pool(const std::filesystem::path& directory, std::size_t documents, unsigned seed);

} // namespace truc::bench
