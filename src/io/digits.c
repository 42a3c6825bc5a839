/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The lists come from data/digits.csv (CC BY 4.0) by tools/embed_digits.cmake. */
#include "io/digits.h"

/* clang-format off */
const uint8_t hwv_digits_pixels[] = {
#include "digits_pixels.inc"
};

const int32_t hwv_digits_labels[] = {
#include "digits_labels.inc"
};
/* clang-format on */

_Static_assert(sizeof hwv_digits_pixels == HWV_DIGITS_COUNT * HWV_DIGITS_SIDE * HWV_DIGITS_SIDE, "digits.csv");
_Static_assert(sizeof hwv_digits_labels == HWV_DIGITS_COUNT * sizeof(int32_t), "digits.csv");
