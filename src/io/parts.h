/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * From samples to a data set: training and test part, shape, description. Every source ends here. */
#ifndef HWV_IO_PARTS_H
#define HWV_IO_PARTS_H

#include "halfwave/data.h"
#include "io/samples.h"
#include "io/tokens.h"

/* What a data set owns: one file's samples that are split, or a training and a test file's, or a text. */
typedef struct hwv_data_owner {
    hwv_samples whole, test;
    hwv_tokens text;
    char *path; /* of the text */
    bool guessed;
} hwv_data_owner;

/* An empty owner for `data`, freed with it. HWV_ERR_MEMORY. */
hwv_status hwv_data_own(hwv_data *data, hwv_data_owner **owner, hwv_error *error);

/* What tells a long path from others, its end, and what stands for the rest. */
const char *hwv_path_end(const char *path, const char **dots);

/* The last `test` samples become the test part. `name` is the kind of data, `what` where it is from; the remark may
 * be "". */
void hwv_data_split(hwv_data *data, const char *name, const char *what, const hwv_samples *s, size_t test,
                    const char *remark);
/* The last fifth, rounded up. HWV_ERR_FORMAT for a single sample. */
hwv_status hwv_data_split_fifth(hwv_data *data, const char *name, const char *what, const hwv_samples *s,
                                hwv_error *error);
/* Two sets of samples. HWV_ERR_FORMAT when their shapes differ. */
hwv_status hwv_data_join(hwv_data *data, const char *name, const char *what, const hwv_samples *train,
                         const hwv_samples *test, hwv_error *error);
/* Samples without labels, all in the test part. */
void hwv_data_unlabelled(hwv_data *data, const char *name, const char *what, const hwv_samples *s, const char *remark);

#endif
