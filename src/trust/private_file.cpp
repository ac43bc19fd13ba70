#include <truc/base/durable.hpp>
#include <truc/trust/private_file.hpp>

#include <sys/stat.h>

namespace truc::trust {

result<std::string> read_private_file(const std::filesystem::path& file) {
    struct stat s = {};
    if (::stat(file.c_str(), &s) != 0) return fail(errc::bad_configuration, file.string() + ": cannot be read");
    if (s.st_mode & (S_IRWXG | S_IRWXO))
        return fail(errc::bad_configuration, file.string() + ": others than its owner may open it (expected mode 600)");
    auto text = read_file(file);
    if (!text) return fail(errc::bad_configuration, text.error().what);
    return text;
}

} // namespace truc::trust
