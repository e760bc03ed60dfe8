# cmake --build … --target format | check-format
file(GLOB_RECURSE formatted CONFIGURE_DEPENDS
  "${PROJECT_SOURCE_DIR}/app/*.h" "${PROJECT_SOURCE_DIR}/app/*.cpp"
  "${PROJECT_SOURCE_DIR}/lib/*.h" "${PROJECT_SOURCE_DIR}/lib/*.cpp"
  "${PROJECT_SOURCE_DIR}/tests/*.h" "${PROJECT_SOURCE_DIR}/tests/*.cpp")
list(FILTER formatted EXCLUDE REGEX "/node_modules/")
find_program(CLANG_FORMAT NAMES clang-format-14)
if(CLANG_FORMAT)
  add_custom_target(format COMMAND "${CLANG_FORMAT}" -i ${formatted} VERBATIM)
  add_custom_target(check-format COMMAND "${CLANG_FORMAT}" --dry-run --Werror ${formatted} VERBATIM)
endif()
