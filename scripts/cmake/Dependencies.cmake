# Every library comes from the distribution; docs/dependencies.md says why each is used.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

find_library(ATLASJOB_SQLITE_ARCHIVE libsqlite3.a)
find_library(ATLASJOB_UV_ARCHIVE libuv_a.a)
find_library(ATLASJOB_MD_ARCHIVE libmd.a)
find_library(ATLASJOB_RE2_ARCHIVE libre2.a)
find_library(ATLASJOB_C_ARCHIVE libc.a)
set(archives ATLASJOB_SQLITE_ARCHIVE ATLASJOB_UV_ARCHIVE ATLASJOB_MD_ARCHIVE ATLASJOB_RE2_ARCHIVE
    ATLASJOB_C_ARCHIVE)
mark_as_advanced(${archives})

# Linked statically, the program starts in half the time (docs/performance.md).
# Distributions turn it off; debug builds do not need it.
set(static_default ON)
foreach(archive IN LISTS archives)
  if(NOT ${archive} OR CMAKE_BUILD_TYPE STREQUAL "Debug")
    set(static_default OFF)
  endif()
endforeach()
option(ATLASJOB_STATIC "Link what the program uses statically" ${static_default})

if(ATLASJOB_STATIC)
  set(SQLite3_LIBRARY "${ATLASJOB_SQLITE_ARCHIVE}" CACHE FILEPATH "" FORCE)
endif()
find_package(SQLite3 REQUIRED)
find_package(SQLiteCpp REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(CLI11 REQUIRED)
find_package(fmt REQUIRED)
find_package(valijson REQUIRED)
pkg_check_modules(libuv REQUIRED IMPORTED_TARGET libuv)
pkg_check_modules(libmd REQUIRED IMPORTED_TARGET libmd)
pkg_check_modules(re2 REQUIRED IMPORTED_TARGET re2)

# Used by atlasjob-follow-gp only, which is not built without it.
find_package(CURL 7.87)
option(ATLASJOB_FOLLOW_GP "Build atlasjob-follow-gp, which needs libcurl" ${CURL_FOUND})

add_library(atlasjob_fmt INTERFACE)
add_library(atlasjob_uv INTERFACE)
add_library(atlasjob_md INTERFACE)
add_library(atlasjob_re2 INTERFACE)
# How programs are linked, and how fully static ones are.
add_library(atlasjob_link INTERFACE)
add_library(atlasjob_link_alone INTERFACE)
target_link_libraries(atlasjob_link_alone INTERFACE atlasjob_link)
if(ATLASJOB_STATIC)
  # Debian has no static {fmt}, and header-only it takes half of a release build.
  add_library(atlasjob_fmt_archive STATIC "${PROJECT_SOURCE_DIR}/lib/base/formatting.cpp")
  target_link_libraries(atlasjob_fmt INTERFACE atlasjob_fmt_archive)
  target_link_libraries(atlasjob_uv INTERFACE "${ATLASJOB_UV_ARCHIVE}" Threads::Threads ${CMAKE_DL_LIBS})
  target_link_libraries(atlasjob_md INTERFACE "${ATLASJOB_MD_ARCHIVE}")
  target_link_libraries(atlasjob_re2 INTERFACE "${ATLASJOB_RE2_ARCHIVE}" Threads::Threads)
  target_link_libraries(atlasjob_link INTERFACE m ${CMAKE_DL_LIBS})
  # A position-independent program relocates 6,000 addresses before main: a tenth of its start-up
  # time. (The objects stay position-independent: the library is linked into other programs.)
  target_link_options(
    atlasjob_link INTERFACE -static-libstdc++ -static-libgcc -no-pie LINKER:--gc-sections)
  # Symbols would be a fifth of the file; use RelWithDebInfo for debugging.
  target_link_options(atlasjob_link INTERFACE $<$<CONFIG:Release>:LINKER:--strip-all>)
  # Nothing here calls functions for which the C library would load modules: accounts are looked up
  # with getent (lib/process/account.cpp). The linker warns of calls in SQLite and libuv that are
  # never made.
  include(CheckLinkerFlag)
  check_linker_flag(CXX LINKER:--no-warnings ATLASJOB_LINKER_CAN_BE_QUIET)
  target_link_options(atlasjob_link_alone INTERFACE -static
    $<$<BOOL:${ATLASJOB_LINKER_CAN_BE_QUIET}>:LINKER:--no-warnings>)
else()
  target_link_libraries(atlasjob_fmt INTERFACE fmt::fmt)
  target_link_libraries(atlasjob_uv INTERFACE PkgConfig::libuv Threads::Threads)
  target_link_libraries(atlasjob_md INTERFACE PkgConfig::libmd)
  target_link_libraries(atlasjob_re2 INTERFACE PkgConfig::re2 Threads::Threads)
endif()
