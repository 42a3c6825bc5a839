/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * A file to save into, and whether it holds what it should. Included by the tests of this folder. */
#ifndef TESTS_REPORT_SAVED_H
#define TESTS_REPORT_SAVED_H

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "halfwave/text.h"
#include "io/file.h"

/* The path of an empty file, to be removed with unlink; NULL when there is none to be had. */
static inline const char *saved_path(void)
{
    static char path[40];
    strcpy(path, "/tmp/halfwave-test-XXXXXX");
    int fd = mkstemp(path);
    return fd >= 0 && close(fd) == 0 ? path : NULL;
}

static inline bool saved_is(const char *path, const hwv_text *text)
{
    hwv_file file = {0};
    bool same = hwv_file_read(&file, path, 0, NULL, NULL) == HWV_OK && file.size == text->length &&
                memcmp(file.data, text->data, text->length) == 0;
    hwv_file_free(&file);
    return same;
}

#endif
