# cmake -DSCRIPT=EmbedMigrations.cmake -DPLACE=<scratch directory> -P embed_migrations_test.cmake
# Which folders of migrations may become part of the program.

# embed(<accepted|refused> <text in the message> <file>…): what the script says to those files.
function(embed expectation message)
  file(REMOVE_RECURSE "${PLACE}")
  file(MAKE_DIRECTORY "${PLACE}/sql")
  foreach(name IN LISTS ARGN)
    file(WRITE "${PLACE}/sql/${name}" "CREATE TABLE t (n);\n")
  endforeach()
  execute_process(
    COMMAND "${CMAKE_COMMAND}" -DDIR=${PLACE}/sql -DOUT=${PLACE}/out.cpp -P "${SCRIPT}"
    RESULT_VARIABLE result ERROR_VARIABLE said)
  if(expectation STREQUAL "accepted")
    if(NOT result EQUAL 0 OR NOT EXISTS "${PLACE}/out.cpp")
      message(FATAL_ERROR "${ARGN}: should have been embedded, but: ${said}")
    endif()
  elseif(result EQUAL 0 OR EXISTS "${PLACE}/out.cpp")
    message(FATAL_ERROR "${ARGN}: should have been refused")
  elseif(NOT said MATCHES "${message}")
    message(FATAL_ERROR "${ARGN}: refused, but without \"${message}\": ${said}")
  endif()
endfunction()

embed(accepted "" 0001_first.sql)
embed(accepted "" 0001_first.sql 0002_second.sql 0003_third.sql)
file(READ "${PLACE}/out.cpp" written)
if(NOT written MATCHES "1, \"first\".*2, \"second\".*3, \"third\"")
  message(FATAL_ERROR "embedded in another order: ${written}")
endif()

embed(refused "expected number 2" 0001_first.sql 0003_third.sql)
embed(refused "expected number 1" 0002_second.sql)
embed(refused "expected number 2" 0001_first.sql 0001_again.sql)
embed(refused "NNNN_title" 1_first.sql)
embed(refused "NNNN_title" 0001_first.sql second.sql)
embed(refused "no migrations")
file(REMOVE_RECURSE "${PLACE}")
