/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * A file as samples, whatever format it turns out to have: read by pieces for the inputs of a network (.npy, .npz, IDX,
 * CSV, .gz or not), and whole as images and as a data set's x. */
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "halfwave/inputs.h"
#include "io/samples.h"

enum { ROWS = 7, ELEMENTS = 4096 };

static void expect(bool holds, const char *what)
{
    if (holds)
        return;
    (void)fprintf(stderr, "not so: %s\n", what);
    abort();
}

/* ---- the file ------------------------------------------------------------------------------------ */

static char path[] = "/tmp/halfwave-fuzz-XXXXXX";
static int file = -1;

static void remove_file(void)
{
    (void)unlink(path);
}

/* The same file for every input of the program. */
static void write_file(const uint8_t *bytes, size_t size)
{
    if (file < 0) {
        file = mkstemp(path);
        (void)atexit(remove_file);
    }
    expect(file >= 0 && ftruncate(file, 0) == 0 && pwrite(file, bytes, size, 0) == (ssize_t)size, "it can be written");
}

/* ---- by pieces ----------------------------------------------------------------------------------- */

/* All samples, unless one has more elements than there is room for. */
static void read_all(hwv_inputs *inputs, bool integers)
{
    static float room[ROWS * ELEMENTS];
    const hwv_shape shape = hwv_inputs_shape(inputs, 0);
    size_t elements = 1, got = 1, sum = 0;
    for (size_t d = 1; d < shape.rank; d++)
        if (shape.dim[d] > ELEMENTS || (elements *= shape.dim[d]) > ELEMENTS)
            return;
    while (got > 0) {
        if (hwv_inputs_read(inputs, ROWS, (void *const[]){room}, &integers, &got, NULL) != HWV_OK)
            return;
        for (size_t i = 0; i < got * elements; i++)
            fuzz_sink += room[i] > 0;
        sum += got;
    }
    expect(sum == hwv_inputs_count(inputs) && sum == shape.dim[0], "all samples are read");
}

static void by_pieces(bool csv_labels)
{
    const char *const paths[] = {path, path}, *name = "x"; /* two shards */
    const hwv_inputs_options options = {.csv_labels = csv_labels};
    hwv_inputs *inputs;
    if (hwv_inputs_open(&inputs, paths, csv_labels ? 2 : 1, &name, 1, &options, NULL) != HWV_OK) {
        expect(inputs == NULL, "nothing is left of a failure");
        return;
    }
    read_all(inputs, false);
    if (hwv_inputs_rewind(inputs, NULL) == HWV_OK)
        read_all(inputs, true);
    hwv_inputs_close(inputs);
}

/* ---- whole --------------------------------------------------------------------------------------- */

static void whole(void)
{
    hwv_samples samples = {0};
    if (hwv_samples_idx(&samples, path, NULL, NULL) == HWV_OK)
        hwv_samples_free(&samples);
    samples = (hwv_samples){0};
    if (hwv_samples_npz(&samples, path, NULL) == HWV_OK)
        hwv_samples_free(&samples);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char **names;
    size_t count;
    write_file(bytes, size);
    if (hwv_inputs_names(&names, &count, path, NULL) == HWV_OK)
        hwv_inputs_names_free(names, count);
    by_pieces(false);
    by_pieces(true);
    whole();
    return 0;
}
