#include "wrapped_file.hpp"

#include <fmt/format.h>

#include <archive.h>
#include <archive_entry.h>
#include <array>
#include <optional>

namespace truc::pack {
namespace {

struct archive_close {
    void operator()(archive* a) const { archive_read_free(a); }
};

/// What libarchive reads from; keeps the fault of the layer below, which libarchive cannot carry.
struct source {
    base64_stream& stream;
    std::string pending; ///< pieces read ahead of libarchive
    std::string current;
    std::optional<error> fault;
};

la_ssize_t read_piece(archive* a, void* user, const void** piece) {
    auto& from = *static_cast<source*>(user);
    from.current = std::exchange(from.pending, {});
    if (from.current.empty()) {
        const auto next = from.stream.next();
        if (!next) {
            from.fault = next.error();
            archive_set_error(a, ARCHIVE_FATAL, "base64");
            return -1;
        }
        from.current = *next;
    }
    *piece = from.current.data();
    return static_cast<la_ssize_t>(from.current.size());
}

tl::unexpected<error> fault(const source& from, archive* a, std::string_view what) {
    if (from.fault) return fail(*from.fault);
    const char* why = a ? archive_error_string(a) : nullptr;
    return fail(errc::attachment_mismatch, why ? fmt::format("{}: {}", what, why) : std::string(what));
}

/// An ordinary file, readable without a password.
result<void> check_entry(archive_entry* entry) {
    if (archive_entry_is_encrypted(entry)) return fail(errc::attachment_mismatch, "the zip is encrypted");
    if (archive_entry_filetype(entry) != AE_IFREG)
        return fail(errc::attachment_mismatch, "the zip holds something else than a file");
    return {};
}

class unwrapping {
  public:
    unwrapping(source& from, const unpack_limits& limits)
        : from_(from), limits_(limits), archive_(archive_read_new()) {}

    result<void> open() {
        if (!archive_ || archive_read_support_format_zip_streamable(archive_.get()) != ARCHIVE_OK ||
            archive_read_open(archive_.get(), &from_, nullptr, read_piece, nullptr) != ARCHIVE_OK)
            return fault(from_, archive_.get(), "the zip cannot be opened");
        archive_entry* entry = nullptr;
        const int got = archive_read_next_header(archive_.get(), &entry);
        if (got == ARCHIVE_EOF) return fail(errc::attachment_mismatch, "the zip is empty");
        if (got != ARCHIVE_OK) return fault(from_, archive_.get(), "the zip cannot be read");
        return check_entry(entry);
    }

    result<void> copy(const std::function<result<void>(std::string_view)>& sink) {
        const auto buffer = std::make_unique<std::array<char, std::size_t{64} << 10>>();
        while (true) {
            const auto got = archive_read_data(archive_.get(), buffer->data(), buffer->size());
            if (got < 0) return fault(from_, archive_.get(), "the zip cannot be unpacked");
            if (got == 0) return {};
            unpacked_ += static_cast<std::uint64_t>(got);
            if (auto within = check_size(); !within) return within;
            if (auto taken = sink({buffer->data(), static_cast<std::size_t>(got)}); !taken) return taken;
        }
    }

    result<void> expect_end() {
        archive_entry* entry = nullptr;
        const int got = archive_read_next_header(archive_.get(), &entry);
        if (got == ARCHIVE_EOF) return {};
        if (got != ARCHIVE_OK) return fault(from_, archive_.get(), "the zip cannot be read");
        return fail(errc::attachment_mismatch, "the zip holds more than one file");
    }

  private:
    result<void> check_size() const {
        if (unpacked_ > limits_.bytes)
            return fail(errc::attachment_mismatch, fmt::format("the zip unpacks to more than {} bytes", limits_.bytes));
        if (unpacked_ > limits_.free_of_ratio && unpacked_ / limits_.ratio > from_.stream.decoded())
            return fail(errc::attachment_mismatch,
                        fmt::format("the zip unpacks to more than {} times its size", limits_.ratio));
        return {};
    }

    source& from_;
    const unpack_limits& limits_;
    std::unique_ptr<archive, archive_close> archive_;
    std::uint64_t unpacked_ = 0;
};

/// A local file header: "PK\3\4". libarchive would search for one further on.
result<void> check_magic(source& from) {
    while (from.pending.size() < 4) {
        const auto piece = from.stream.next();
        if (!piece) return fail(piece.error());
        if (piece->empty()) break;
        from.pending += *piece;
    }
    if (!from.pending.starts_with("PK\x03\x04"))
        return fail(errc::attachment_mismatch, "not a zip, which its ContentType promises");
    return {};
}

/// Whatever follows the entry (the zip's own directory) must be base64, too.
result<void> drain(base64_stream& stream) {
    while (true) {
        const auto piece = stream.next();
        if (!piece) return fail(piece.error());
        if (piece->empty()) return {};
    }
}

} // namespace

result<void> unwrap(base64_stream& zip, const unpack_limits& limits,
                    const std::function<result<void>(std::string_view)>& sink) {
    source from{zip, {}, {}, {}};
    if (auto magic = check_magic(from); !magic) return magic;
    unwrapping work(from, limits);
    if (auto done = work.open(); !done) return done;
    if (auto done = work.copy(sink); !done) return done;
    if (auto done = work.expect_end(); !done) return done;
    return drain(zip);
}

} // namespace truc::pack
