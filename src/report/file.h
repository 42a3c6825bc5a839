/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Files that a report is, or speaks of. */
#ifndef HWV_REPORT_FILE_H
#define HWV_REPORT_FILE_H

#include "halfwave/status.h"
#include "halfwave/text.h"

/* Writes a text, whole or not at all. HWV_ERR_IO, HWV_ERR_MEMORY. */
hwv_status hwv_report_save(const char *path, const hwv_text *text, hwv_error *error);
/* SHA-256 of a file's bytes, in hexadecimal digits. HWV_ERR_IO, HWV_ERR_FORMAT (larger than memory), HWV_ERR_MEMORY. */
hwv_status hwv_report_hash(char hex[65], const char *path, hwv_error *error);

#endif
