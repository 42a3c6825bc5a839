# SPDX-License-Identifier: MIT
# Flags of every target, and the instruction sets this build has.

add_library(hwv_flags INTERFACE)
target_compile_options(hwv_flags INTERFACE
  -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla
  -Werror=implicit-function-declaration -Werror=incompatible-pointer-types -Werror=int-conversion
  -ffp-contract=off -fno-math-errno)
if(HALFWAVE_WERROR)
  target_compile_options(hwv_flags INTERFACE -Werror)
endif()
if(HALFWAVE_SANITIZE)
  target_compile_options(hwv_flags INTERFACE -fsanitize=${HALFWAVE_SANITIZE} -fno-sanitize-recover=all
                         -fno-omit-frame-pointer -g)
  target_link_options(hwv_flags INTERFACE -fsanitize=${HALFWAVE_SANITIZE})
endif()
# POSIX for threads, fsync and clocks; one macro for all so that no file differs.
target_compile_definitions(hwv_flags INTERFACE _POSIX_C_SOURCE=200809L)

if(MINGW)
  # C99's printf. The system's isinf and the like convert to float what they then do not use.
  target_compile_definitions(hwv_flags INTERFACE __USE_MINGW_ANSI_STDIO=1)
  target_compile_options(hwv_flags INTERFACE -Wno-float-conversion)
endif()

# The sets, narrowest first, and their flags. Plain feature flags: -march or -mtune made products up
# to 20 % slower (gcc 12).
set(HWV_ISAS scalar)
set(HWV_ISA_FLAGS_scalar -fno-tree-vectorize -fno-tree-slp-vectorize)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|amd64|AMD64)$")
  list(APPEND HWV_ISAS sse2 avx2 avx512)
  set(HWV_ISA_FLAGS_sse2 -msse2)
  set(HWV_ISA_FLAGS_avx2 -mavx2 -mfma -mf16c)
  set(HWV_ISA_FLAGS_avx512 -mavx512f -mavx512bw -mavx512dq -mavx512vl -mfma -mf16c)
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "^(aarch64|arm64|ARM64)$")
  list(APPEND HWV_ISAS neon)
  set(HWV_ISA_FLAGS_neon "")
endif()
if(HALFWAVE_FUZZ)
  set(HWV_ISAS scalar) # readers run no kernels, which take minutes to compile with sanitizers
endif()
if(MINGW)
  # Windows' stack is aligned to 16 bytes and gcc does not align it further (its bug 54412), yet keeps wide vectors
  # there with aligned moves: the assembler makes them unaligned ones, which cost nothing more.
  include(CheckCCompilerFlag)
  check_c_compiler_flag(-Wa,-muse-unaligned-vector-move HWV_UNALIGNED_MOVES)
  foreach(isa avx2 avx512)
    if(HWV_UNALIGNED_MOVES)
      list(APPEND HWV_ISA_FLAGS_${isa} -Wa,-muse-unaligned-vector-move)
    else()
      list(REMOVE_ITEM HWV_ISAS ${isa})
    endif()
  endforeach()
endif()
foreach(isa IN LISTS HWV_ISAS)
  target_compile_definitions(hwv_flags INTERFACE HWV_HAVE_${isa}=1)
endforeach()
