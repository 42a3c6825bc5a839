/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The log of a run: JSON lines, one object a step and an epoch, told apart by "event". Lines are gathered in
 * a buffer that is taken at the start. */
#ifndef HWV_TRAIN_LOG_H
#define HWV_TRAIN_LOG_H

#include <stdbool.h>
#include <stdio.h>

#include "halfwave/text.h"
#include "halfwave/train.h"

typedef struct hwv_log {
    const char *path; /* NULL: no log */
    FILE *file;
    hwv_text lines;
} hwv_log;

/* path NULL: all calls do nothing. append: go on behind the last whole line of the file. HWV_ERR_IO,
 * HWV_ERR_MEMORY. */
hwv_status hwv_log_open(hwv_log *log, const char *path, bool append, hwv_error *error);
hwv_status hwv_log_step(hwv_log *log, const hwv_step *step, hwv_error *error);
/* text: losses are those of a token, and told as perplexity and bits too. */
hwv_status hwv_log_epoch(hwv_log *log, const hwv_epoch_stats *epoch, bool text, hwv_error *error);
/* A line of somebody else's; HWV_ERR_ARGUMENT: longer than 1,000 bytes. */
hwv_status hwv_log_line(hwv_log *log, const char *line, size_t length, hwv_error *error);
hwv_status hwv_log_flush(hwv_log *log, hwv_error *error);
/* Flushes and closes. Accepts a log that was never opened. */
hwv_status hwv_log_close(hwv_log *log, hwv_error *error);

#endif
