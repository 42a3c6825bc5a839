/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * halfwave predict: class probabilities of samples without labels, batch after batch. */
#include "training.h"

#include "outputs.h"

#include <string.h>

#include "halfwave/memory.h"

/* Text is written out whenever so much of it has come together: a file may have millions of samples. */
#define FLUSH ((size_t)1 << 16)

typedef struct prediction {
    hwv_cli *cli;
    const char *path;
    hwv_model model;
    hwv_data data;
    hwv_predictor *predictor;
    float *all; /* for --out */
    size_t not_numbers;
    hwv_json_writer json;
} prediction;

/* ---- what fits ---- */

static size_t elements(const hwv_model_options *o)
{
    size_t n = 1;
    for (size_t i = 0; i < o->rank; i++)
        n *= o->dims[i];
    return n;
}

/* The samples get the shape of the model's. Rows are taken for images, and images for rows; an image of another order
 * is not the same image. */
static hwv_status fit(prediction *p, hwv_error *error)
{
    const hwv_model_options *model = &p->model.options;
    hwv_data *data = &p->data;
    size_t taken = elements(model);
    bool label_column = strcmp(data->name, "csv") == 0 && data->features == taken + 1;
    if (data->features != taken)
        return hwv_fail(error, HWV_ERR_FORMAT, "%s: samples of %zu numbers, the model takes %zu%s", p->path,
                        data->features, taken, label_column ? " (a column of labels is not expected)" : "");
    if (model->rank == data->rank && memcmp(model->dims, data->dims, model->rank * sizeof model->dims[0]) != 0)
        return hwv_fail(error, HWV_ERR_FORMAT, "%s: images of %zu x %zu x %zu, the model takes %zu x %zu x %zu",
                        p->path, data->dims[0], data->dims[1], data->dims[2], model->dims[0], model->dims[1],
                        model->dims[2]);
    data->rank = model->rank;
    for (size_t i = 0; i < HWV_DATA_DIMS; i++)
        data->dims[i] = i < model->rank ? model->dims[i] : 1;
    return HWV_OK;
}

/* The answers of a model of text are one for each token, not one for a sample. */
static hwv_status refuse_text(const char *path, hwv_error *error)
{
    hwv_onnx *file;
    hwv_vocabulary vocabulary;
    size_t block;
    HWV_TRY(hwv_onnx_open(&file, path, error));
    const hwv_status status = hwv_onnx_vocabulary(&vocabulary, &block, file, error);
    hwv_onnx_close(file);
    if (status != HWV_OK)
        return hwv_fail_prefix(error, status, "%.200s: ", path);
    hwv_vocabulary_free(&vocabulary);
    return block == 0 ? HWV_OK
                      : hwv_fail(error, HWV_ERR_UNSUPPORTED,
                                 "%s: a model of text, predict takes those of numbers; halfwave eval judges it", path);
}

static hwv_status check_out(hwv_cli *cli, hwv_error *error)
{
    const char *out = cli->options.train.checkpoint;
    if (out == NULL)
        return HWV_OK;
    size_t length = strlen(out);
    if (length < 4 || strcmp(out + length - 4, ".npy") != 0)
        return hwv_fail(error, HWV_ERR_ARGUMENT, "--out: the extension of '%.200s' gives the format; supported: .npy",
                        out);
    for (size_t i = 0; i < cli->operand_count; i++)
        if (strcmp(out, cli->operands[i]) == 0)
            return hwv_fail(error, HWV_ERR_ARGUMENT, "--out names '%.200s', which is to be read", out);
    return hwv_cli_check_writable("out", out, error);
}

/* ---- one sample ---- */

static void as_text(prediction *p, size_t sample, const float *probabilities, const size_t *top, size_t count)
{
    hwv_text *out = &p->cli->out;
    hwv_text_printf(out, "%zu", sample);
    for (size_t i = 0; i < count; i++)
        hwv_text_printf(out, "\t%zu\t%.4f", top[i], (double)probabilities[top[i]]);
    hwv_text_puts(out, count == 0 ? "\tnone\tnan\n" : "\n");
}

