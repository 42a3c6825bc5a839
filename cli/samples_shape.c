/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Whether samples fit what a network takes: axis for axis, and never by guessing another order. */
#include "samples_parts.h"

#include <stdio.h>
#include <string.h>

#include "halfwave/memory.h"

/* "16 x 96" of the axes behind the first. */
void hwv_cli_sample_text(char *out, size_t size, const size_t *dim, size_t rank)
{
    size_t at = 0;
    (void)snprintf(out, size, "%s", rank == 0 ? "one number" : "");
    for (size_t i = 0; i < rank && at + 24 < size; i++)
        at += (size_t)snprintf(out + at, size - at, "%s%zu", i > 0 ? " x " : "", dim[i]);
    if (rank == 1 && at + 8 < size)
        (void)snprintf(out + at, size - at, " value%s", dim[0] == 1 ? "" : "s");
}

/* "[batch, 3, *, *]" */
static void print_port(char *out, size_t size, const hwv_onnx_port *port)
{
    size_t at = (size_t)snprintf(out, size, "[");
    for (size_t i = 0; i < port->rank && at + 40 < size; i++) {
        at += (size_t)snprintf(out + at, size - at, "%s", i > 0 ? ", " : "");
        if (port->dim[i] >= 0)
            at += (size_t)snprintf(out + at, size - at, "%lld", (long long)port->dim[i]);
        else
            at += (size_t)snprintf(out + at, size - at, "%.20s", port->symbol[i] ? port->symbol[i] : "*");
    }
    (void)snprintf(out + at, size - at, "]");
}

size_t hwv_cli_sample_numbers(const size_t *dim, size_t rank)
{
    size_t n = 1;
    for (size_t i = 0; i < rank; i++)
        if (!hwv_size_mul(n, dim[i], &n))
            return SIZE_MAX;
    return n;
}

/* A first axis that is free or 1 counts samples. */
static bool has_batch_axis(const hwv_onnx_port *port)
{
    return port->rank > 0 && (port->dim[0] < 0 || port->dim[0] == 1);
}

/* --shape NAME:1x3x48x192 of an input; the name may be left out where there is one. */
static hwv_status find_shape(const hwv_cli *cli, const hwv_onnx_port *port, bool only, hwv_shape *shape,
                             hwv_error *error)
{
    const hwv_cli_texts *texts = &cli->options.shape;
    shape->rank = 0;
    for (size_t t = 0; t < texts->count; t++) {
        const char *text = texts->text[t], *colon = strrchr(text, ':'), *at = colon ? colon + 1 : text;
        size_t length = colon ? (size_t)(colon - text) : 0;
        bool named = colon && strlen(port->name) == length && memcmp(port->name, text, length) == 0;
        if (!named && !(only && !colon))
            continue;
        shape->rank = 0;
        for (const char *end = at; *at != '\0'; at = *end == '\0' ? end : end + 1) {
            uint64_t number;
            end = at + strcspn(at, "x");
            if (shape->rank == HWV_MAX_RANK || !hwv_cli_whole(at, (size_t)(end - at), &number) || number == 0 ||
                number > SIZE_MAX / 2)
                return hwv_fail(error, HWV_ERR_ARGUMENT,
                                "--shape: '%.80s' is no shape of at most %d axes; write NAME:1x3x48x192", text,
                                HWV_MAX_RANK);
            shape->dim[shape->rank++] = (size_t)number;
        }
    }
    return HWV_OK;
}

/* Names of --shape that no input has. */
static hwv_status check_shapes(const hwv_cli *cli, const hwv_onnx *file, hwv_error *error)
{
    const hwv_cli_texts *texts = &cli->options.shape;
    for (size_t t = 0; t < texts->count; t++) {
        const char *text = texts->text[t], *colon = strrchr(text, ':');
        bool known = !colon && hwv_onnx_input_count(file) == 1;
        for (size_t i = 0; colon && i < hwv_onnx_input_count(file); i++) {
            const char *name = hwv_onnx_input(file, i).name;
            known = known || (strlen(name) == (size_t)(colon - text) && strncmp(name, text, strlen(name)) == 0);
        }
        if (!known)
            return hwv_fail(error, HWV_ERR_ARGUMENT,
                            "--shape: '%.80s' names no input of the model; its first is '%.80s'", text,
                            hwv_onnx_input_count(file) > 0 ? hwv_onnx_input(file, 0).name : "");
    }
    return HWV_OK;
}

static hwv_status fail_fit(const hwv_cli_samples *s, const hwv_onnx_port *port, const size_t *dim, size_t rank,
                           hwv_error *error)
{
    char sample[160], wanted[300];
    bool free_axis = false;
    hwv_cli_sample_text(sample, sizeof sample, dim, rank);
    print_port(wanted, sizeof wanted, port);
    size_t taken = 1;
    for (size_t i = 1; i < port->rank; i++) {
        free_axis = free_axis || port->dim[i] < 0;
        if (!hwv_size_mul(taken, port->dim[i] < 0 ? 0 : (size_t)port->dim[i], &taken))
            taken = 0;
    }
    bool labelled = rank == 1 && taken > 0 && dim[0] == taken + 1;
    return hwv_fail(error, HWV_ERR_FORMAT,
                    "%s: samples of %s, but the input '%.80s' takes %s, the first axis being the samples%s",
                    s->paths[0], sample, port->name, wanted,
                    free_axis  ? "; --shape NAME:1x3x48x192 settles what is free"
                    : labelled ? " (a column of labels is not expected)"
                               : "");
}

