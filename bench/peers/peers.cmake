# SPDX-License-Identifier: MIT
# peer_add(NAME SOURCE HEADER LIBRARY...): a module of bench_peers, unless header or library is missing, or is of a
# version that the source does not know (oneDNN 3 and XNNPACK since 2023 have other calls).
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
function(peer_add name source header)
  find_path(HWV_${name}_INCLUDE ${header})
  set(libraries "")
  foreach(library IN LISTS ARGN)
    find_library(HWV_${name}_${library} ${library})
    list(APPEND libraries ${HWV_${name}_${library}})
  endforeach()
  if(NOT HWV_${name}_INCLUDE OR "${libraries}" MATCHES "NOTFOUND")
    message(STATUS "bench_peers: ${name} is not here")
    return()
  endif()
  try_compile(HWV_${name}_COMPILES ${CMAKE_CURRENT_BINARY_DIR}/try-${name} ${CMAKE_CURRENT_SOURCE_DIR}/peers/${source}
              CMAKE_FLAGS "-DINCLUDE_DIRECTORIES=${HWV_${name}_INCLUDE};${CMAKE_CURRENT_SOURCE_DIR}/peers"
              CXX_STANDARD 17)
  if(NOT HWV_${name}_COMPILES)
    message(STATUS "bench_peers: the ${name} that is here has other calls")
    return()
  endif()
  add_library(peer_${name} MODULE peers/${source})
  target_include_directories(peer_${name} SYSTEM PRIVATE ${HWV_${name}_INCLUDE})
  target_link_libraries(peer_${name} PRIVATE ${libraries})
  target_compile_options(peer_${name} PRIVATE -Wall -Wextra -Wshadow)
  set_target_properties(peer_${name} PROPERTIES PREFIX "" CXX_STANDARD 17 CXX_EXTENSIONS OFF
                        LIBRARY_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR})
  add_dependencies(bench_peers peer_${name})
endfunction()

include(CheckLanguage)
check_language(CXX)
if(CMAKE_CXX_COMPILER)
  enable_language(CXX)
  peer_add(torch torch.cpp ATen/ATen.h torch_cpu c10)
endif()
peer_add(onednn onednn.c oneapi/dnnl/dnnl.h dnnl)
peer_add(xnnpack xnnpack.c xnnpack.h XNNPACK)
