/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What the arrays of an archive are called. */
#include <stdbool.h>
#include <string.h>

#include "halfwave/inputs.h"
#include "halfwave/memory.h"
#include "io/file.h"
#include "io/zip.h"

static bool is_array(const hwv_zip_member *m)
{
    return m->name_length > 4 && memcmp(m->name + m->name_length - 4, ".npy", 4) == 0;
}

static hwv_status take_names(char ***names, size_t *count, const hwv_zip *zip, hwv_error *error)
{
    *names = hwv_calloc(zip->count, sizeof **names);
    for (size_t i = 0; *names && i < zip->count; i++) {
        const hwv_zip_member *m = &zip->members[i];
        if (!is_array(m))
            continue;
        char *name = hwv_calloc(m->name_length - 3, 1);
        if (!name)
            return hwv_fail(error, HWV_ERR_MEMORY, "no memory for the names of arrays");
        memcpy(name, m->name, m->name_length - 4);
        (*names)[(*count)++] = name;
    }
    return *names ? HWV_OK : hwv_fail(error, HWV_ERR_MEMORY, "no memory for the names of arrays");
}

hwv_status hwv_inputs_names(char ***names, size_t *count, const char *path, hwv_error *error)
{
    hwv_file file;
    hwv_zip zip = {0};
    *names = NULL;
    *count = 0;
    HWV_TRY(hwv_file_map(&file, path, 0, error));
    if (file.size < 4 || memcmp(file.data, "PK\3\4", 4) != 0) {
        hwv_file_free(&file);
        return HWV_OK;
    }
    hwv_status status = hwv_zip_parse(&zip, file.data, file.size, error);
    if (status == HWV_OK)
        status = take_names(names, count, &zip, error);
    if (status != HWV_OK) {
        hwv_fail_prefix(error, status, "%s: ", path);
        hwv_inputs_names_free(*names, *count);
        *names = NULL;
        *count = 0;
    }
    hwv_zip_free(&zip);
    hwv_file_free(&file);
    return status;
}

void hwv_inputs_names_free(char **names, size_t count)
{
    for (size_t i = 0; names && i < count; i++)
        hwv_free(names[i]);
    hwv_free(names);
}
