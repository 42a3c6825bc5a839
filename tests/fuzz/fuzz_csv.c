/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * CSV, with and without labels. */
#include "fuzz.h"

#include "io/csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    for (int labelled = 0; labelled < 2; labelled++) {
        hwv_csv csv = {0};
        hwv_error error;
        hwv_status status = labelled ? hwv_csv_parse(&csv, (const char *)bytes, size, &error)
                                     : hwv_csv_parse_values(&csv, (const char *)bytes, size, &error);
        for (size_t i = 0; status == HWV_OK && i < csv.rows * csv.features; i++)
            fuzz_sink += csv.values[i] > 0;
        for (size_t i = 0; status == HWV_OK && i < csv.rows; i++)
            fuzz_sink += csv.lines[i] + (labelled ? (size_t)csv.labels[i] : 0);
        hwv_csv_free(&csv);
    }
    return 0;
}
