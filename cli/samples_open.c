/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Samples from the files or the data set of --data, and their labels. */
#include "samples_parts.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "halfwave/memory.h"

/* Does the word name a data set: "digits", "mnist:DIR", a folder, a text for a model of text, and no other file? */
static bool is_data_set(const hwv_cli_samples *s, const char *spec)
{
    size_t length = strcspn(spec, ":");
    struct stat entry;
    for (size_t i = 0; i < hwv_data_name_count(); i++) {
        const char *name = hwv_data_name(i);
        if (strncmp(name, spec, length) == 0 && (name[length] == '\0' || name[length] == ':'))
            return true;
    }
    if (hwv_cli_samples_is_text(s, spec))
        return true;
    if (stat(spec, &entry) == 0)
        return S_ISDIR(entry.st_mode);
    return strpbrk(spec, "./") == NULL; /* a misspelt name gets the nearest */
}

static hwv_status open_set(hwv_cli_samples *s, hwv_error *error)
{
    if (s->path_count > 1)
        return hwv_fail(error, HWV_ERR_ARGUMENT, "--data %.80s is a data set; only files can be several", s->paths[0]);
    HWV_TRY(hwv_data_open(&s->data, s->paths[0], error));
    if (s->data.block > 0)
        HWV_TRY(hwv_cli_samples_adapt(s, error));
    s->part = s->cli->options.part == 0 ? &s->data.test : &s->data.train;
    s->apart = hwv_data_apart(&s->data, s->part);
    s->part = &s->apart;
    s->count = s->part->count;
    (void)snprintf(s->description, sizeof s->description, "%s; the %s part", s->data.description,
                   s->cli->options.part == 0 ? "test" : "training");
    char blocks[40] = "";
    if (s->data.block > 0)
        (void)snprintf(blocks, sizeof blocks, "%zu tokens of ", s->data.block);
    (void)snprintf(s->source, sizeof s->source, "%s%.60s (%s part)", blocks, s->data.name,
                   s->cli->options.part == 0 ? "test" : "training");
    if (s->count == 0)
        return hwv_fail(error, HWV_ERR_FORMAT, "%s: this part has no samples", s->paths[0]);
    if (s->data.block > 0)
        return HWV_OK;
    s->labels = hwv_calloc(s->count, sizeof *s->labels);
    if (s->labels == NULL)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory for %zu labels", s->count);
    memcpy(s->labels, s->part->labels, s->count * sizeof *s->labels);
    return HWV_OK;
}

static void describe_files(hwv_cli_samples *s)
{
    char sample[160];
    const char *slash = strrchr(s->paths[0], '/'), *name = slash ? slash + 1 : s->paths[0];
    hwv_shape shape = hwv_inputs_shape(s->inputs, 0);
    hwv_cli_sample_text(sample, sizeof sample, shape.dim + 1, shape.rank - 1);
    s->count = hwv_inputs_count(s->inputs);
    if (s->path_count > 1)
        (void)snprintf(s->source, sizeof s->source, "%.80s and %zu more", name, s->path_count - 1);
    else
        (void)snprintf(s->source, sizeof s->source, "%.100s", name);
    (void)snprintf(s->description, sizeof s->description, "%s: %zu sample%s of %s%s", s->source, s->count,
                   s->count == 1 ? "" : "s", sample,
                   hwv_inputs_scaled(s->inputs, 0) ? ", bytes divided by 255 (--unscaled: not)" : "");
}

static hwv_status open_files(hwv_cli_samples *s, const char *const *names, size_t count, hwv_error *error)
{
    const hwv_cli_options *o = &s->cli->options;
    double *mean = NULL, *std = NULL;
    hwv_inputs_options options = {.name = o->input, .plain_bytes = o->unscaled};
    hwv_status status = HWV_OK;
    if (o->mean != NULL)
        status = hwv_cli_numbers_list(&mean, &options.mean_count, "mean", o->mean, error);
    if (status == HWV_OK && o->std != NULL)
        status = hwv_cli_numbers_list(&std, &options.std_count, "std", o->std, error);
    options.mean = mean;
    options.std = std;
    if (status == HWV_OK)
        status = hwv_inputs_open(&s->inputs, s->paths, s->path_count, names, count, &options, error);
    hwv_free(mean);
    hwv_free(std);
    if (status == HWV_OK)
        describe_files(s);
    /* What does not fit together is in the files, unless an option names it. */
    if ((status == HWV_ERR_NAME && o->input == NULL) ||
        (status == HWV_ERR_SHAPE && options.mean_count <= 1 && options.std_count <= 1)) {
        error->status = HWV_ERR_FORMAT;
        return HWV_ERR_FORMAT;
    }
    return status;
}

hwv_status hwv_cli_samples_open(hwv_cli_samples *s, const char *const *names, size_t count, hwv_error *error)
{
    if (!is_data_set(s, s->paths[0]))
        return open_files(s, names, count, error);
    if (count != 1)
        return hwv_fail(error, HWV_ERR_FORMAT,
                        "a data set has samples for one input, the model has %zu: an .npz file can name them all",
                        count);
    return open_set(s, error);
}

