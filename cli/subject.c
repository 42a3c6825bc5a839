/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Opening a model's file with what it runs on. */
#include "samples_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "halfwave/memory.h"
#include "training.h"

/* ---- what a file is ---- */

/* Readable characters only: no model begins so. */
static bool is_text(const unsigned char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if ((bytes[i] < 0x20 && !strchr("\t\n\r", bytes[i])) || bytes[i] == 0 || bytes[i] > 0x7e)
            return false;
    return true;
}

hwv_status hwv_cli_file_kind(hwv_cli_file *kind, const char *path, hwv_error *error)
{
    static const char ours[] = ".safetensors";
    size_t length = strlen(path);
    if (length >= sizeof ours - 1 && strcmp(path + length - (sizeof ours - 1), ours) == 0) {
        *kind = HWV_CLI_FILE_CHECKPOINT;
        return HWV_OK;
    }
    unsigned char head[16] = {0};
    struct stat entry;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return hwv_fail(error, HWV_ERR_IO, "%s: cannot be opened: %s", path, strerror(errno));
    bool folder = fstat(file, &entry) == 0 && S_ISDIR(entry.st_mode);
    ssize_t got = folder ? 0 : read(file, head, sizeof head);
    int reason = errno;
    (void)close(file);
    if (folder || got < 0)
        return hwv_fail(error, HWV_ERR_IO, "%s: %s", path,
                        folder ? "is a folder, a file is expected" : strerror(reason));
    size_t size = (size_t)got;
    size_t blank = 0;
    while (blank < size && (head[blank] == ' ' || head[blank] == '\n' || head[blank] == '\r' || head[blank] == '\t'))
        blank++;
    if ((size >= 6 && memcmp(head, "\x93NUMPY", 6) == 0) || (size >= 4 && memcmp(head, "PK\3\4", 4) == 0))
        *kind = HWV_CLI_FILE_DUMP;
    else if (blank < size && head[blank] == '{')
        *kind = HWV_CLI_FILE_STATISTICS;
    else if (size > 8 && head[8] == '{' && head[6] == 0 && head[7] == 0)
        *kind = HWV_CLI_FILE_CHECKPOINT; /* safetensors: eight bytes of length, then JSON */
    else if (is_text(head, size))
        return hwv_fail(error, HWV_ERR_FORMAT,
                        "%s: %s; a model is expected: an ONNX file, a checkpoint of halfwave train (.safetensors), a "
                        "dump (.npy, .npz) or statistics (.json)",
                        path, size == 0 ? "an empty file" : "text");
    else
        *kind = HWV_CLI_FILE_ONNX;
    return HWV_OK;
}

/* ---- ONNX ---- */

/* Shapes of the file's inputs, as the samples say; names[i] is that of input i. */
static hwv_status fit_file(hwv_cli_samples *s, const hwv_onnx *file, const char **names, hwv_shape *shapes,
                           hwv_error *error)
{
    size_t count = hwv_onnx_input_count(file);
    HWV_TRY(hwv_cli_samples_of_file(s, file, error));
    for (size_t i = 0; i < count; i++)
        names[i] = hwv_onnx_input(file, i).name;
    HWV_TRY(hwv_cli_samples_open(s, names, count, error));
    if (s->inputs == NULL && (s->cli->options.mean != NULL || s->cli->options.std != NULL))
        HWV_TRY(hwv_cli_samples_normalise_set(s, error));
    return hwv_cli_samples_fit(s, file, shapes, error);
}

static hwv_status open_fitted(hwv_cli_subject *subject, const char *path, const hwv_onnx_import_options *options,
                              hwv_error *error)
{
    hwv_status status = hwv_patient_open_onnx(&subject->patient, path, options, error);
    if (status != HWV_OK) /* shapes that do not fit are the samples', unless an option gave them */
        return status == HWV_ERR_ARGUMENT && subject->samples.cli->options.shape.count == 0
                   ? hwv_fail(error, HWV_ERR_FORMAT, "%s", error->text)
                   : status;
    subject->network = hwv_patient_network(subject->patient);
    return hwv_cli_samples_start(&subject->samples, subject->network, error);
}

static hwv_status open_onnx(hwv_cli_subject *subject, const char *path, bool partial, hwv_error *error)
{
    hwv_onnx *file;
    HWV_TRY(hwv_onnx_open(&file, path, error));
    size_t count = hwv_onnx_input_count(file);
    const char **names = hwv_calloc(count + 1, sizeof *names);
    hwv_shape *shapes = hwv_calloc(count + 1, sizeof *shapes);
    hwv_status status = HWV_OK;
    if (names == NULL || shapes == NULL)
        status = hwv_fail(error, HWV_ERR_MEMORY, "out of memory");
    else if (count == 0)
        status = hwv_fail(error, HWV_ERR_UNSUPPORTED, "%s: the model has no inputs", path);
    else
        status = fit_file(&subject->samples, file, names, shapes, error);
    hwv_onnx_close(file);
    const hwv_onnx_import_options options = {
        .shapes = shapes, .shape_count = count, .batched = true, .partial = partial};
    if (status == HWV_OK)
        status = open_fitted(subject, path, &options, error);
    hwv_free(names);
    hwv_free(shapes);
    return status;
}

