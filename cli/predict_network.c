/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * halfwave predict of an ONNX file: its first output as it is, batch after batch. */
#include "outputs.h"

#include <string.h>

#include "halfwave/array.h"
#include "halfwave/memory.h"

/* Text is written out whenever so much of it has come together. */
#define FLUSH ((size_t)1 << 16)

typedef struct prediction {
    hwv_cli *cli;
    hwv_cli_subject subject;
    hwv_cli_outputs outputs;
    hwv_array_writer *writer; /* --out */
    size_t done, not_numbers;
    hwv_json_writer json;
} prediction;

static void as_json(prediction *p, const float *y, const size_t *top, size_t found)
{
    hwv_json_begin_object(&p->json);
    hwv_json_key(&p->json, "class");
    if (found > 0 && p->outputs.elements > 1)
        hwv_json_integer(&p->json, (int64_t)top[0]);
    else
        hwv_json_null(&p->json);
    hwv_json_key(&p->json, "outputs");
    hwv_json_begin_array(&p->json);
    for (size_t i = 0; i < p->outputs.elements; i++)
        hwv_json_float(&p->json, y[i]);
    hwv_json_end(&p->json);
    hwv_json_end(&p->json);
}

static void as_text(prediction *p, const float *y, const size_t *top, size_t found)
{
    hwv_text *out = &p->cli->out;
    hwv_text_printf(out, "%zu", p->done);
    for (size_t i = 0; i < found; i++) {
        if (p->outputs.elements > 1)
            hwv_text_printf(out, "\t%zu", top[i]);
        hwv_text_printf(out, "\t%.6g", (double)y[top[i]]);
    }
    hwv_text_puts(out, found > 0 ? "\n" : p->outputs.elements > 1 ? "\tnone\tnan\n" : "\tnan\n");
}

static hwv_status take(void *self, size_t rows, const float *y, hwv_error *error)
{
    prediction *p = self;
    size_t n = p->outputs.elements;
    if (p->writer != NULL)
        HWV_TRY(hwv_array_write(p->writer, y, rows * n, error));
    for (size_t r = 0; r < rows; r++, p->done++, y += n) {
        size_t top[HWV_CLI_LARGEST], found = hwv_cli_largest(y, n, top);
        p->not_numbers += found == 0;
        if (p->cli->options.json)
            as_json(p, y, top, found);
        else if (p->writer == NULL)
            as_text(p, y, top, found);
    }
    return p->cli->out.length >= FLUSH ? hwv_cli_flush(p->cli, error) : HWV_OK;
}

static void json_begin(prediction *p)
{
    p->json = hwv_cli_json_begin(p->cli);
    hwv_cli_json_text(&p->json, "file", p->cli->operands[0]);
    hwv_cli_json_text(&p->json, "data", p->subject.samples.paths[0]);
    hwv_cli_json_text(&p->json, "model", p->subject.network->name);
    hwv_cli_json_text(&p->json, "output", p->outputs.name);
    hwv_cli_json_count(&p->json, "samples", p->subject.samples.count);
    hwv_json_key(&p->json, "shape");
    hwv_json_begin_array(&p->json);
    for (size_t i = 0; i < p->outputs.shape.rank; i++)
        hwv_json_integer(&p->json, (int64_t)p->outputs.shape.dim[i]);
    hwv_json_end(&p->json);
    hwv_json_key(&p->json, "predictions");
    hwv_json_begin_array(&p->json);
}

static void text_begin(prediction *p)
{
    static const char *const titles[HWV_CLI_LARGEST] = {"class\toutput", "second\toutput", "third\toutput"};
    hwv_text_puts(&p->cli->out, "sample");
    for (size_t i = 0; i < HWV_CLI_LARGEST && i < p->outputs.elements; i++)
        hwv_text_printf(&p->cli->out, "\t%s", p->outputs.elements > 1 ? titles[i] : "output");
    hwv_text_puts(&p->cli->out, "\n");
}

static hwv_status begin_out(prediction *p, hwv_error *error)
{
    const char *out = p->cli->options.train.checkpoint;
    hwv_array array = {.type = HWV_ARRAY_F32, .rank = p->outputs.shape.rank + 1};
    array.shape[0] = p->subject.samples.count;
    for (size_t i = 0; i < p->outputs.shape.rank; i++)
        array.shape[i + 1] = p->outputs.shape.dim[i];
    if (out == NULL)
        return HWV_OK;
    if (!hwv_size_mul(array.shape[0], p->outputs.elements, &array.count))
        return hwv_fail(error, HWV_ERR_MEMORY, "the outputs do not fit memory");
    return hwv_array_create(&p->writer, out, &array, error);
}

static hwv_status finish(prediction *p, hwv_error *error)
{
    const char *out = p->cli->options.train.checkpoint;
    hwv_array_writer *writer = p->writer;
    p->writer = NULL;
    if (writer != NULL)
        HWV_TRY(hwv_array_commit(writer, error));
    if (writer != NULL)
        hwv_cli_say(p->cli, "wrote %s: '%.80s' of %zu samples, %zu numbers each", out, p->outputs.name, p->done,
                    p->outputs.elements);
    if (p->not_numbers > 0)
        hwv_cli_say(p->cli, "the model's outputs are no numbers for %zu of %zu samples", p->not_numbers, p->done);
    if (!p->cli->options.json)
        return HWV_OK;
    hwv_json_end(&p->json);
    hwv_cli_json_options(p->cli, &p->json);
    return hwv_cli_json_end(&p->json, error);
}

static hwv_status predict(prediction *p, hwv_error *error)
{
    hwv_cli *cli = p->cli;
    HWV_TRY(hwv_cli_subject_open(cli, &p->subject, cli->operands[0], HWV_CLI_FILE_ONNX, cli->operands + 1,
                                 cli->operand_count - 1, false, error));
    if (p->subject.samples.data.block > 0)
        return hwv_fail(error, HWV_ERR_UNSUPPORTED, "%s: a text, which halfwave eval takes",
                        p->subject.samples.paths[0]);
    HWV_TRY(hwv_cli_outputs_of(&p->outputs, p->subject.network, error));
    hwv_cli_say(cli, "%s", p->subject.samples.description);
    HWV_TRY(begin_out(p, error));
    if (cli->options.json)
        json_begin(p);
    else if (p->writer == NULL)
        text_begin(p);
    HWV_TRY(hwv_cli_outputs_run(cli, &p->subject, &p->outputs, take, p, error));
    return finish(p, error);
}

hwv_status hwv_cli_predict_network(hwv_cli *cli, hwv_error *error)
{
    prediction p = {.cli = cli};
    hwv_status status = predict(&p, error);
    hwv_array_abandon(p.writer);
    hwv_cli_subject_close(&p.subject);
    return status;
}
