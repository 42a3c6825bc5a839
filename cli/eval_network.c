/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * halfwave eval of an ONNX file: error, loss, confusion. */
#include "outputs.h"

#include <math.h>

#include "halfwave/memory.h"
#include "report/number.h"
#include "training.h"

/* Beyond that the counts are not kept. */
#define CONFUSION 1000

typedef struct evaluated {
    hwv_cli_subject subject;
    hwv_cli_outputs output;
    size_t each;    /* labels of a sample: of text its tokens, which have outputs of their own */
    size_t outputs; /* for a label */
    size_t classes; /* 2 for a single output */
    size_t done;    /* samples */
    size_t wrong;   /* of all labels */
    double loss;    /* sum */
    size_t *confusion;
} evaluated;

/* The class that is said, `classes` where the outputs are no numbers; the first of equal ones. */
static size_t said(const evaluated *e, const float *y)
{
    if (e->outputs == 1)
        return isnan(y[0]) ? 2 : y[0] > (e->output.meaning == HWV_CLI_SIGMOIDS ? 0.5f : 0.0f);
    size_t best = e->classes;
    for (size_t c = 0; c < e->classes; c++)
        if (!isnan(y[c]) && (best == e->classes || y[c] > y[best]))
            best = c;
    return best;
}

/* log(1 + exp(z)) */
static double softplus(double z)
{
    return z > 0 ? z + log1p(exp(-z)) : log1p(exp(z));
}

/* -log of the probability of the truth. */
static double loss_of(const evaluated *e, const float *y, size_t truth)
{
    if (e->outputs == 1) {
        double z = (double)y[0];
        if (e->output.meaning == HWV_CLI_SIGMOIDS)
            return -log(truth == 1 ? z : 1 - z);
        return softplus(truth == 1 ? -z : z);
    }
    if (e->output.meaning == HWV_CLI_LOG_PROBABILITIES)
        return -(double)y[truth];
    if (e->output.meaning == HWV_CLI_PROBABILITIES)
        return -log((double)y[truth]);
    double top = -INFINITY, sum = 0;
    for (size_t c = 0; c < e->classes; c++)
        top = fmax(top, (double)y[c]);
    for (size_t c = 0; c < e->classes; c++)
        sum += exp((double)y[c] - top);
    return top + log(sum) - (double)y[truth];
}

/* One answer. */
static hwv_status answered(evaluated *e, size_t sample, int32_t label, const float *y, hwv_error *error)
{
    size_t truth = (size_t)label, answer = said(e, y);
    if (truth >= e->classes)
        return hwv_fail(error, HWV_ERR_FORMAT, "label %zu of sample %zu, the model knows the classes 0 to %zu", truth,
                        sample, e->classes - 1);
    e->wrong += answer != truth;
    e->loss += loss_of(e, y, truth);
    if (e->confusion != NULL && answer < e->classes)
        e->confusion[truth * e->classes + answer]++;
    return HWV_OK;
}

static hwv_status take(void *self, size_t rows, const float *y, hwv_error *error)
{
    evaluated *e = self;
    int32_t *labels;
    hwv_status status = hwv_cli_samples_labels(&e->subject.samples, e->done, rows, &labels, error);
    for (size_t i = 0; status == HWV_OK && i < rows * e->each; i++, y += e->outputs)
        status = answered(e, e->done + i / e->each, labels[i], y, error);
    e->done += rows;
    hwv_free(labels);
    return status;
}

static size_t parameters(const hwv_network *network)
{
    size_t count = 0;
    for (size_t v = 0; v < hwv_graph_value_count(network->graph); v++) {
        const hwv_value *value = hwv_graph_value(network->graph, (hwv_id)v);
        count += value->role == HWV_ROLE_PARAMETER ? hwv_weights_elements(network->weights, (hwv_id)v) : 0;
    }
    return count;
}

static size_t answers(const evaluated *e)
{
    return e->done * e->each;
}

