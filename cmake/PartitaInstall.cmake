# `cmake --install` gives headers, libraries, the `partita` command and a CMake package.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
get_property(modules GLOBAL PROPERTY PARTITA_MODULES)
install(TARGETS ${modules} EXPORT partitaTargets
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY include/partita DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY slurm DESTINATION ${CMAKE_INSTALL_DATADIR}/partita USE_SOURCE_PERMISSIONS)
install(EXPORT partitaTargets NAMESPACE partita::
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/partita)
configure_package_config_file(cmake/partitaConfig.cmake.in
        ${PROJECT_BINARY_DIR}/partitaConfig.cmake
        INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/partita)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/partitaConfigVersion.cmake
        COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/partitaConfig.cmake
              ${PROJECT_BINARY_DIR}/partitaConfigVersion.cmake
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/partita)