static void as_json(prediction *p, const float *probabilities, const size_t *top, size_t count)
{
    hwv_json_writer *json = &p->json;
    hwv_json_begin_object(json);
    hwv_json_key(json, "class");
    if (count > 0)
        hwv_json_integer(json, (int64_t)top[0]);
    else
        hwv_json_null(json);
    hwv_json_key(json, "probabilities");
    hwv_json_begin_array(json);
    for (size_t c = 0; c < p->model.options.classes; c++)
        hwv_json_float(json, probabilities[c]);
    hwv_json_end(json);
    hwv_json_end(json);
}

static void tell(prediction *p, size_t sample, const float *probabilities)
{
    size_t top[HWV_CLI_LARGEST], count = hwv_cli_largest(probabilities, p->model.options.classes, top);
    p->not_numbers += count == 0;
    if (p->cli->options.json)
        as_json(p, probabilities, top, count);
    else if (p->all == NULL)
        as_text(p, sample, probabilities, top, count);
}

/* ---- all of them ---- */

static hwv_status predict_all(prediction *p, hwv_error *error)
{
    const hwv_data_part *part = &p->data.test;
    size_t batch = hwv_predictor_batch(p->predictor), classes = p->model.options.classes;
    for (size_t first = 0; first < part->count; first += batch) {
        size_t rows = part->count - first < batch ? part->count - first : batch;
        hwv_data_gather(&p->data, part, NULL, first, rows, hwv_predictor_input(p->predictor), NULL);
        const float *probabilities = hwv_predictor_run(p->predictor, rows);
        if (p->all != NULL)
            memcpy(p->all + first * classes, probabilities, rows * classes * sizeof *p->all);
        for (size_t r = 0; r < rows; r++)
            tell(p, first + r, probabilities + r * classes);
        if (p->cli->out.length >= FLUSH)
            HWV_TRY(hwv_cli_flush(p->cli, error));
        hwv_cli_progress(p->cli, (double)(first + rows) / (double)part->count, "%zu of %zu samples", first + rows,
                         part->count);
    }
    return HWV_OK;
}

static void json_begin(prediction *p)
{
    p->json = hwv_cli_json_begin(p->cli);
    hwv_cli_json_text(&p->json, "checkpoint", p->cli->operands[0]);
    hwv_cli_json_text(&p->json, "file", p->path);
    hwv_cli_json_text(&p->json, "model", p->model.notation);
    hwv_cli_json_count(&p->json, "samples", p->data.test.count);
    hwv_cli_json_count(&p->json, "classes", p->model.options.classes);
    hwv_json_key(&p->json, "predictions");
    hwv_json_begin_array(&p->json);
}

static void text_begin(prediction *p)
{
    static const char *const titles[HWV_CLI_LARGEST] = {"class\tprobability", "second\tprobability",
                                                        "third\tprobability"};
    hwv_text_puts(&p->cli->out, "sample");
    for (size_t i = 0; i < HWV_CLI_LARGEST && i < p->model.options.classes; i++)
        hwv_text_printf(&p->cli->out, "\t%s", titles[i]);
    hwv_text_puts(&p->cli->out, "\n");
}

static hwv_status write_results(prediction *p, hwv_error *error)
{
    const char *out = p->cli->options.train.checkpoint;
    if (p->cli->options.json)
        json_begin(p);
    else if (out == NULL)
        text_begin(p);
    HWV_TRY(predict_all(p, error));
    if (p->not_numbers > 0)
        hwv_cli_say(p->cli, "the model's outputs are no numbers for %zu of %zu samples", p->not_numbers,
                    p->data.test.count);
    if (out != NULL) {
        HWV_TRY(hwv_npy_write(out, p->all, p->data.test.count, p->model.options.classes, error));
        hwv_cli_say(p->cli, "wrote %s: probabilities of %zu samples and %zu classes", out, p->data.test.count,
                    p->model.options.classes);
    }
    if (!p->cli->options.json)
        return HWV_OK;
    hwv_json_end(&p->json);
    hwv_cli_json_options(p->cli, &p->json);
    return hwv_cli_json_end(&p->json, error);
}

