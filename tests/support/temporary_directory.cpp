#include "temporary_directory.hpp"

#include <cstdlib>
#include <stdexcept>
#include <string>

namespace truc::test {

temporary_directory::temporary_directory() {
    std::string name = (std::filesystem::temp_directory_path() / "truc-XXXXXX").string();
    if (!mkdtemp(name.data())) throw std::runtime_error("mkdtemp failed");
    path_ = name;
}

temporary_directory::~temporary_directory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

} // namespace truc::test
