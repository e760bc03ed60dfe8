# Everything is installed below the prefix. Component program: also in the package; plain: the package
# has its own place for it; library: for programs that link against it.
set(CMAKE_INSTALL_DEFAULT_COMPONENT_NAME program)
install(TARGETS atlasjob RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
if(ATLASJOB_FOLLOW_GP)
  install(TARGETS atlasjob-follow-gp RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
  install(FILES "${manual_dir}/atlasjob-follow-gp.1.gz" DESTINATION "${CMAKE_INSTALL_MANDIR}/man1")
endif()
install(FILES LICENSE DESTINATION "${CMAKE_INSTALL_DOCDIR}" COMPONENT plain)
# As in the source tree: the papers link to each other.
install(FILES README.md ARCHITECTURE.md CONTRIBUTING.md SECURITY.md DESTINATION "${CMAKE_INSTALL_DOCDIR}")
install(DIRECTORY docs DESTINATION "${CMAKE_INSTALL_DOCDIR}" USE_SOURCE_PERMISSIONS
        PATTERN "CHANGELOG.md" EXCLUDE)
install(FILES docs/CHANGELOG.md DESTINATION "${CMAKE_INSTALL_DOCDIR}/docs" COMPONENT plain)
install(FILES packaging/README.md DESTINATION "${CMAKE_INSTALL_DOCDIR}/packaging")
install(FILES packaging/cron.d/atlasjob DESTINATION "${CMAKE_INSTALL_DOCDIR}/examples/cron.d")
install(DIRECTORY packaging/systemd/user packaging/systemd/system DESTINATION lib/systemd)
install(DIRECTORY packaging/claude-plugin DESTINATION "${CMAKE_INSTALL_DATADIR}/atlasjob" USE_SOURCE_PERMISSIONS)

install(FILES "${manual_dir}/atlasjob.1.gz" DESTINATION "${CMAKE_INSTALL_MANDIR}/man1")
install(FILES "${manual_dir}/atlasjob-config.5.gz" DESTINATION "${CMAKE_INSTALL_MANDIR}/man5")
install(FILES "${manual_dir}/completion.bash" RENAME atlasjob
        DESTINATION "${CMAKE_INSTALL_DATADIR}/bash-completion/completions")
install(FILES "${manual_dir}/completion.fish" RENAME atlasjob.fish
        DESTINATION "${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d")
install(FILES "${manual_dir}/completion.zsh" RENAME _atlasjob COMPONENT plain
        DESTINATION "${CMAKE_INSTALL_DATADIR}/zsh/site-functions")

# The library: one header, one archive, and the files that locate them.
include(CMakePackageConfigHelpers)
set(atlasjob_cmake_dir "${CMAKE_INSTALL_LIBDIR}/cmake/atlasjob")
file(RELATIVE_PATH ATLASJOB_UP_TO_PREFIX "/${atlasjob_cmake_dir}" "/")
file(RELATIVE_PATH ATLASJOB_PC_UP_TO_PREFIX "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
set(generated "${PROJECT_BINARY_DIR}/library")
configure_file(packaging/library/atlasjob-config.cmake.in "${generated}/atlasjob-config.cmake" @ONLY)
configure_file(packaging/library/atlasjob.pc.in "${generated}/atlasjob.pc" @ONLY)
write_basic_package_version_file(
  "${generated}/atlasjob-config-version.cmake" COMPATIBILITY SameMinorVersion)
set(CMAKE_INSTALL_DEFAULT_COMPONENT_NAME library)
install(FILES lib/client/atlasjob.h DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(TARGETS atlasjob_archive ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}")
install(FILES "${generated}/atlasjob-config.cmake" "${generated}/atlasjob-config-version.cmake"
        DESTINATION "${atlasjob_cmake_dir}")
install(FILES "${generated}/atlasjob.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
