/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Statistics files; what was read can be added to itself. */
#include "fuzz.h"

#include "halfwave/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    hwv_tally tally = {0}, more = {0};
    hwv_error error;
    if (hwv_tally_parse(&tally, "fuzz", bytes, size, &error) != HWV_OK)
        return 0;
    if (hwv_tally_parse(&more, "fuzz", bytes, size, &error) == HWV_OK &&
        hwv_tally_merge(&tally, &more, &error) == HWV_OK)
        fuzz_sink += (size_t)tally.samples;
    hwv_tally_free(&more);
    hwv_tally_free(&tally);
    return 0;
}
