/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Samples of text: blocks of tokens that do not overlap, the tokens being those of the model. */
#include "samples_parts.h"

#include <string.h>

#include "halfwave/memory.h"

bool hwv_cli_samples_is_text(const hwv_cli_samples *s, const char *path)
{
    static const char *const ends[] = {".txt", ".txt.gz"};
    for (size_t i = 0; s->reads_text && i < sizeof ends / sizeof ends[0]; i++) {
        const size_t length = strlen(path), end = strlen(ends[i]);
        if (length > end && strcmp(path + length - end, ends[i]) == 0)
            return true;
    }
    return false;
}

hwv_status hwv_cli_samples_of_file(hwv_cli_samples *s, const hwv_onnx *file, hwv_error *error)
{
    HWV_TRY(hwv_onnx_vocabulary(&s->vocabulary, &s->block, file, error));
    s->reads_text = s->block > 0;
    if (s->reads_text || hwv_onnx_input_count(file) != 1)
        return HWV_OK;
    const hwv_onnx_port port = hwv_onnx_input(file, 0);
    s->reads_text = port.type != NULL && (strcmp(port.type, "int64") == 0 || strcmp(port.type, "int32") == 0);
    if (s->reads_text && port.rank == 2 && port.dim[1] > 0)
        s->block = (size_t)port.dim[1];
    return HWV_OK;
}

hwv_status hwv_cli_samples_of_checkpoint(hwv_cli_samples *s, const char *path, hwv_error *error)
{
    HWV_TRY(hwv_checkpoint_vocabulary(&s->vocabulary, &s->block, path, error));
    s->checkpoint = path;
    s->reads_text = s->block > 0;
    return HWV_OK;
}

hwv_status hwv_cli_samples_adapt(hwv_cli_samples *s, hwv_error *error)
{
    const char *model = s->cli->operands[0];
    hwv_status status = HWV_OK;
    if (!s->reads_text)
        return hwv_fail(error, HWV_ERR_FORMAT, "%s: a text, but %.200s takes samples of numbers", s->paths[0], model);
    if (s->cli->options.labels != NULL)
        return hwv_fail(error, HWV_ERR_ARGUMENT, "--labels: those of a text are the tokens that follow each of them");
    if (s->block > 0)
        status = hwv_data_block_set(&s->data, s->block, error);
    if (status == HWV_ERR_ARGUMENT) /* the text is too short for the model */
        status = hwv_fail(error, HWV_ERR_FORMAT, "%s", error->text);
    if (status == HWV_OK && s->vocabulary.size > 0)
        status = hwv_data_vocabulary_set(&s->data, &s->vocabulary, error);
    else if (status == HWV_OK)
        hwv_cli_say(s->cli, "%s does not say what its tokens stand for; taken are the %zu of %s", model,
                    s->data.classes, s->data.name);
    return status == HWV_OK ? HWV_OK : hwv_fail_prefix(error, status, "%.200s: ", model);
}

/* A data set has numbers for a model of numbers and tokens for one of tokens, and none that its table lacks. */
hwv_status hwv_cli_samples_check_tokens(const hwv_cli_samples *s, hwv_error *error)
{
    const char *input = s->network->inputs[0].name;
    const bool text = s->data.block > 0;
    if (s->inputs != NULL)
        return HWV_OK;
    if (s->integers[0] != text)
        return hwv_fail(error, HWV_ERR_FORMAT, "%s: %s, but the input '%.80s' takes %s", s->paths[0],
                        text ? "a text" : "samples of numbers", input, text ? "numbers" : "whole numbers");
    if (text && s->tables[0] > 0 && s->data.classes > s->tables[0])
        return hwv_fail(error, HWV_ERR_FORMAT,
                        "%s: a vocabulary of %zu, but the table that '%.80s' chooses from has %zu rows", s->paths[0],
                        s->data.classes, input, s->tables[0]);
    return HWV_OK;
}

/* ---- labels ---------------------------------------------------------------------------------------- */

size_t hwv_cli_samples_label_count(const hwv_cli_samples *s)
{
    return s->data.block > 0 ? s->data.block : s->labels != NULL;
}

hwv_status hwv_cli_samples_labels(const hwv_cli_samples *s, size_t first, size_t count, int32_t **labels,
                                  hwv_error *error)
{
    const size_t each = hwv_cli_samples_label_count(s);
    size_t numbers;
    *labels = hwv_size_mul(count, 2 * each, &numbers) ? hwv_calloc(numbers + 1, sizeof **labels) : NULL;
    if (*labels == NULL)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory for the labels of %zu samples", count);
    if (s->data.block > 0) /* the tokens themselves go behind them, unasked */
        hwv_data_gather_tokens(&s->data, s->part, NULL, first, count, *labels + count * each, *labels);
    else
        memcpy(*labels, s->labels + first, count * each * sizeof **labels);
    return HWV_OK;
}
