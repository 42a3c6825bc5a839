/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Characters in messages. */
#ifndef HWV_IO_CODES_H
#define HWV_IO_CODES_H

#include <stdbool.h>
#include <stdint.h>

#define HWV_CODE_TEXT 24

/* "'a' (U+0061)", without the character where it cannot be seen: "U+000A"; "byte 0x0a". */
void hwv_code_print(char out[HWV_CODE_TEXT], uint32_t code, bool byte);

#endif
