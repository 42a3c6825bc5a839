/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * halfwave eval: a trained model on data: error, loss, confusion, units. */
#include "training.h"

#include "outputs.h"

#include <math.h>
#include <stdio.h>

#include "halfwave/memory.h"
#include "report/number.h"
#include "report/table.h"

/* Beyond that the table of a terminal says nothing; --json has it all. */
#define CLASSES_SHOWN 20

typedef struct evaluated {
    hwv_model model;
    hwv_data data;
    const hwv_data_part *part;
    hwv_evaluation evaluation;
    hwv_layer_stats *layers;
    size_t layer_count;
} evaluated;

static hwv_status as_json(hwv_cli *cli, const evaluated *e, hwv_error *error)
{
    size_t classes = e->model.options.classes;
    hwv_json_writer json = hwv_cli_json_begin(cli);
    hwv_cli_json_text(&json, "checkpoint", cli->operands[0]);
    hwv_cli_json_text(&json, "model", e->model.notation);
    hwv_cli_json_count(&json, "params", hwv_model_parameters(&e->model));
    hwv_cli_json_count(&json, "samples", e->evaluation.samples);
    hwv_cli_json_number(&json, "error", e->evaluation.error);
    hwv_cli_json_number(&json, "loss", e->evaluation.loss);
    hwv_json_key(&json, "confusion");
    hwv_json_begin_array(&json);
    for (size_t truth = 0; truth < classes; truth++) {
        hwv_json_begin_array(&json);
        for (size_t said = 0; said < classes; said++)
            hwv_json_integer(&json, (int64_t)e->evaluation.confusion[truth * classes + said]);
        hwv_json_end(&json);
    }
    hwv_json_end(&json);
    hwv_cli_layers_json(e->layers, e->layer_count, &json);
    hwv_cli_data_json(&e->data, &json);
    hwv_cli_json_options(cli, &json);
    return hwv_cli_json_end(&json, error);
}

static void print_confusion(hwv_cli *cli, const evaluated *e)
{
    size_t classes = e->model.options.classes;
    hwv_column columns[CLASSES_SHOWN + 2] = {{"class", HWV_RIGHT}};
    char titles[CLASSES_SHOWN][8];
    for (size_t i = 0; i < classes; i++) {
        snprintf(titles[i], sizeof titles[i], "%zu", i);
        columns[i + 1] = (hwv_column){titles[i], HWV_RIGHT};
    }
    columns[classes + 1] = (hwv_column){"wrong", HWV_RIGHT};
    hwv_table table = {.caption = {.title = "Confusion", .subtitle = "rows: what it is; columns: what the model says"},
                       .columns = columns,
                       .column_count = classes + 2};
    for (size_t truth = 0; truth < classes; truth++) {
        size_t wrong = 0;
        hwv_table_cell(&table, HWV_STYLE_STRONG, "%zu", truth);
        for (size_t said = 0; said < classes; said++) {
            size_t count = e->evaluation.confusion[truth * classes + said];
            wrong += said != truth ? count : 0;
            if (count == 0)
                hwv_table_cell(&table, HWV_STYLE_FAINT, ".");
            else
                hwv_table_cell(&table, said == truth ? HWV_STYLE_PLAIN : HWV_STYLE_BAD, "%zu", count);
        }
        hwv_table_cell(&table, HWV_STYLE_PLAIN, "%zu", wrong);
    }
    hwv_table_text(&table, &cli->screen, &cli->out);
    hwv_table_free(&table);
}