/* ---- checkpoints ---- */

/* What --normalize did in training is done to these samples. */
static hwv_status normalise_as_trained(hwv_cli_samples *s, const hwv_port *input, hwv_error *error)
{
    if (s->inputs == NULL && s->data.block > 0)
        return HWV_OK;
    if (s->inputs == NULL)
        return hwv_checkpoint_normalize(&s->data, s->checkpoint, error);
    hwv_data *n = &s->normal;
    (void)snprintf(n->name, sizeof n->name, "the data");
    n->rank = input->shape.rank - 1;
    n->features = 1;
    n->scale = 1;
    for (size_t i = 0; i < HWV_DATA_DIMS; i++) {
        n->dims[i] = i < n->rank ? input->shape.dim[i + 1] : 1;
        n->features *= n->dims[i];
    }
    return hwv_checkpoint_normalize(n, s->checkpoint, error);
}

static hwv_status open_checkpoint(hwv_cli_subject *subject, const char *path, hwv_error *error)
{
    static const char *const names[] = {"x"};
    hwv_cli_samples *s = &subject->samples;
    HWV_TRY(hwv_patient_open_checkpoint(&subject->patient, path, error));
    subject->network = hwv_patient_network(subject->patient);
    const hwv_port *input = &subject->network->inputs[0];
    HWV_TRY(hwv_cli_samples_of_checkpoint(s, path, error));
    HWV_TRY(hwv_cli_samples_open(s, names, 1, error));
    HWV_TRY(hwv_cli_samples_fit_port(s, input, error));
    HWV_TRY(normalise_as_trained(s, input, error));
    hwv_cli_say_normalised(s->cli, s->inputs != NULL ? &s->normal : &s->data);
    return hwv_cli_samples_start(s, subject->network, error);
}

/* ---- both ---- */

hwv_status hwv_cli_subject_open(hwv_cli *cli, hwv_cli_subject *subject, const char *path, hwv_cli_file kind,
                                const char *const *files, size_t count, bool partial, hwv_error *error)
{
    hwv_cli_samples *s = &subject->samples;
    s->cli = cli;
    s->paths = hwv_calloc(count, sizeof *s->paths);
    if (s->paths == NULL)
        return hwv_fail(error, HWV_ERR_MEMORY, "out of memory");
    for (size_t i = 0; i < count; i++)
        s->paths[s->path_count++] = files[i];
    return kind == HWV_CLI_FILE_CHECKPOINT ? open_checkpoint(subject, path, error)
                                           : open_onnx(subject, path, partial, error);
}

hwv_status hwv_cli_subject_open_given(hwv_cli *cli, hwv_cli_subject *subject, hwv_cli_file kind, hwv_error *error)
{
    const hwv_cli_texts *given = &cli->options.samples;
    size_t count = given->count + cli->operand_count - 1;
    if (given->count == 0)
        return hwv_fail(error, HWV_ERR_ARGUMENT, "--data FILE is missing: what shall %.200s be run on?",
                        cli->operands[0]);
    const char **files = hwv_calloc(count, sizeof *files);
    if (files == NULL)
        return hwv_fail(error, HWV_ERR_MEMORY, "out of memory");
    for (size_t i = 0; i < count; i++)
        files[i] = i < given->count ? given->text[i] : cli->operands[i - given->count + 1];
    hwv_status status = hwv_cli_subject_open(cli, subject, cli->operands[0], kind, files, count, true, error);
    hwv_free(files);
    if (status != HWV_OK)
        return status;
    const hwv_network *network = subject->network;
    if (network->layer_count == 0 && network->unsupported_count > 0)
        return hwv_fail(error, HWV_ERR_UNSUPPORTED, "%s: no activation can be computed: %s", cli->operands[0],
                        network->unsupported[0]);
    return HWV_OK;
}

void hwv_cli_subject_close(hwv_cli_subject *subject)
{
    hwv_cli_samples *s = &subject->samples;
    hwv_patient_close(subject->patient);
    hwv_inputs_close(s->inputs);
    hwv_data_close(&s->data);
    hwv_data_close(&s->normal);
    hwv_vocabulary_free(&s->vocabulary);
    hwv_free(s->labels);
    hwv_free(s->integers);
    hwv_free(s->tables);
    hwv_free(s->scratch);
    hwv_free(s->paths);
    *subject = (hwv_cli_subject){0};
}
