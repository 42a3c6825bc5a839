/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The embedded data set: UCI optical digits (data/README.md has the citation). */
#ifndef HWV_IO_DIGITS_H
#define HWV_IO_DIGITS_H

#include <stdint.h>

#define HWV_DIGITS_COUNT 1797
#define HWV_DIGITS_TEST  360
#define HWV_DIGITS_SIDE  8

/* Values 0..16. */
extern const uint8_t hwv_digits_pixels[HWV_DIGITS_COUNT * HWV_DIGITS_SIDE * HWV_DIGITS_SIDE];
extern const int32_t hwv_digits_labels[HWV_DIGITS_COUNT];

#endif
