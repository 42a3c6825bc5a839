# SPDX-License-Identifier: MIT
# Install rules: the tool, static libraries, headers, pkg-config, CMake package, man pages; shared
# libraries with -DBUILD_SHARED_LIBS=ON.
include(CMakePackageConfigHelpers)
set(installed halfwave halfwave-nn)
if(BUILD_SHARED_LIBS)
  list(APPEND installed halfwave-shared halfwave-nn-shared)
endif()
if(TARGET halfwave-tool)
  list(APPEND installed halfwave-tool)
endif()
get_property(public_headers GLOBAL PROPERTY HWV_PUBLIC_HEADERS)
install(FILES ${public_headers} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/halfwave)
install(FILES ${PROJECT_SOURCE_DIR}/include/halfwave.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
foreach(target IN LISTS installed)
  if(NOT target STREQUAL halfwave-tool)
    target_include_directories(${target} INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  endif()
endforeach()
install(TARGETS ${installed} EXPORT halfwave
        RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR}
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT halfwave NAMESPACE halfwave:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/halfwave
        FILE halfwave-targets.cmake)
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/halfwave-config.cmake.in
  ${PROJECT_BINARY_DIR}/halfwave-config.cmake INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/halfwave)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/halfwave-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/halfwave-config.cmake ${PROJECT_BINARY_DIR}/halfwave-config-version.cmake
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/halfwave)
# The .pc files find the rest from where they lie, so that the installed tree can be moved and
# `cmake --install --prefix` means what it says.
if(IS_ABSOLUTE ${CMAKE_INSTALL_LIBDIR} OR IS_ABSOLUTE ${CMAKE_INSTALL_INCLUDEDIR})
  set(HWV_PC_PREFIX ${CMAKE_INSTALL_PREFIX})
  set(HWV_PC_LIBDIR ${CMAKE_INSTALL_FULL_LIBDIR})
  set(HWV_PC_INCLUDEDIR ${CMAKE_INSTALL_FULL_INCLUDEDIR})
else()
  set(HWV_PC_LIBDIR "\${prefix}/${CMAKE_INSTALL_LIBDIR}")
  set(HWV_PC_INCLUDEDIR "\${prefix}/${CMAKE_INSTALL_INCLUDEDIR}")
  file(RELATIVE_PATH HWV_PC_PREFIX /x/${CMAKE_INSTALL_LIBDIR}/pkgconfig /x)
  string(REGEX REPLACE "/$" "" HWV_PC_PREFIX "\${pcfiledir}/${HWV_PC_PREFIX}")
endif()
set(HWV_PC_LIBS_PRIVATE "")
if(ZLIB_FOUND)
  set(HWV_PC_LIBS_PRIVATE "-lz")
endif()
foreach(lib halfwave halfwave-nn)
  configure_file(${PROJECT_SOURCE_DIR}/cmake/${lib}.pc.in ${PROJECT_BINARY_DIR}/${lib}.pc @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/${lib}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endforeach()
foreach(section 1 3)
  file(GLOB man_pages CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/man/*.${section})
  install(FILES ${man_pages} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
endforeach()
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
