/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * IDX. */
#include "fuzz.h"

#include "io/idx.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    hwv_idx idx;
    hwv_error error;
    fuzz_sink += hwv_idx_promise(bytes, size, SIZE_MAX);
    if (hwv_idx_parse(&idx, bytes, size, &error) != HWV_OK)
        return 0;
    for (size_t i = 0; i < idx.count; i++)
        fuzz_sink += idx.data[i];
    return 0;
}
