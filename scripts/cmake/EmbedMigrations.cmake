# cmake -DDIR=… -DOUT=… -P EmbedMigrations.cmake
# Writes OUT: all_migrations(), one entry per DIR/NNNN_title.sql, in order. Refuses gaps.
file(GLOB files "${DIR}/*.sql")
list(SORT files)
set(body "")
set(want 1)
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
  # A string literal may not exceed 64 KiB; adjacent literals are concatenated.
  string(LENGTH "${sql}" length)
  set(literal "")
  set(from 0)
  while(from LESS length)
    string(SUBSTRING "${sql}" ${from} 8000 piece)
    string(APPEND literal "R\"sql(${piece})sql\"\n")
    math(EXPR from "${from} + 8000")
  endwhile()
  string(APPEND body "    {${version}, \"${title}\", \"${sha}\",\n${literal}},\n")
endforeach()
if(want EQUAL 1)
  message(FATAL_ERROR "no migrations in ${DIR}")
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
