# How everything here is compiled: the standard, warnings, hardening, sanitizers, precompiled headers.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
# One kind of position independence for libraries and programs (Debian links programs as PIE): they share precompiled headers.
add_compile_options(-fPIC)
include(CheckPIESupported)
check_pie_supported(LANGUAGES CXX)

option(TRUC_SANITIZE "Build with AddressSanitizer and UndefinedBehaviorSanitizer" OFF)
option(TRUC_FUZZ "Build the libFuzzer targets (clang only)" OFF)
option(TRUC_HARDEN "Hardening flags of a release build" OFF)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "" FORCE)
endif()

find_program(TRUC_CCACHE ccache)
if(TRUC_CCACHE AND NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
  # The sloppiness lets ccache serve precompiled headers; base_dir lets clones in different places share it.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
    CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
    CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${TRUC_CCACHE})
endif()

find_program(TRUC_MOLD mold)
if(TRUC_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

# One target that carries the flags; every target of ours links it, nothing else does.
add_library(truc_flags INTERFACE)
target_compile_options(truc_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-qual -Wvla
  -fno-strict-aliasing)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # The one compiler of the programs decides what is an error; clang, for fuzzing, only warns. Whoever builds what is
  # installed is not stopped by a suspicion that appears with its optimisation only.
  if(NOT TRUC_HARDEN)
    target_compile_options(truc_flags INTERFACE -Werror)
  endif()
  # -Wrestrict has false positives on std::string in g++ 12 (GCC bug 105651).
  target_compile_options(truc_flags INTERFACE -fpch-preprocess -Winvalid-pch -Wno-restrict -fcoroutines)
endif()
if(TRUC_SANITIZE)
  target_compile_options(truc_flags INTERFACE
    -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # Instrumented code confuses the analysis.
    target_compile_options(truc_flags INTERFACE -Wno-maybe-uninitialized)
  else()
    # clang 14 cannot emit it for coroutines.
    target_compile_options(truc_flags INTERFACE -fno-sanitize=function)
  endif()
  target_compile_definitions(truc_flags INTERFACE _GLIBCXX_ASSERTIONS)
  target_link_options(truc_flags INTERFACE -fsanitize=address,undefined)
endif()
if(TRUC_FUZZ)
  target_compile_options(truc_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(TRUC_HARDEN)
  target_compile_options(truc_flags INTERFACE -fstack-protector-strong -fstack-clash-protection)
  if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
    target_compile_options(truc_flags INTERFACE -fcf-protection)
  elseif(CMAKE_SYSTEM_PROCESSOR STREQUAL "aarch64")
    target_compile_options(truc_flags INTERFACE -mbranch-protection=standard)
  endif()
  # Assertions stay on: neither NDEBUG nor their loss is worth what they cost here.
  target_compile_definitions(truc_flags INTERFACE _FORTIFY_SOURCE=3 _GLIBCXX_ASSERTIONS)
  target_link_options(truc_flags INTERFACE -Wl,-z,relro,-z,now,-z,noexecstack)
endif()