/* Shape of one input of a file for samples of dim[rank]. */
static hwv_status fit_port(hwv_cli_samples *s, const hwv_onnx_port *port, bool only, const size_t *dim, size_t rank,
                           hwv_shape *shape, hwv_error *error)
{
    hwv_shape given;
    HWV_TRY(find_shape(s->cli, port, only, &given, error));
    if (!port->shaped && given.rank == 0) {
        shape->rank = rank + 1;
        for (size_t i = 0; i < rank && i + 1 < HWV_MAX_RANK; i++)
            shape->dim[i + 1] = dim[i];
        shape->dim[0] = HWV_BATCH;
        return rank + 1 <= HWV_MAX_RANK ? HWV_OK : fail_fit(s, port, dim, rank, error);
    }
    if (port->rank > HWV_MAX_RANK)
        return hwv_fail(error, HWV_ERR_UNSUPPORTED, "the input '%.80s' has %zu axes, at most %d are supported",
                        port->name, port->rank, HWV_MAX_RANK);
    if (given.rank > 0) {
        *shape = given;
        if (!port->shaped || has_batch_axis(port))
            shape->dim[0] = HWV_BATCH;
        return HWV_OK;
    }
    shape->dim[0] = HWV_BATCH;
    /* A first axis that is fixed is a number of samples at once, unless each sample has that axis itself. */
    if (hwv_onnx_fit(shape, port, dim, rank))
        return HWV_OK;
    for (size_t i = 0; i < port->rank; i++) {
        if (has_batch_axis(port) || port->dim[i] < 0)
            return fail_fit(s, port, dim, rank, error);
        shape->dim[i] = (size_t)port->dim[i];
    }
    return HWV_OK;
}

/* Once the network is known: does a sample have as many numbers as each input takes? */
hwv_status hwv_cli_samples_check(const hwv_cli_samples *s, const hwv_network *network, hwv_error *error)
{
    for (size_t i = 0; i < network->input_count; i++) {
        const hwv_port *port = &network->inputs[i];
        if (port->value == HWV_NO_ID)
            return hwv_fail(error, HWV_ERR_UNSUPPORTED, "the input '%.80s' is of a type that is not supported",
                            port->name);
        size_t skip = port->shape.rank > 0 && port->shape.dim[0] == HWV_BATCH;
        size_t taken = hwv_cli_sample_numbers(port->shape.dim + skip, port->shape.rank - skip),
               features = s->data.features;
        char sample[160], wanted[160];
        if (s->inputs != NULL) {
            hwv_shape shape = hwv_inputs_shape(s->inputs, i);
            features = hwv_cli_sample_numbers(shape.dim + 1, shape.rank - 1);
            hwv_cli_sample_text(sample, sizeof sample, shape.dim + 1, shape.rank - 1);
        } else {
            hwv_cli_sample_text(sample, sizeof sample, s->data.dims, s->data.rank);
        }
        hwv_cli_sample_text(wanted, sizeof wanted, port->shape.dim + skip, port->shape.rank - skip);
        const char *why = !skip && port->shape.rank > 0 && features * port->shape.dim[0] == taken
                              ? "; the file is made for so many samples at once: export it for one, or with "
                                "the first axis left open"
                              : "";
        if (features != taken)
            return hwv_fail(error, HWV_ERR_FORMAT, "%s: samples of %s, but the input '%.80s' takes %s%s", s->paths[0],
                            sample, port->name, wanted, why);
    }
    return HWV_OK;
}
hwv_status hwv_cli_samples_fit(hwv_cli_samples *s, const hwv_onnx *file, hwv_shape *shapes, hwv_error *error)
{
    size_t count = hwv_onnx_input_count(file);
    HWV_TRY(check_shapes(s->cli, file, error));
    for (size_t i = 0; i < count; i++) {
        hwv_onnx_port port = hwv_onnx_input(file, i);
        size_t set[3], rank = s->data.rank;
        const size_t *dim = set;
        hwv_shape shape;
        if (s->inputs != NULL) {
            shape = hwv_inputs_shape(s->inputs, i);
            dim = shape.dim + 1;
            rank = shape.rank - 1;
        } else {
            for (size_t k = 0; k < 3; k++)
                set[k] = s->data.dims[k];
            if (rank == 3 && hwv_onnx_fit_channels(&port, set))
                s->to_channels_first = set[0] > 1;
        }
        HWV_TRY(fit_port(s, &port, count == 1, dim, rank, &shapes[i], error));
    }
    return HWV_OK;
}

hwv_status hwv_cli_samples_fit_port(const hwv_cli_samples *s, const hwv_port *input, hwv_error *error)
{
    if (s->inputs == NULL)
        return HWV_OK;
    hwv_shape shape = hwv_inputs_shape(s->inputs, 0);
    hwv_onnx_port port = {.name = input->name, .rank = input->shape.rank, .dim = {-1}};
    for (size_t i = 1; i < input->shape.rank; i++)
        port.dim[i] = (int64_t)input->shape.dim[i];
    hwv_shape fitted;
    return hwv_onnx_fit(&fitted, &port, shape.dim + 1, shape.rank - 1)
               ? HWV_OK
               : fail_fit(s, &port, shape.dim + 1, shape.rank - 1, error);
}
