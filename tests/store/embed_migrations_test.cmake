# cmake -DSCRIPT=EmbedMigrations.cmake -DPLACE=<scratch directory> -P embed_migrations_test.cmake
# Tests which sets of migration files EmbedMigrations.cmake accepts.

# embed(<accepted|refused> <text of the error> <file>…): runs the script on these files and checks
# the result.
set(first_line "-- writers_from: 10\n")

function(embed expectation message)
  file(REMOVE_RECURSE "${PLACE}")
  file(MAKE_DIRECTORY "${PLACE}/sql")
  foreach(name IN LISTS ARGN)
    file(WRITE "${PLACE}/sql/${name}" "${first_line}CREATE TABLE t (n);\n")
  endforeach()
  execute_process(
    COMMAND "${CMAKE_COMMAND}" -DDIRS=${PLACE}/sql -DOUT=${PLACE}/out.cpp -P "${SCRIPT}"
    RESULT_VARIABLE result ERROR_VARIABLE error)
  if(expectation STREQUAL "accepted")
    if(NOT result EQUAL 0 OR NOT EXISTS "${PLACE}/out.cpp")
      message(FATAL_ERROR "${ARGN}: should have been embedded, but: ${error}")
    endif()
  elseif(result EQUAL 0 OR EXISTS "${PLACE}/out.cpp")
    message(FATAL_ERROR "${ARGN}: should have been refused")
  elseif(NOT error MATCHES "${message}")
    message(FATAL_ERROR "${ARGN}: refused, but without \"${message}\": ${error}")
  endif()
endfunction()

embed(accepted "" 0010_first.sql)
embed(accepted "" 0010_first.sql 0011_second.sql 0012_third.sql)
file(READ "${PLACE}/out.cpp" written)
if(NOT written MATCHES "10, 10, \"first\".*11, 10, \"second\".*12, 10, \"third\"")
  message(FATAL_ERROR "embedded in the wrong order: ${written}")
endif()

embed(refused "expected number 11" 0010_first.sql 0012_third.sql)
embed(refused "expected number 10" 0011_second.sql)
embed(refused "expected number 10" 0001_prerelease.sql)
embed(refused "expected number 11" 0010_first.sql 0010_again.sql)
embed(refused "NNNN_title" 10_first.sql)
embed(refused "NNNN_title" 0010_first.sql second.sql)
embed(refused "no migrations")
set(first_line "")
embed(refused "its first line must be" 0010_first.sql)
set(first_line "-- writers_from: 9\n")
embed(refused "from 10 to 10" 0010_first.sql)
set(first_line "-- writers_from: 11\n")
embed(refused "from 10 to 10" 0010_first.sql)
file(REMOVE_RECURSE "${PLACE}")
