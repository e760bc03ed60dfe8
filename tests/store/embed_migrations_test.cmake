# cmake -DSCRIPT=EmbedMigrations.cmake -DPLACE=<scratch directory> -P embed_migrations_test.cmake
# Tests which sets of migration files EmbedMigrations.cmake accepts.

# embed(<accepted|refused> <text of the error> <file>…): runs the script on these files and checks
# the result.
function(embed expectation message)
  file(REMOVE_RECURSE "${PLACE}")
  file(MAKE_DIRECTORY "${PLACE}/sql")
  foreach(name IN LISTS ARGN)
    file(WRITE "${PLACE}/sql/${name}" "CREATE TABLE t (n);\n")
  endforeach()
  execute_process(
    COMMAND "${CMAKE_COMMAND}" -DDIR=${PLACE}/sql -DOUT=${PLACE}/out.cpp -P "${SCRIPT}"
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

embed(accepted "" 0001_first.sql)
embed(accepted "" 0001_first.sql 0002_second.sql 0003_third.sql)
file(READ "${PLACE}/out.cpp" written)
if(NOT written MATCHES "1, \"first\".*2, \"second\".*3, \"third\"")
  message(FATAL_ERROR "embedded in the wrong order: ${written}")
endif()

embed(refused "expected number 2" 0001_first.sql 0003_third.sql)
embed(refused "expected number 1" 0002_second.sql)
embed(refused "expected number 2" 0001_first.sql 0001_again.sql)
embed(refused "NNNN_title" 1_first.sql)
embed(refused "NNNN_title" 0001_first.sql second.sql)
embed(refused "no migrations")
file(REMOVE_RECURSE "${PLACE}")
