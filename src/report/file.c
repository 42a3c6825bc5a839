/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Files that a report is, or speaks of. */
#include "report/file.h"

#include "io/file.h"
#include "io/sha256.h"

hwv_status hwv_report_save(const char *path, const hwv_text *text, hwv_error *error)
{
    if (text->failed)
        return hwv_fail(error, HWV_ERR_MEMORY, "%s: out of memory while it was made", path);
    return hwv_file_write(path, text->data != NULL ? text->data : "", text->length, error);
}

hwv_status hwv_report_hash(char hex[65], const char *path, hwv_error *error)
{
    hwv_file file = {0};
    hwv_sha256 sum;
    HWV_TRY(hwv_file_map(&file, path, HWV_FILE_LIMIT, error));
    hwv_sha256_begin(&sum);
    hwv_sha256_add(&sum, file.data, file.size);
    hwv_sha256_end(&sum, hex);
    hwv_file_free(&file);
    return HWV_OK;
}
