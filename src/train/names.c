/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Names of optimisers, schedules, cures and ways to convolve. */
#include "halfwave/text.h"
#include "halfwave/train.h"

/* Of a list's row, in the order of its enumeration. */
#define NAME_OF(NAME, name, ...) #name,

/* hwv_<type>_find and hwv_<type>_name. */
#define NAMES(type, LIST, COUNT)                                                                                       \
    static const char *const type##_names[COUNT] = {LIST(NAME_OF)};                                                    \
    hwv_status hwv_##type##_find(hwv_##type *value, const char *name, hwv_error *error)                                \
    {                                                                                                                  \
        size_t position;                                                                                               \
        HWV_TRY(hwv_name_find(&position, #type, name, type##_names, COUNT, error));                                    \
        *value = (hwv_##type)position;                                                                                 \
        return HWV_OK;                                                                                                 \
    }                                                                                                                  \
    const char *hwv_##type##_name(hwv_##type value)                                                                    \
    {                                                                                                                  \
        return (size_t)value < COUNT ? type##_names[(size_t)value] : "unknown";                                        \
    }

NAMES(optimizer, HWV_OPTIMIZER_LIST, HWV_OPTIMIZER_COUNT)
NAMES(schedule, HWV_SCHEDULE_LIST, HWV_SCHEDULE_COUNT)
NAMES(cure, HWV_CURE_LIST, HWV_CURE_COUNT)
NAMES(convolution, HWV_CONVOLUTION_LIST, HWV_CONVOLUTION_COUNT)
