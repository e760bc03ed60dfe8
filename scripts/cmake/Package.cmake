# cpack -G DEB, from a built tree (preset release): atlasjob_VERSION-1_ARCH.deb, for Debian 12.
set(debian_doc "share/doc/atlasjob")
install(FILES packaging/debian/copyright DESTINATION "${debian_doc}" COMPONENT debian)
install(FILES "${manual_dir}/changelog.gz" "${manual_dir}/changelog.Debian.gz"
        DESTINATION "${debian_doc}" COMPONENT debian)
install(FILES "${manual_dir}/completion.zsh" RENAME _atlasjob COMPONENT debian
        DESTINATION share/zsh/vendor-completions)
install(FILES packaging/debian/lintian-overrides RENAME atlasjob COMPONENT debian
        DESTINATION share/lintian/overrides)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME atlasjob)
set(CPACK_PACKAGE_VENDOR "The atlasjob authors")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
# One package with these two components; users of the library compile anyway and install from the tree.
set(CPACK_INSTALL_CMAKE_PROJECTS
    "${PROJECT_BINARY_DIR};atlasjob;program;/;${PROJECT_BINARY_DIR};atlasjob;debian;/")
set(CPACK_DEB_COMPONENT_INSTALL OFF)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_MAINTAINER "The atlasjob authors <noreply@atlasjob.invalid>")
set(CPACK_DEBIAN_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "systemd | cron, bash-completion")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "durable ledger of jobs for people, scripts and agents")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION "Long work outlives the terminal, the agent session and the machine's uptime.
atlasjob keeps one durable table of jobs and answers, from anywhere and at any
time: is it running, how far is it, what came out, why did it fail -
truthfully, even after a crash or a reboot.
.
It runs commands in the background without a daemon, keeps their output, and
serves what it knows to scripts as JSON and to AI agents over the Model
Context Protocol.")
# Files are 0644 and folders 0755, whatever the builder's umask.
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
include(CPack)
