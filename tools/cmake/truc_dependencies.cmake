# Every library the project uses, found once. Versions are those of Debian 12.
find_package(PkgConfig REQUIRED)
# Debian's own interpreter: another one earlier in PATH would lack Debian's lxml, which the tests use.
if(NOT DEFINED Python3_EXECUTABLE AND EXISTS /usr/bin/python3)
  set(Python3_EXECUTABLE /usr/bin/python3)
endif()
find_package(Python3 REQUIRED COMPONENTS Interpreter)
find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(Boost 1.81 REQUIRED CONFIG COMPONENTS json)
find_package(SQLite3 3.40 REQUIRED)
find_package(ODBC REQUIRED)
find_package(LibXml2 2.9 REQUIRED)
find_package(XercesC 3.2 REQUIRED)
find_package(QpidProton 0.37 REQUIRED)
find_package(spdlog 1.10 REQUIRED CONFIG)
find_package(fmt 9 REQUIRED CONFIG)
find_package(tl-expected REQUIRED CONFIG)
find_package(LibArchive 3.6 REQUIRED)
find_package(ZLIB 1.2 REQUIRED)
find_package(GTest 1.12 REQUIRED)
find_package(CLI11 2.1 REQUIRED CONFIG)

# xmlsec1-openssl carries definitions that change structure layouts; they come with the target.
pkg_check_modules(xmlsec REQUIRED IMPORTED_TARGET xmlsec1-openssl)

find_path(TRUC_TOMLPP_DIR toml++/toml.h REQUIRED)