static hwv_status as_json(hwv_cli *cli, const evaluated *e, hwv_error *error)
{
    hwv_json_writer json = hwv_cli_json_begin(cli);
    hwv_cli_json_text(&json, "file", cli->operands[0]);
    hwv_cli_json_text(&json, "model", e->subject.network->name);
    hwv_cli_json_text(&json, "output", e->output.name);
    hwv_cli_json_count(&json, "params", parameters(e->subject.network));
    hwv_cli_json_count(&json, "samples", e->done);
    hwv_cli_json_number(&json, "error", (double)e->wrong / (double)answers(e));
    hwv_cli_json_number(&json, "loss", e->loss / (double)answers(e));
    hwv_json_key(&json, "confusion");
    hwv_json_begin_array(&json);
    for (size_t truth = 0; e->confusion != NULL && truth < e->classes; truth++) {
        hwv_json_begin_array(&json);
        for (size_t answer = 0; answer < e->classes; answer++)
            hwv_json_integer(&json, (int64_t)e->confusion[truth * e->classes + answer]);
        hwv_json_end(&json);
    }
    hwv_json_end(&json);
    hwv_cli_json_options(cli, &json);
    return hwv_cli_json_end(&json, error);
}

static void print(hwv_cli *cli, const evaluated *e)
{
    static const char *const meanings[] = {[HWV_CLI_LOGITS] = "logits",
                                           [HWV_CLI_PROBABILITIES] = "probabilities",
                                           [HWV_CLI_LOG_PROBABILITIES] = "logarithms of probabilities",
                                           [HWV_CLI_SIGMOIDS] = "probabilities"};
    hwv_cli_fact(cli, "model", "%s: %zu parameters", e->subject.network->name, parameters(e->subject.network));
    hwv_cli_fact(cli, "data", "%s", e->subject.samples.description);
    const hwv_data *data = &e->subject.samples.data;
    const double loss = e->loss / (double)answers(e);
    hwv_cli_fact(cli, "output", "%s: %zu %s%s", e->output.name, e->outputs, meanings[e->output.meaning],
                 data->block > 0 ? " a token" : "");
    hwv_cli_fact(cli, "error", "%s (%zu of %zu %s wrong)",
                 hwv_number_percent((double)e->wrong / (double)answers(e), 2).text, e->wrong, answers(e),
                 hwv_cli_answers(data));
    hwv_text text = {0};
    hwv_cli_loss_text(data, loss, &text);
    hwv_cli_fact(cli, "loss", "%s", hwv_cli_part(&cli->out, &text));
    hwv_text_free(&text);
}

static hwv_status evaluate(hwv_cli *cli, evaluated *e, hwv_error *error)
{
    const char *const files[] = {cli->options.data};
    HWV_TRY(hwv_cli_subject_open(cli, &e->subject, cli->operands[0], HWV_CLI_FILE_ONNX, files, 1, false, error));
    HWV_TRY(hwv_cli_outputs_of(&e->output, e->subject.network, error));
    e->each = hwv_cli_samples_label_count(&e->subject.samples);
    if (e->each == 0)
        return hwv_fail(error, HWV_ERR_ARGUMENT, "--labels FILE is missing: what are the samples of %.200s?",
                        cli->options.data);
    if (e->subject.samples.data.block > 0 && (e->output.shape.rank != 2 || e->output.shape.dim[0] != e->each))
        return hwv_fail(error, HWV_ERR_UNSUPPORTED, "the output '%.80s' has no logits for each of %zu tokens",
                        e->output.name, e->each);
    e->outputs = e->output.elements / e->each;
    e->classes = e->outputs == 1 ? 2 : e->outputs;
    if (e->classes <= CONFUSION && (e->confusion = hwv_calloc(e->classes * e->classes, sizeof *e->confusion)) == NULL)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory for the confusion of %zu classes", e->classes);
    HWV_TRY(hwv_cli_outputs_run(cli, &e->subject, &e->output, take, e, error));
    if (cli->options.json)
        return as_json(cli, e, error);
    print(cli, e);
    return HWV_OK;
}

hwv_status hwv_cli_eval_network(hwv_cli *cli, hwv_error *error)
{
    evaluated e = {.done = 0};
    hwv_status status = evaluate(cli, &e, error);
    hwv_free(e.confusion);
    hwv_cli_subject_close(&e.subject);
    return status;
}
