/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What a bare path holds. */
#ifndef HWV_IO_GUESS_H
#define HWV_IO_GUESS_H

#include <stdbool.h>
#include <stddef.h>

#include "halfwave/status.h"
#include "halfwave/text.h"

typedef enum hwv_guess {
    HWV_GUESS_MNIST,
    HWV_GUESS_CIFAR10,
    HWV_GUESS_IDX,
    HWV_GUESS_NPY,
    HWV_GUESS_NPZ,
    HWV_GUESS_CSV
} hwv_guess;

/* "a folder of IDX files", ... */
const char *hwv_guess_name(hwv_guess guess);

/* Does the word look like a path: a slash or a known extension? */
bool hwv_guess_is_path(const char *word);

/* Does the path say that it is a text: .txt, .gz or not? By content nothing tells it from CSV. */
bool hwv_guess_is_prose(const char *path);

/* Looks at what exists at `path`. For HWV_GUESS_IDX `labels` (NULL: not wanted) becomes the path of the labels beside the images.
 * HWV_ERR_IO; HWV_ERR_FORMAT: not recognised; HWV_ERR_ARGUMENT: recognised, but a second file is needed and not
 * to be found by its name; HWV_ERR_MEMORY. */
hwv_status hwv_guess_content(hwv_guess *guess, hwv_text *labels, const char *path, hwv_error *error);

/* The same of a file's beginning, inflated where it was compressed; messages begin with `path`. HWV_ERR_FORMAT. */
hwv_status hwv_guess_bytes(hwv_guess *guess, const char *path, const unsigned char *data, size_t size,
                           hwv_error *error);

#endif