/* One label a sample: a column of whole numbers. */
static hwv_status read_labels(hwv_cli_samples *s, const char *path, hwv_error *error)
{
    static const char *const name[] = {"labels"};
    static const bool whole[] = {true};
    const hwv_inputs_options options = {.plain_bytes = true};
    hwv_inputs *inputs;
    size_t got;
    HWV_TRY(hwv_inputs_open(&inputs, &path, 1, name, 1, &options, error));
    hwv_shape shape = hwv_inputs_shape(inputs, 0);
    hwv_status status = HWV_OK;
    if (hwv_cli_sample_numbers(shape.dim + 1, shape.rank - 1) != 1)
        status = hwv_fail(error, HWV_ERR_FORMAT, "%s: %zu numbers a sample, one label is expected", path,
                          hwv_cli_sample_numbers(shape.dim + 1, shape.rank - 1));
    else if (shape.dim[0] != s->count)
        status = hwv_fail(error, HWV_ERR_FORMAT, "%s: %zu labels for %zu samples", path, shape.dim[0], s->count);
    if (status == HWV_OK && (s->labels = hwv_calloc(s->count, sizeof *s->labels)) == NULL)
        status = hwv_fail(error, HWV_ERR_MEMORY, "no memory for %zu labels", s->count);
    void *into = s->labels;
    if (status == HWV_OK)
        status = hwv_inputs_read(inputs, s->count, &into, whole, &got, error);
    hwv_inputs_close(inputs);
    for (size_t i = 0; status == HWV_OK && i < s->count; i++)
        if (s->labels[i] < 0)
            status = hwv_fail(error, HWV_ERR_FORMAT, "%s: label %d of sample %zu, labels are 0 or more", path,
                              (int)s->labels[i], i);
    return status;
}

static hwv_status take_labels(hwv_cli_samples *s, hwv_error *error)
{
    if (s->cli->options.labels == NULL)
        return HWV_OK;
    hwv_free(s->labels);
    s->labels = NULL;
    return read_labels(s, s->cli->options.labels, error);
}

/* Rows of the smallest table whose indices are an input's numbers as they are; 0: there is none. */
static size_t table_of(const hwv_graph *graph, hwv_id input)
{
    size_t rows = 0;
    for (hwv_id i = 0; input != HWV_NO_ID && i < hwv_graph_node_count(graph); i++) {
        const hwv_node *node = hwv_graph_node_at(graph, i);
        if (node->kind != HWV_NODE_GATHER || node->input[1] != input)
            continue;
        size_t n = hwv_graph_value(graph, node->input[0])->shape.dim[node->attributes.axis];
        rows = rows == 0 || n < rows ? n : rows;
    }
    return rows;
}

hwv_status hwv_cli_samples_start(hwv_cli_samples *s, const hwv_network *network, hwv_error *error)
{
    s->network = network;
    HWV_TRY(hwv_cli_samples_check(s, network, error));
    s->integers = hwv_calloc(network->input_count + 1, sizeof *s->integers);
    s->tables = hwv_calloc(network->input_count + 1, sizeof *s->tables);
    if (s->to_channels_first)
        s->scratch = hwv_calloc(s->data.features, sizeof *s->scratch);
    if (s->integers == NULL || s->tables == NULL || (s->to_channels_first && s->scratch == NULL))
        return hwv_fail(error, HWV_ERR_MEMORY, "out of memory");
    for (size_t i = 0; i < network->input_count; i++) {
        const hwv_value *value = hwv_graph_value(network->graph, network->inputs[i].value);
        s->integers[i] = value != NULL && value->element == HWV_ELEMENT_I32;
        s->tables[i] = s->integers[i] ? table_of(network->graph, network->inputs[i].value) : 0;
    }
    HWV_TRY(hwv_cli_samples_check_tokens(s, error));
    return take_labels(s, error);
}

/* --mean and --std of a data set: a number, or one a channel. */
hwv_status hwv_cli_samples_normalise_set(hwv_cli_samples *s, hwv_error *error)
{
    const hwv_cli_options *o = &s->cli->options;
    const char *const lists[2] = {o->mean, o->std}, *const names[2] = {"mean", "std"};
    size_t channels = hwv_data_channels(&s->data);
    double *numbers = hwv_calloc(channels, 2 * sizeof *numbers);
    hwv_status status = numbers ? HWV_OK : hwv_fail(error, HWV_ERR_MEMORY, "out of memory");
    for (size_t l = 0; l < 2 && status == HWV_OK; l++) {
        double *list = NULL, otherwise = (double)l;
        size_t count = 1;
        if (lists[l] != NULL)
            status = hwv_cli_numbers_list(&list, &count, names[l], lists[l], error);
        if (status == HWV_OK && count != 1 && count != channels)
            status = hwv_fail(error, HWV_ERR_ARGUMENT, "--%s: %zu numbers for %zu channels: one, or one a channel",
                              names[l], count, channels);
        for (size_t c = 0; c < channels && status == HWV_OK; c++)
            numbers[l * channels + c] = list == NULL ? otherwise : list[count > 1 ? c : 0];
        hwv_free(list);
    }
    if (status == HWV_OK)
        status = hwv_data_normalize(&s->data, numbers, numbers + channels, error);
    hwv_free(numbers);
    return status;
}
