/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What a call's arguments must be: returned as a status by the calls of halfwave/checked.h, asserted by the others. */
#ifndef HWV_ACT_CHECKED_H
#define HWV_ACT_CHECKED_H

#include "halfwave/checked.h"

#include <assert.h>

/* An array of a call. */
typedef struct hwv_operand {
    const char *name;
    const void *data;
    size_t stride;
    enum { HWV_OF_ROWS, HWV_OF_WORDS /* a mask */, HWV_OF_ONE_ROW /* no stride */ } kind;
} hwv_operand;

#define HWV_OPERANDS 6

/* A shape and its arrays; those without a name are not there. */
typedef struct hwv_operands {
    size_t rows, cols;
    hwv_operand of[HWV_OPERANDS];
} hwv_operands;

/* All of a call that has an activation. claims: those the pass needs. */
hwv_status hwv_check_act(const hwv_act *act, hwv_dtype dtype, unsigned claims, hwv_operands operands, hwv_error *error);
hwv_status hwv_check_prelu(hwv_dtype dtype, hwv_slope_axis axis, size_t slopes, hwv_operands operands,
                           hwv_error *error);
hwv_status hwv_check_rrelu(hwv_dtype dtype, float lower, float upper, const hwv_draws *draws, hwv_operands operands,
                           hwv_error *error);
hwv_status hwv_check_gated(hwv_gate gate, hwv_tier tier, hwv_dtype dtype, hwv_operands operands, hwv_error *error);

#define HWV_ROWS_OF(array)                                                                                             \
    {                                                                                                                  \
#array, array, array##_stride, HWV_OF_ROWS                                                                     \
    }
#define HWV_WORDS_OF(array)                                                                                            \
    {                                                                                                                  \
#array, array, array##_stride, HWV_OF_WORDS                                                                    \
    }
/* A mask that need not be there. */
#define HWV_IF_WORDS_OF(array)                                                                                         \
    {                                                                                                                  \
        array ? #array : NULL, array, array##_stride, HWV_OF_WORDS                                                     \
    }
#define HWV_ONE_OF(array)                                                                                              \
    {                                                                                                                  \
#array, array, 0, HWV_OF_ONE_ROW                                                                               \
    }
/* (rows, cols, arrays...) of a call whose parameters have these names. */
#define HWV_ARRAYS(...) ((hwv_operands){rows, cols, {__VA_ARGS__}})

/* What a call that does not check asserts; `act` and `dtype` are its parameters. */
#define HWV_ASSERT_ACT(claims, ...) assert(hwv_check_act(act, dtype, claims, HWV_ARRAYS(__VA_ARGS__), NULL) == HWV_OK)

#endif
