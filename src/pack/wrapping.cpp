#include <truc/pack/wrapping.hpp>

#include <archive.h>
#include <archive_entry.h>
#include <memory>

namespace truc::pack {

namespace {

struct archive_close {
    void operator()(archive* a) const { archive_write_free(a); }
};
struct entry_close {
    void operator()(archive_entry* e) const { archive_entry_free(e); }
};

la_ssize_t append(archive*, void* user, const void* bytes, std::size_t size) {
    static_cast<std::string*>(user)->append(static_cast<const char*>(bytes), size);
    return static_cast<la_ssize_t>(size);
}

} // namespace

result<std::string> wrap_file(std::string_view bytes, const std::string& entry_name) {
    std::string zip;
    const std::unique_ptr<archive, archive_close> a(archive_write_new());
    const std::unique_ptr<archive_entry, entry_close> entry(archive_entry_new());
    archive_entry_set_pathname_utf8(entry.get(), entry_name.c_str());
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_perm(entry.get(), 0644);
    archive_entry_set_size(entry.get(), static_cast<la_int64_t>(bytes.size()));
    const bool written =
        archive_write_set_format_zip(a.get()) == ARCHIVE_OK &&
        archive_write_zip_set_compression_deflate(a.get()) == ARCHIVE_OK &&
        archive_write_set_bytes_in_last_block(a.get(), 1) == ARCHIVE_OK &&
        archive_write_open(a.get(), &zip, nullptr, append, nullptr) == ARCHIVE_OK &&
        archive_write_header(a.get(), entry.get()) == ARCHIVE_OK &&
        archive_write_data(a.get(), bytes.data(), bytes.size()) == static_cast<la_ssize_t>(bytes.size()) &&
        archive_write_close(a.get()) == ARCHIVE_OK;
    if (!written) {
        const char* const why = archive_error_string(a.get());
        return fail(errc::internal, why ? why : "zip");
    }
    return zip;
}

} // namespace truc::pack
