# Everything goes below the prefix, also what a distribution moves to /etc.
install(TARGETS atlasjob RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
install(FILES LICENSE README.md DESTINATION "${CMAKE_INSTALL_DOCDIR}")
install(DIRECTORY docs/ DESTINATION "${CMAKE_INSTALL_DOCDIR}"
        PATTERN "examples" EXCLUDE PATTERN "README.md" EXCLUDE)
install(DIRECTORY docs/examples DESTINATION "${CMAKE_INSTALL_DOCDIR}" USE_SOURCE_PERMISSIONS)
install(FILES packaging/README.md DESTINATION "${CMAKE_INSTALL_DOCDIR}" RENAME upkeep.md)
install(FILES packaging/cron.d/atlasjob DESTINATION "${CMAKE_INSTALL_SYSCONFDIR}/cron.d")
install(FILES packaging/systemd/atlasjob-gc.service packaging/systemd/atlasjob-gc.timer
        DESTINATION lib/systemd/user)
