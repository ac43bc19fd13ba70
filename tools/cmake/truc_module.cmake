# truc_module(NAME [LINK lib…] [PRIVATE_LINK lib…] [PCH none|base|net])
#
# One static library truc::NAME from src/NAME/*.cpp. Its interface is include/truc/NAME (a public module) or
# src/NAME/include/truc/NAME; both are included as <truc/NAME/x.hpp>. Each interface header is compiled alone
# by the target all_verify_interface_header_sets.
set(CMAKE_VERIFY_INTERFACE_HEADER_SETS ON)

function(truc_module name)
  cmake_parse_arguments(arg "" "PCH" "LINK;PRIVATE_LINK" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*.cpp)
  if(IS_DIRECTORY ${CMAKE_SOURCE_DIR}/include/truc/${name})
    set(root ${CMAKE_SOURCE_DIR}/include)
  else()
    set(root ${CMAKE_SOURCE_DIR}/src/${name}/include)
  endif()
  file(GLOB headers CONFIGURE_DEPENDS ${root}/truc/${name}/*.hpp)

  add_library(truc_${name} STATIC ${sources})
  add_library(truc::${name} ALIAS truc_${name})
  target_sources(truc_${name} PUBLIC FILE_SET interface_headers TYPE HEADERS BASE_DIRS ${root} FILES ${headers})
  target_link_libraries(truc_${name} PUBLIC ${arg_LINK} PRIVATE ${arg_PRIVATE_LINK} truc_flags)
  truc_precompile(truc_${name} ${arg_PCH})
endfunction()

# Shares one precompiled header between all targets of a kind: `base` (standard library, fmt) or `net` (and Asio, Beast).
function(truc_precompile target)
  set(kind base)
  if(ARGC GREATER 1)
    set(kind ${ARGV1})
  endif()
  if(kind STREQUAL "none" OR TRUC_FUZZ)
    return()
  endif()
  target_link_libraries(${target} PRIVATE truc_pch_${kind}_needs)
  target_precompile_headers(${target} REUSE_FROM truc_pch_${kind})
endfunction()

function(truc_add_pch kind header)
  cmake_parse_arguments(arg "" "" "LINK" ${ARGN})
  add_library(truc_pch_${kind}_needs INTERFACE)
  target_link_libraries(truc_pch_${kind}_needs INTERFACE ${arg_LINK})
  file(WRITE ${CMAKE_BINARY_DIR}/pch/${kind}.cpp.in "// carries the precompiled header\n")
  configure_file(${CMAKE_BINARY_DIR}/pch/${kind}.cpp.in ${CMAKE_BINARY_DIR}/pch/${kind}.cpp COPYONLY)
  add_library(truc_pch_${kind} STATIC ${CMAKE_BINARY_DIR}/pch/${kind}.cpp)
  target_link_libraries(truc_pch_${kind} PRIVATE truc_flags truc_pch_${kind}_needs)
  target_precompile_headers(truc_pch_${kind} PRIVATE ${header})
endfunction()
