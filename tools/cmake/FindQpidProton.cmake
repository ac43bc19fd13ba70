# Qpid Proton's C engine, as Debian 12 packages it: headers without a CMake config, and libqpid-proton-core without a link for
# the linker. The core alone is wanted: it does no I/O and brings neither threads nor TLS of its own into play.
# Gives the target QpidProton::core, and for tests that want to be somebody else's client QpidProton::cpp, the C++ binding, whose
# .pc file names others that the package does not have.
include(FindPackageHandleStandardArgs)
find_path(QpidProton_INCLUDE_DIR proton/connection_driver.h)
find_library(QpidProton_LIBRARY NAMES libqpid-proton-core.so libqpid-proton-core.so.10)
if(QpidProton_INCLUDE_DIR AND EXISTS ${QpidProton_INCLUDE_DIR}/proton/version.h)
  file(READ ${QpidProton_INCLUDE_DIR}/proton/version.h text)
  string(REGEX MATCH "PN_VERSION_MAJOR ([0-9]+)" _ "${text}")
  set(QpidProton_VERSION ${CMAKE_MATCH_1})
  string(REGEX MATCH "PN_VERSION_MINOR ([0-9]+)" _ "${text}")
  string(APPEND QpidProton_VERSION .${CMAKE_MATCH_1})
endif()
find_package_handle_standard_args(QpidProton REQUIRED_VARS QpidProton_LIBRARY QpidProton_INCLUDE_DIR
  VERSION_VAR QpidProton_VERSION)
if(QpidProton_FOUND AND NOT TARGET QpidProton::core)
  add_library(QpidProton::core UNKNOWN IMPORTED)
  set_target_properties(QpidProton::core PROPERTIES
    IMPORTED_LOCATION ${QpidProton_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${QpidProton_INCLUDE_DIR})
endif()
find_library(QpidProton_CPP_LIBRARY qpid-proton-cpp)
if(QpidProton_CPP_LIBRARY AND NOT TARGET QpidProton::cpp)
  add_library(QpidProton::cpp UNKNOWN IMPORTED)
  set_target_properties(QpidProton::cpp PROPERTIES IMPORTED_LOCATION ${QpidProton_CPP_LIBRARY})
endif()
