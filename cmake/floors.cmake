# SPDX-License-Identifier: MIT
# The tower. A floor sees its own headers and those of the floors below, nothing else: the include
# path of floor F holds one folder per floor up to F, with
#     <build>/floors/<floor>/<floor>/    its private headers   #include "act/dispatch.h"
#     <build>/floors/<floor>/halfwave/   its public headers    #include "halfwave/act.h"
# so a wrong #include does not compile.

set(HWV_FLOORS base simd act linalg graph model io onnx train check report study)
set(HWV_KERNEL_FLOORS base simd act)
set(HWV_NN_FLOORS linalg graph model io onnx train check)
set(HWV_FLOOR_ROOT ${PROJECT_BINARY_DIR}/floors)

# hwv_floor_includes(OUT floor): the include folders of a floor.
function(hwv_floor_includes out floor)
  set(folders "")
  foreach(f IN LISTS HWV_FLOORS)
    list(APPEND folders ${HWV_FLOOR_ROOT}/${f})
    if(f STREQUAL floor)
      break()
    endif()
  endforeach()
  set(${out} ${folders} PARENT_SCOPE)
endfunction()

# hwv_floor(NAME PUBLIC header...): an OBJECT library of src/NAME/*.c, plus src/NAME/kernels/*.c
# compiled once per instruction set with HWV_SIMD=<set>.
function(hwv_floor floor)
  cmake_parse_arguments(arg "" "" "PUBLIC" ${ARGN})
  set(root ${HWV_FLOOR_ROOT}/${floor})
  file(MAKE_DIRECTORY ${root}/halfwave)
  file(CREATE_LINK ${PROJECT_SOURCE_DIR}/src/${floor} ${root}/${floor} SYMBOLIC)
  foreach(header IN LISTS arg_PUBLIC)
    if(header MATCHES "\\.def$")
      set(path ${PROJECT_SOURCE_DIR}/src/${floor}/${header})
    else()
      set(path ${PROJECT_SOURCE_DIR}/include/halfwave/${header})
    endif()
    file(CREATE_LINK ${path} ${root}/halfwave/${header} SYMBOLIC)
    set_property(GLOBAL APPEND PROPERTY HWV_PUBLIC_HEADERS ${path})
  endforeach()

  hwv_floor_includes(includes ${floor})
  set_property(GLOBAL PROPERTY HWV_INCLUDES_${floor} ${includes})
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${floor}/*.c)
  file(GLOB kernels CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${floor}/kernels/*.c)
  set(objects "")
  if(sources)
    add_library(hwv_${floor} OBJECT ${sources})
    target_include_directories(hwv_${floor} PRIVATE ${includes})
    target_link_libraries(hwv_${floor} PRIVATE hwv_flags)
    list(APPEND objects $<TARGET_OBJECTS:hwv_${floor}>)
  endif()
  if(kernels)
    foreach(isa IN LISTS HWV_ISAS)
      add_library(hwv_${floor}_${isa} OBJECT ${kernels})
      target_include_directories(hwv_${floor}_${isa} PRIVATE ${includes})
      target_compile_definitions(hwv_${floor}_${isa} PRIVATE HWV_SIMD=${isa} HWV_SIMD_${isa}=1)
      target_compile_options(hwv_${floor}_${isa} PRIVATE ${HWV_ISA_FLAGS_${isa}})
      target_link_libraries(hwv_${floor}_${isa} PRIVATE hwv_flags)
      if(HALFWAVE_SANITIZE MATCHES "undefined")
        # Checks at every inlined vector word cost minutes of compiling a file; ASan sees bad accesses anyway.
        target_compile_options(hwv_${floor}_${isa} PRIVATE
                               -fno-sanitize=null,alignment,pointer-overflow,object-size)
      endif()
      list(APPEND objects $<TARGET_OBJECTS:hwv_${floor}_${isa}>)
    endforeach()
  endif()
  set_property(GLOBAL PROPERTY HWV_OBJECTS_${floor} ${objects})
endfunction()

# hwv_objects(OUT floor...): the objects of several floors.
function(hwv_objects out)
  set(all "")
  foreach(floor IN LISTS ARGN)
    get_property(objects GLOBAL PROPERTY HWV_OBJECTS_${floor})
    list(APPEND all ${objects})
  endforeach()
  set(${out} ${all} PARENT_SCOPE)
endfunction()