static hwv_status predict(prediction *p, hwv_error *error)
{
    hwv_cli *cli = p->cli;
    HWV_TRY(check_out(cli, error));
    HWV_TRY(hwv_checkpoint_load(&p->model, cli->operands[0], error));
    if (hwv_recipe_of(&p->model) == HWV_RECIPE_TEXT)
        return hwv_fail(error, HWV_ERR_UNSUPPORTED,
                        "%s: a model of text, predict takes those of numbers; halfwave generate goes on with a text, "
                        "halfwave eval judges it",
                        cli->operands[0]);
    HWV_TRY(hwv_data_open_unlabelled(&p->data, p->path, error));
    HWV_TRY(fit(p, error));
    HWV_TRY(hwv_checkpoint_normalize(&p->data, cli->operands[0], error));
    hwv_cli_say(cli, "%s", p->data.description);
    hwv_cli_say_normalised(cli, &p->data);
    HWV_TRY(hwv_predictor_create(&p->predictor, &p->model, 0, cli->executor, error));
    if (cli->options.train.checkpoint != NULL) {
        size_t numbers;
        if (hwv_size_mul(p->data.test.count, p->model.options.classes, &numbers))
            p->all = hwv_calloc(numbers, sizeof *p->all);
        if (p->all == NULL)
            return hwv_fail(error, HWV_ERR_MEMORY, "no memory for the probabilities of %zu samples",
                            p->data.test.count);
    }
    return write_results(p, error);
}

static hwv_status run(hwv_cli *cli, hwv_error *error)
{
    hwv_cli_file kind;
    prediction p = {.cli = cli, .path = cli->operands[1]};
    HWV_TRY(hwv_cli_file_kind(&kind, cli->operands[0], error));
    if (kind == HWV_CLI_FILE_ONNX) {
        HWV_TRY(check_out(cli, error));
        HWV_TRY(refuse_text(cli->operands[0], error));
        return hwv_cli_predict_network(cli, error);
    }
    if (cli->operand_count > 2)
        return hwv_fail(error, HWV_ERR_ARGUMENT, "a checkpoint takes one file of samples, not '%.100s' too",
                        cli->operands[2]);
    hwv_status status = predict(&p, error);
    hwv_predictor_destroy(p.predictor);
    hwv_free(p.all);
    hwv_data_close(&p.data);
    hwv_model_free(&p.model);
    return status;
}

const hwv_cli_command hwv_cli_predict = {
    .name = "predict",
    .sentence = "what a trained model says of samples without labels",
    .operands = "MODEL FILE...",
    .operand_min = 2,
    .operand_max = SIZE_MAX,
    .examples = {{"halfwave predict model.safetensors t10k-images-idx3-ubyte.gz",
                  "a line for each image: its number and the three likeliest classes"},
                 {"halfwave predict model.safetensors samples.csv | cut -f 2", "the likeliest class alone"},
                 {"halfwave predict model.safetensors x.npy --out probabilities.npy", "all probabilities, for NumPy"},
                 {"halfwave predict model.onnx x.npy --out y.npy", "the first output of an ONNX file, as it is"}},
    .description =
        "Loads a checkpoint and prints for each sample of a file, separated by tabs, its number (from 0) and the three "
        "likeliest classes with their probabilities; with --json or --out those of all classes.\n"
        "The file is IDX, .npy, .npz (its array x, or the only one) or CSV, .gz or not but for .npz, guessed by its "
        "content. It has no labels: in CSV every column is a value, and a first line without numbers is a header. "
        "Samples are as in training: bytes are divided by 255, other numbers taken as they are (the built-in digits "
        "were divided by 16), images have their channels last. What --normalize did in training is done here too.\n"
        "Of an ONNX file the first output is printed as it is, in place of probabilities; its files are as in halfwave "
        "check: images have their channels where the file has them, --mean and --std normalise, several files are "
        "shards.\n",
    .run = run,
};
