# cmake -DDIRS=… -DOUT=… -P EmbedMigrations.cmake
# Writes OUT: all_migrations(), one entry per NNNN_title.sql in the folders DIRS, in order. Refuses gaps.
# The first line of each file is "-- writers_from: N" (migrations/README.md).
set(files "")
foreach(dir IN LISTS DIRS)
  file(GLOB found "${dir}/*.sql")
  list(APPEND files ${found})
endforeach()
list(SORT files COMPARE FILE_BASENAME)
set(body "")
set(first 10)  # Smaller numbers were pre-releases.
set(want ${first})
foreach(file IN LISTS files)
  get_filename_component(stem "${file}" NAME_WE)
  if(NOT stem MATCHES "^[0-9][0-9][0-9][0-9]_.+$")
    message(FATAL_ERROR "migration ${file}: its name must be NNNN_title.sql")
  endif()
  string(REGEX MATCH "^0*([0-9]+)_(.+)$" _ "${stem}")
  set(version "${CMAKE_MATCH_1}")
  set(title "${CMAKE_MATCH_2}")
  if(NOT version EQUAL want)
    message(FATAL_ERROR "migration ${stem}: expected number ${want}: a migration is missing or there twice")
  endif()
  math(EXPR want "${want} + 1")
  file(READ "${file}" sql)
  file(SHA256 "${file}" sha)
  if(sql MATCHES "\\)sql\"")
    message(FATAL_ERROR "${file} contains the raw-string delimiter")
  endif()
  if(NOT sql MATCHES "^-- writers_from: ([0-9]+)\n")
    message(FATAL_ERROR "migration ${stem}: its first line must be -- writers_from: N")
  endif()
  set(writers_from "${CMAKE_MATCH_1}")
  if(writers_from LESS first OR writers_from GREATER version)
    message(FATAL_ERROR "migration ${stem}: writers_from must be a schema version from ${first} to ${version}")
  endif()
  # A string literal may not exceed 64 KiB; adjacent literals are concatenated.
  string(LENGTH "${sql}" length)
  set(literal "")
  set(from 0)
  while(from LESS length)
    string(SUBSTRING "${sql}" ${from} 8000 piece)
    string(APPEND literal "R\"sql(${piece})sql\"\n")
    math(EXPR from "${from} + 8000")
  endwhile()
  string(APPEND body "    {${version}, ${writers_from}, \"${title}\", \"${sha}\",\n${literal}},\n")
endforeach()
if(want EQUAL first)
  message(FATAL_ERROR "no migrations in ${DIRS}")
endif()
file(WRITE "${OUT}.tmp" "// Generated from migrations/sqlite by scripts/cmake/EmbedMigrations.cmake. Do not edit.
#include \"store/sqlite/connection/migration.h\"

#include <array>

namespace atlasjob::sqlite {

namespace {

constexpr std::array kMigrations = std::to_array<Migration>({
${body}});

}  // namespace

std::span<const Migration> all_migrations() { return kMigrations; }

}  // namespace atlasjob::sqlite
")
execute_process(COMMAND "${CMAKE_COMMAND}" -E copy_if_different "${OUT}.tmp" "${OUT}")
