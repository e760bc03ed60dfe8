# The manual and the completions, made by the program itself from the declarations its help is made
# from. They are made with the build, so that installing needs nothing but files.
find_program(GZIP gzip REQUIRED)
mark_as_advanced(GZIP)
set(manual_dir "${PROJECT_BINARY_DIR}/manual")
set(made "")

function(atlasjob_made output)
  add_custom_command(
    OUTPUT "${manual_dir}/${output}"
    COMMAND "${CMAKE_COMMAND}" -E make_directory "${manual_dir}"
    COMMAND "$<TARGET_FILE:atlasjob>" ${ARGN} > "${manual_dir}/${output}"
    DEPENDS atlasjob VERBATIM)
endfunction()

# Compressed as it is kept below share/man and share/doc, the same each time.
function(atlasjob_compressed source output)
  add_custom_command(
    OUTPUT "${manual_dir}/${output}"
    COMMAND "${CMAKE_COMMAND}" -E make_directory "${manual_dir}"
    COMMAND "${GZIP}" -9nc "${source}" > "${manual_dir}/${output}"
    DEPENDS "${source}" VERBATIM)
endfunction()

foreach(page atlasjob.1 atlasjob-config.5)
  atlasjob_made("${page}" manual "${page}")
  atlasjob_compressed("${manual_dir}/${page}" "${page}.gz")
  list(APPEND made "${manual_dir}/${page}.gz")
endforeach()
if(ATLASJOB_FOLLOW_GP)
  configure_file(packaging/man/atlasjob-follow-gp.1.in "${manual_dir}/atlasjob-follow-gp.1" @ONLY)
  atlasjob_compressed("${manual_dir}/atlasjob-follow-gp.1" atlasjob-follow-gp.1.gz)
  list(APPEND made "${manual_dir}/atlasjob-follow-gp.1.gz")
endif()
foreach(shell bash zsh fish)
  atlasjob_made("completion.${shell}" completion "${shell}")
  list(APPEND made "${manual_dir}/completion.${shell}")
endforeach()
atlasjob_compressed("${PROJECT_SOURCE_DIR}/packaging/debian/changelog" "changelog.Debian.gz")
atlasjob_compressed("${PROJECT_SOURCE_DIR}/docs/CHANGELOG.md" "changelog.gz")
list(APPEND made "${manual_dir}/changelog.Debian.gz" "${manual_dir}/changelog.gz")
add_custom_target(manual ALL DEPENDS ${made})
