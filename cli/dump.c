/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Pre-activations that another program wrote: arrays whose first axis counts samples, one axis units, and all others
 * positions. */
#include "check.h"

#include <stdio.h>
#include <string.h>

#include "halfwave/memory.h"

/* Numbers that are read at a time. */
#define PIECE ((size_t)1 << 20)

typedef struct dump {
    hwv_cli *cli;
    hwv_tally *tally;
    hwv_act act;
    const char *path;
    char *own_name; /* of the array in a .npy file: the file's, without what stands around it */
} dump;

/* Lengths of what lies before, on and behind the axis of units in a sample. */
typedef struct axes {
    size_t outer, units, inner;
} axes;

/* 2-D and 3-D: the last axis; 4-D: axis 1; --unit-axis N: that one, from the end where N is below 0. */
static hwv_status find_axes(const dump *d, const char *layer, const hwv_shape *shape, axes *found, hwv_error *error)
{
    double given = d->cli->options.unit_axis;
    double axis = given == 0  ? (shape->rank == 4 ? 1 : (double)shape->rank - 1)
                  : given < 0 ? (double)shape->rank + given
                              : given;
    if (shape->rank < 2)
        return hwv_fail(error, HWV_ERR_FORMAT, "%s: '%.80s' has one axis; samples and units are expected", d->path,
                        layer);
    if (given != (double)(long)given || axis < 1 || axis >= (double)shape->rank)
        return hwv_fail(error, HWV_ERR_ARGUMENT,
                        "--unit-axis %g: '%.80s' has %zu axes, of which 0 counts samples: 1 to %zu, or -1 for the last",
                        given, layer, shape->rank, shape->rank - 1);
    *found = (axes){.outer = 1, .inner = 1};
    for (size_t i = 1; i < shape->rank; i++) {
        size_t *length = i < (size_t)axis ? &found->outer : &found->inner;
        if (i == (size_t)axis)
            found->units = shape->dim[i];
        else
            *length *= shape->dim[i]; /* fits: the sample does */
    }
    return HWV_OK;
}

/* Units last, as they are counted. */
static void turn(const axes *a, size_t rows, const float *z, float *turned)
{
    for (size_t o = 0; o < rows * a->outer; o++, z += a->units * a->inner, turned += a->units * a->inner)
        for (size_t u = 0; u < a->units; u++)
            for (size_t i = 0; i < a->inner; i++)
                turned[i * a->units + u] = z[u * a->inner + i];
}

static hwv_status count_rows(const dump *d, const char *layer, hwv_inputs *inputs, const axes *a, size_t rows,
                             float *block, float *turned, hwv_error *error)
{
    size_t got, left = hwv_inputs_count(inputs);
    void *into = block;
    for (size_t done = 0; done < left; done += got) {
        HWV_TRY(hwv_inputs_read(inputs, rows, &into, NULL, &got, error));
        if (a->inner > 1)
            turn(a, got, block, turned);
        HWV_TRY(hwv_tally_count(d->tally, layer, &d->act, got, a->outer * a->inner, a->units,
                                a->inner > 1 ? turned : block, d->cli->executor, error));
        hwv_cli_progress(d->cli, (double)(done + got) / (double)left, "%s: %zu of %zu samples", layer, done + got,
                         left);
    }
    return HWV_OK;
}

/* name NULL: the only array of a .npy file. */
static hwv_status count_array(const dump *d, const char *name, hwv_error *error)
{
    const char *layer = name != NULL ? name : d->own_name;
    const hwv_inputs_options options = {.name = name, .plain_bytes = true};
    hwv_inputs *inputs;
    axes a;
    HWV_TRY(hwv_inputs_open(&inputs, &d->path, 1, &layer, 1, &options, error));
    hwv_shape shape = hwv_inputs_shape(inputs, 0);
    hwv_status status = find_axes(d, layer, &shape, &a, error);
    if (status == HWV_OK) {
        size_t sample = a.outer * a.units * a.inner, rows = sample < PIECE ? PIECE / sample : 1;
        float *block = hwv_calloc(rows * sample, (a.inner > 1 ? 2 : 1) * sizeof *block);
        status = block ? count_rows(d, layer, inputs, &a, rows, block, block + (a.inner > 1 ? rows * sample : 0), error)
                       : hwv_fail(error, HWV_ERR_MEMORY, "%s: no memory for a sample of '%.80s'", d->path, layer);
        hwv_free(block);
    }
    hwv_inputs_close(inputs);
    return status;
}

static hwv_status count_file(dump *d, hwv_error *error)
{
    char **names;
    size_t count;
    HWV_TRY(hwv_inputs_names(&names, &count, d->path, error));
    hwv_status status = HWV_OK;
    if (names != NULL && count == 0)
        status = hwv_fail(error, HWV_ERR_FORMAT, "%s: the archive has no arrays", d->path);
    else if (names == NULL)
        status = count_array(d, NULL, error);
    bool found = d->cli->options.input == NULL || names == NULL;
    for (size_t i = 0; i < count && status == HWV_OK; i++)
        if (d->cli->options.input == NULL || strcmp(names[i], d->cli->options.input) == 0) {
            status = count_array(d, names[i], error);
            found = true;
        }
    if (status == HWV_OK && !found)
        status = hwv_cli_unknown_in(error, "array", d->cli->options.input, (const char *const *)names, count, "");
    hwv_inputs_names_free(names, count);
    return status;
}

/* "runs/z1.npy" is the layer "z1". */
static char *layer_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *name = hwv_strdup(slash != NULL ? slash + 1 : path);
    size_t length = name != NULL ? strlen(name) : 0;
    if (length > 4 && strcmp(name + length - 4, ".npy") == 0)
        name[length - 4] = '\0';
    return name;
}

hwv_status hwv_cli_dump_count(hwv_cli *cli, hwv_tally *tally, const char *const *files, size_t count, hwv_error *error)
{
    dump d = {.cli = cli, .tally = tally, .own_name = layer_name(files[0])};
    const char *slash = strrchr(files[0], '/');
    tally->group = cli->options.group;
    tally->model = hwv_strdup(slash != NULL ? slash + 1 : files[0]);
    hwv_status status = d.own_name && tally->model ? hwv_act_parse(&d.act, cli->options.act, error)
                                                   : hwv_fail(error, HWV_ERR_MEMORY, "out of memory");
    for (size_t i = 0; i < count && status == HWV_OK; i++) {
        d.path = files[i];
        status = count_file(&d, error);
    }
    hwv_free(d.own_name);
    return status;
}
