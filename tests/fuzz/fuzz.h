/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * A fuzz target: one function a format, given any bytes. It must neither crash nor leak, nor take memory or time that the
 * bytes do not justify. Linked with libFuzzer (cmake -DHALFWAVE_FUZZ=ON, clang) it looks for such bytes:
 *
 *     ASAN_OPTIONS=allocator_may_return_null=1:max_allocation_size_mb=1000 \
 *         build/tests/fuzz/fuzz-onnx -max_total_time=600 NEW-FOLDER tests/fuzz/corpus/onnx
 *
 * Linked with replay.c, in every other build, it reads the files of tests/fuzz/corpus. A file that was found to do harm is
 * put there, so that it is tried for ever. */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* Where results go, so that reading them cannot be left out. */
extern volatile size_t fuzz_sink;

#endif
