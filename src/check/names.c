/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Names of verdicts and causes. */
#include "halfwave/check.h"

const char *hwv_verdict_name(hwv_verdict verdict)
{
    static const char *const names[] = {"healthy", "look", "cannot_tell", "sick"};
    return names[verdict];
}

const char *hwv_cause_name(hwv_cause cause)
{
    static const char *const names[] = {"none", "unknown", "upstream", "zero_row", "input_not_centred",
                                        "bias", "norm",    "weights"};
    return names[cause];
}