static void print(hwv_cli *cli, const evaluated *e)
{
    const size_t looked_at = e->evaluation.samples * hwv_data_labels(&e->data);
    const double wrong = e->evaluation.error * (double)looked_at;
    hwv_cli_fact(cli, "model", "%s", e->model.notation);
    hwv_cli_fact(cli, "data", "%s", e->data.description);
    hwv_cli_fact(cli, "error", "%s (%.0f of %zu %s %s wrong)", hwv_number_percent(e->evaluation.error, 2).text, wrong,
                 looked_at, hwv_cli_name_part((size_t)cli->options.part), hwv_cli_answers(&e->data));
    hwv_text text = {0};
    hwv_cli_loss_text(&e->data, e->evaluation.loss, &text);
    hwv_cli_fact(cli, "loss", "%s", hwv_cli_part(&cli->out, &text));
    hwv_text_free(&text);
    hwv_text_puts(&cli->out, "\n");
    if (e->model.options.classes <= CLASSES_SHOWN) {
        print_confusion(cli, e);
        hwv_text_puts(&cli->out, "\n");
    }
    hwv_cli_layers_print(cli, e->layers, e->layer_count,
                         cli->options.part == 0 ? "the test part" : "the training part");
}

static hwv_status evaluate(hwv_cli *cli, evaluated *e, hwv_error *error)
{
    HWV_TRY(hwv_checkpoint_load(&e->model, cli->operands[0], error));
    HWV_TRY(hwv_data_open(&e->data, cli->options.data, error));
    e->part = cli->options.part == 0 ? &e->data.test : &e->data.train;
    HWV_TRY(hwv_checkpoint_normalize(&e->data, cli->operands[0], error));
    if (e->part->count == 0)
        return hwv_fail(error, HWV_ERR_ARGUMENT, "this part of %s has no samples", e->data.name);
    hwv_cli_say_normalised(cli, &e->data);
    size_t classes = e->model.options.classes, cells;
    if (hwv_size_mul(classes, classes, &cells))
        e->evaluation.confusion = hwv_calloc(cells, sizeof e->evaluation.confusion[0]);
    if (e->evaluation.confusion == NULL)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory for the confusion of %zu classes", classes);
    HWV_TRY(hwv_evaluate(&e->model, &e->data, e->part, cli->executor, &e->evaluation, error));
    HWV_TRY(hwv_count_units(&e->model, &e->data, e->part, cli->executor, &e->layers, &e->layer_count, error));
    if (cli->options.json)
        return as_json(cli, e, error);
    print(cli, e);
    return HWV_OK;
}

static hwv_status run(hwv_cli *cli, hwv_error *error)
{
    hwv_cli_file kind;
    evaluated e = {0};
    HWV_TRY(hwv_cli_file_kind(&kind, cli->operands[0], error));
    if (kind == HWV_CLI_FILE_ONNX)
        return hwv_cli_eval_network(cli, error);
    hwv_status status = evaluate(cli, &e, error);
    hwv_layer_stats_free(e.layers, e.layer_count);
    hwv_free(e.evaluation.confusion);
    hwv_data_close(&e.data);
    hwv_model_free(&e.model);
    return status;
}

const hwv_cli_command hwv_cli_eval = {
    .name = "eval",
    .sentence = "a trained model on data: error, loss, confusion, units",
    .operands = "MODEL",
    .operand_min = 1,
    .operand_max = 1,
    .examples = {{"halfwave eval digits.safetensors",
                  "a model written by halfwave train --out digits.safetensors, on the test part of digits"},
                 {"halfwave eval digits.safetensors --part train --json", "on the training part, for programs"},
                 {"halfwave eval model.onnx --data x.npy --labels y.npy", "an ONNX file on samples of its own"}},
    .description =
        "Loads a checkpoint and evaluates it on a part of a data set: the share of samples it gets wrong, "
        "the mean loss, which classes it takes for which, and how often the units of each layer of "
        "activations fire.\n"
        "Of an ONNX file the first output is taken: the largest is the class, or of a single one whether it "
        "is above 0.5 behind a sigmoid, else above 0. Its data are files as in halfwave check, with --labels, "
        "or a data set. The loss is the cross-entropy of a last softmax or sigmoid, or of logits.\n",
    .run = run,
};
