/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Models that read tokens: steps and evaluation against plain loops, and checkpoints that know their text. The models
 * are graphs made here: a table of logits for the next token, and a table of features with dense layers behind it. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <time.h>

#include <cmocka.h>

#include "allocations.h"
#include "common.h"
#include "train/checkpoint.h"
#include "train/trainer.h"

/* 5 letters, of which each is followed by one of two. */
enum { COUNT = 4000, LETTERS = 5, BLOCK = 8, BATCH = 16, WIDTH = 12 };

static char folder[256], checkpoint[300], text_file[300], other_file[300], edited[300];

static void write_text(const char *path, size_t count, char first)
{
    char text[COUNT];
    unsigned letter = 0, random = 1;
    for (size_t i = 0; i < count; i++) {
        random = random * 1103515245 + 12345;
        letter = (2 * letter + 1 + (random >> 16) % 2) % LETTERS;
        text[i] = (char)(first + (int)letter);
    }
    file_put(path, text, count);
}

static int setup(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "%s", folder_make());
    snprintf(checkpoint, sizeof checkpoint, "%s/a.safetensors", folder);
    snprintf(text_file, sizeof text_file, "%s/a.txt", folder);
    snprintf(other_file, sizeof other_file, "%s/b.txt", folder);
    snprintf(edited, sizeof edited, "%s/b.safetensors", folder);
    write_text(text_file, COUNT, 'a');
    write_text(other_file, COUNT, 'b');
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    remove(checkpoint);
    remove(text_file);
    remove(other_file);
    remove(edited);
    return rmdir(folder);
}

static hwv_data open_text(const char *prefix, const char *path)
{
    char spec[400];
    hwv_data data;
    hwv_error error;
    snprintf(spec, sizeof spec, "%s%s", prefix, path);
    need(hwv_data_open(&data, spec, &error), &error, spec);
    need(hwv_data_block_set(&data, BLOCK, &error), &error, spec);
    return data;
}

/* ---- models ------------------------------------------------------------------------------------------ */

static hwv_id parameter(hwv_graph *graph, const char *name, size_t rows, size_t columns)
{
    const hwv_shape shape = {.rank = columns > 0 ? 2 : 1, .dim = {rows, columns}};
    hwv_id id;
    assert_int_equal(hwv_graph_parameter(graph, name, &shape, true, &id, NULL), HWV_OK);
    return id;
}

static hwv_id node(hwv_graph *graph, hwv_node_kind kind, const char *name, hwv_id a, hwv_id b)
{
    const hwv_node_attributes attributes = {.act = hwv_act_make(HWV_OP_RELU)};
    hwv_error error;
    hwv_id output;
    need(hwv_graph_node(graph, kind, name, &attributes, (hwv_id[]){a, b}, b == HWV_NO_ID ? 1 : 2, &output, &error),
         &error, name);
    return output;
}

/* width 0: the table has the logits. */
static hwv_model tokens_model(const hwv_data *data, size_t width)
{
    hwv_model model = {.options = {.rank = 1, .dims = {data->block}, .classes = data->classes}};
    const hwv_shape shape = {.rank = 2, .dim = {HWV_BATCH, data->block}};
    hwv_error error;
    need(hwv_graph_create(&model.graph, &error), &error, "graph");
    hwv_graph *g = model.graph;
    need(hwv_graph_input(g, "x", HWV_ELEMENT_I32, &shape, &model.input, &error), &error, "x");
    need(hwv_graph_input(g, "labels", HWV_ELEMENT_I32, &shape, &model.labels, &error), &error, "labels");
    hwv_id h = node(g, HWV_NODE_GATHER, "embed", parameter(g, "embed.table", data->classes, width ? width : LETTERS),
                    model.input);
    if (width > 0) {
        h = node(g, HWV_NODE_DENSE, "fc1.product", h, parameter(g, "fc1.weight", 2 * width, width));
        h = node(g, HWV_NODE_BIAS, "fc1", h, parameter(g, "fc1.bias", 2 * width, 0));
        h = node(g, HWV_NODE_ACTIVATION, "act1", h, HWV_NO_ID);
        h = node(g, HWV_NODE_DENSE, "fc2.product", h, parameter(g, "fc2.weight", data->classes, 2 * width));
    }
    model.logits = h;
    model.loss = node(g, HWV_NODE_SOFTMAX_CROSS_ENTROPY, "loss", h, model.labels);
    need(hwv_weights_create(&model.weights, g, &error), &error, "weights");
    model.notation = hwv_strdup("a model of tokens");
    assert_non_null(model.notation);
    return model;
}

/* Member by member: the bytes between them are anything. */
static void assert_same_optimizer(const hwv_optimizer_options *a, const hwv_optimizer_options *b)
{
    const double numbers[][2] = {{a->lr, b->lr},       {a->momentum, b->momentum}, {a->weight_decay, b->weight_decay},
                                 {a->beta1, b->beta1}, {a->beta2, b->beta2},       {a->eps, b->eps},
                                 {a->clip, b->clip},   {a->gamma, b->gamma},       {a->lr_min, b->lr_min}};
    assert_memory_equal(a->milestones, b->milestones, sizeof a->milestones);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        assert_memory_equal(&numbers[i][0], &numbers[i][1], sizeof(double));
    assert_int_equal(a->optimizer, b->optimizer);
    assert_int_equal(a->schedule, b->schedule);
    assert_int_equal(a->nesterov, b->nesterov);
    assert_int_equal(a->decay_all, b->decay_all);
    assert_int_equal(a->warmup, b->warmup);
    assert_int_equal(a->warmup_from_zero, b->warmup_from_zero);
    assert_int_equal(a->step_every, b->step_every);
}

/* What a model is trained with is told by what it reads and by whether it attends. */
static void test_recipes(void **state)
{
    (void)state;
    static const struct {
        const char *notation;
        bool images;
        hwv_recipe recipe;
    } cases[] = {{"fc 8; act; fc classes", true, HWV_RECIPE_PLAIN},
                 {"patch 2 8; res { attn 2 }; gap; fc classes", true, HWV_RECIPE_ATTENTION},
                 {"embed 8; pos; res { attn 2 causal }; unembed", false, HWV_RECIPE_TEXT},
                 {"embed 8; fc 8; act; unembed", false, HWV_RECIPE_TEXT}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        hwv_model_options options = {
            .act = {.act = hwv_act_make(HWV_OP_RELU)}, .rank = 1, .dims = {BLOCK}, .classes = LETTERS};
        hwv_model model;
        hwv_error error;
        if (cases[i].images)
            options = (hwv_model_options){.act = options.act, .rank = 3, .dims = {4, 4, 1}, .classes = LETTERS};
        need(hwv_model_build(&model, cases[i].notation, &options, &error), &error, cases[i].notation);
        assert_int_equal(hwv_recipe_of(&model), cases[i].recipe);
        hwv_model_free(&model);
    }
    hwv_train_options plain = hwv_train_defaults(), attention = hwv_recipe_options(HWV_RECIPE_ATTENTION);
    hwv_train_options text = hwv_recipe_options(HWV_RECIPE_TEXT);
    assert_int_equal(plain.optimizer.optimizer, HWV_OPTIMIZER_SGD);
    assert_int_equal(attention.optimizer.optimizer, HWV_OPTIMIZER_ADAMW);
    assert_same_optimizer(&attention.optimizer, &text.optimizer);
    assert_int_equal(text.batch, 12);
    assert_int_equal(text.epochs, 0);
    assert_int_equal(text.max_steps, 2000);
}

static float *table_of(hwv_model *model)
{
    return hwv_weights_data(model->weights, hwv_graph_find(model->graph, "embed.table"));
}

static hwv_train_options short_options(void)
{
    hwv_train_options options = hwv_train_defaults();
    options.batch = BATCH;
    options.epochs = 0;
    options.max_steps = 60;
    options.optimizer.lr = 0.5;
    return options;
}

static hwv_trainer *trainer_make(hwv_model *model, const hwv_data *data, const hwv_train_options *options)
{
    hwv_trainer *trainer;
    hwv_error error;
    need(hwv_trainer_create(&trainer, model, data, options, NULL, &error), &error, "create");
    float *table = table_of(model);
    size_t width = hwv_graph_value(model->graph, hwv_graph_find(model->graph, "embed.table"))->shape.dim[1];
    for (size_t i = 0; width != LETTERS && i < LETTERS * width; i++)
        table[i] = sinf((float)i); /* no initialiser knows tables: zeros would stay */
    return trainer;
}

/* ---- a step ------------------------------------------------------------------------------------------ */

/* A table of zeros: the loss is ln 5, and the step goes against the gradient that a plain loop gives. */
static void test_step(void **state)
{
    (void)state;
    hwv_data data = open_text("text:", text_file);
    hwv_model model = tokens_model(&data, 0);
    hwv_train_options options = short_options();
    options.optimizer.momentum = 0;
    hwv_trainer *t = trainer_make(&model, &data, &options);
    memset(table_of(&model), 0, LETTERS * LETTERS * sizeof(float)); /* all letters are as likely */
    size_t before = allocations_count();
    double loss, wanted[LETTERS][LETTERS] = {{0}}, rows = BATCH * BLOCK;
    hwv_error error;
    need(hwv_trainer_step(t, &loss, &error), &error, "step");
    assert_int_equal(allocations_count(), before);
    assert_true(fabs(loss - log(LETTERS)) < 1e-6);
    for (size_t i = 0; i < BATCH; i++)
        for (size_t k = 0; k < BLOCK; k++) {
            const uint16_t *at = data.train.tokens + t->order[i] + k;
            for (size_t c = 0; c < LETTERS; c++)
                wanted[at[0]][c] -= 0.5 / rows * (1.0 / LETTERS - (at[1] == c));
        }
    assert_int_equal(t->outcomes, BATCH * BLOCK);
    assert_true(t->wrong_count <= t->outcomes && t->meter.wrong_count == t->outcomes);
    const float *table = table_of(&model);
    for (size_t i = 0; i < LETTERS * LETTERS; i++)
        assert_true(fabs((double)table[i] - (&wanted[0][0])[i]) < 1e-7);
    hwv_trainer_destroy(t);
    hwv_model_free(&model);
    hwv_data_close(&data);
}

/* ---- evaluation -------------------------------------------------------------------------------------- */

/* Error and loss a token, and the confusion, of a table of numbers, over samples that do not overlap. */
static void evaluation_expect(hwv_model *model, const hwv_data *data, const hwv_data_part *part, size_t samples)
{
    size_t confusion[LETTERS * LETTERS], wanted[LETTERS * LETTERS] = {0}, wrong = 0;
    hwv_evaluation evaluation = {.confusion = confusion};
    hwv_error error;
    const float *table = table_of(model);
    double loss = 0;
    for (size_t i = 0; i < samples * BLOCK; i++) {
        const float *row = table + part->tokens[i] * LETTERS;
        size_t label = part->tokens[i + 1], best = 0;
        double sum = 0;
        for (size_t c = 0; c < LETTERS; c++) {
            sum += exp((double)row[c]);
            best = row[c] > row[best] ? c : best;
        }
        loss += log(sum) - (double)row[label];
        wrong += best != label;
        wanted[label * LETTERS + best]++;
    }
    need(hwv_evaluate(model, data, part, NULL, &evaluation, &error), &error, "evaluate");
    double tokens = (double)(samples * BLOCK);
    assert_int_equal(evaluation.samples, samples);
    assert_true(fabs(evaluation.loss - loss / tokens) < 1e-5);
    assert_true(fabs(evaluation.error - (double)wrong / tokens) < 1e-12);
    assert_memory_equal(confusion, wanted, sizeof wanted);
}

static void test_evaluation(void **state)
{
    (void)state;
    hwv_data data = open_text("text:", text_file);
    hwv_model model = tokens_model(&data, 0);
    for (size_t i = 0; i < LETTERS * LETTERS; i++)
        table_of(&model)[i] = 2 * sinf((float)(3 * i));
    evaluation_expect(&model, &data, &data.test, (400 - 1) / BLOCK);
    evaluation_expect(&model, &data, &data.train, (3600 - 1) / BLOCK);
    hwv_model_free(&model);
    hwv_data_close(&data);
}

/* Two letters are equally likely: a loss of ln 2 a token, one bit. */
static void test_learns(void **state)
{
    (void)state;
    hwv_data data = open_text("text:", text_file);
    hwv_model model = tokens_model(&data, WIDTH);
    hwv_train_options options = short_options();
    options.max_steps = 500;
    options.optimizer.lr = 0.2;
    hwv_trainer *t = trainer_make(&model, &data, &options);
    hwv_train_result result;
    hwv_error error;
    need(hwv_trainer_run(t, &result, &error), &error, "run");
    assert_true(result.train_loss > 0.65 && result.train_loss < 0.75);
    assert_true(result.test_error > 0.4 && result.test_error < 0.6 && result.train_error < 0.6);
    assert_true(result.layer_count == 1 && result.layers[0].units == 2 * WIDTH);
    assert_int_equal(result.layers[0].looks, (3600 - 1) / BLOCK * BLOCK);
    hwv_evaluation evaluation = {0};
    need(hwv_evaluate(&model, &data, &data.test, NULL, &evaluation, &error), &error, "evaluate");
    assert_true(evaluation.error == result.test_error && fabs(evaluation.loss / log(2) - 1) < 0.06);
    hwv_train_result_free(&result);
    hwv_trainer_destroy(t);
    hwv_model_free(&model);
    hwv_data_close(&data);
}

/* A batch that a thread gathers ahead is the one that is gathered in place. */
static void test_ahead(void **state)
{
    (void)state;
    hwv_data data = open_text("text:", text_file);
    hwv_model model = tokens_model(&data, 0);
    hwv_train_options options = short_options();
    hwv_trainer *t = trainer_make(&model, &data, &options);
    hwv_prefetch *p;
    hwv_error error;
    int32_t x[2][BATCH * BLOCK], labels[2][BATCH * BLOCK];
    hwv_trainer_shuffle(t, 0);
    need(hwv_prefetch_start(&p, t, &error), &error, "prefetch");
    hwv_batch_gather(t, 0, 3, x[0], labels[0]);
    bool taken = false;
    for (size_t tries = 0; tries < 1000 && !taken; tries++) {
        hwv_prefetch_ask(p, 0, 3);
        (void)nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
        taken = hwv_prefetch_take(p, 0, 3, x[1], labels[1]);
    }
    assert_true(taken);
    assert_memory_equal(x[0], x[1], sizeof x[0]);
    assert_memory_equal(labels[0], labels[1], sizeof labels[0]);
    for (size_t i = 0; i < BATCH * BLOCK; i++) {
        const uint16_t *at = data.train.tokens + t->order[3 * BATCH + i / BLOCK] + i % BLOCK;
        assert_true(x[0][i] == at[0] && labels[0][i] == at[1]);
    }
    hwv_prefetch_stop(p);
    hwv_trainer_destroy(t);
    hwv_model_free(&model);
    hwv_data_close(&data);
}

/* Numbers for tokens, tokens for numbers, other labels: said before anything is done. */
static void test_does_not_fit(void **state)
{
    (void)state;
    hwv_data digits = digits_open(), data = open_text("text:", text_file);
    hwv_model numbers = model_make(&data, "fc 4; act; fc 5", HWV_OP_RELU), tokens = tokens_model(&data, 0);
    hwv_evaluation evaluation = {0};
    hwv_predictor *predictor;
    hwv_error error;
    assert_int_equal(hwv_evaluate(&numbers, &data, &data.test, NULL, &evaluation, &error), HWV_ERR_SHAPE);
    assert_string_equal(error.text, "text has samples of tokens, the model takes numbers");
    assert_int_equal(hwv_evaluate(&tokens, &digits, &digits.test, NULL, &evaluation, &error), HWV_ERR_SHAPE);
    assert_string_equal(error.text, "digits has samples of numbers, the model takes tokens");
    need(hwv_data_block_set(&data, 9, &error), &error, "block");
    assert_int_equal(hwv_evaluate(&tokens, &data, &data.test, NULL, &evaluation, &error), HWV_ERR_SHAPE);
    assert_int_equal(hwv_predictor_create(&predictor, &tokens, 1, NULL, &error), HWV_ERR_UNSUPPORTED);
    hwv_model_free(&numbers);
    hwv_model_free(&tokens);
    hwv_data_close(&data);
    hwv_data_close(&digits);
}

/* ---- checkpoints ------------------------------------------------------------------------------------- */

/* A run that ends with a checkpoint; from `resume` if that is not NULL. */
static hwv_status run(const hwv_data *data, size_t steps, const char *resume, char sha256[65], hwv_error *error)
{
    hwv_model model = tokens_model(data, WIDTH);
    hwv_train_options options = short_options();
    hwv_train_result result;
    options.epochs = 1;
    options.max_steps = steps;
    options.checkpoint = checkpoint;
    hwv_trainer *t = trainer_make(&model, data, &options);
    hwv_status status = resume ? hwv_trainer_resume(t, resume, error) : HWV_OK;
    if (status == HWV_OK) {
        need(hwv_trainer_run(t, &result, error), error, "run");
        strcpy(sha256, result.weights_sha256);
        hwv_train_result_free(&result);
    }
    hwv_trainer_destroy(t);
    hwv_model_free(&model);
    return status;
}

static void resume_refused(const hwv_data *data, const char *words)
{
    char sha256[65];
    hwv_error error;
    assert_int_equal(run(data, 60, checkpoint, sha256, &error), HWV_ERR_MISMATCH);
    if (!strstr(error.text, words))
        fail_msg("'%s' does not contain '%s'", error.text, words);
}

static void test_resume(void **state)
{
    (void)state;
    hwv_data data = open_text("text:", text_file), other = open_text("text:", other_file), digits = digits_open();
    char whole[65], part[65], rest[65];
    hwv_error error;
    need(run(&data, 60, NULL, whole, &error), &error, "whole");
    need(run(&data, 23, NULL, part, &error), &error, "part");
    assert_string_not_equal(whole, part);

    /* What it says of the text. */
    hwv_vocabulary vocabulary;
    size_t block;
    need(hwv_checkpoint_vocabulary(&vocabulary, &block, checkpoint, &error), &error, "vocabulary");
    assert_int_equal(block, BLOCK);
    need(hwv_vocabulary_compare(&vocabulary, "a", &data.vocabulary, "b", &error), &error, "compare");
    hwv_vocabulary_free(&vocabulary);

    resume_refused(&other, "they differ first in token 0: 'a' (U+0061), and 'b' (U+0062)");
    hwv_data bytes = open_text("text-bytes:", text_file);
    hwv_error ignored;
    assert_int_equal(hwv_checkpoint_normalize(&bytes, checkpoint, &ignored), HWV_ERR_MISMATCH);
    hwv_data_close(&bytes);
    need(hwv_data_block_set(&data, 9, &error), &error, "block");
    resume_refused(&data, "blocks of 8 tokens, given are 9");

    /* Blocks as the checkpoint's; then it goes on to the same bits. */
    need(hwv_checkpoint_normalize(&data, checkpoint, &error), &error, "adapt");
    assert_int_equal(data.block, BLOCK);
    need(run(&data, 60, checkpoint, rest, &error), &error, "rest");
    assert_string_equal(whole, rest);

    /* Another text of the same letters is another text. */
    write_text(other_file, COUNT - 10, 'a');
    hwv_data shorter = open_text("text:", other_file);
    resume_refused(&shorter, "the checkpoint was trained on text (3592 + 49 samples of 8), given is text (3583 + 49");
    hwv_data_close(&shorter);
    write_text(other_file, COUNT, 'b');
    hwv_data_close(&digits);
    hwv_data_close(&other);
    hwv_data_close(&data);
}

/* A text in fewer letters, of another file, gets the checkpoint's tokens; one with a letter more is refused, unchanged. */
static void test_adapt(void **state)
{
    (void)state;
    hwv_data data = open_text("text:", text_file), other = open_text("text:", other_file);
    char sha256[65];
    hwv_error error;
    need(run(&data, 5, NULL, sha256, &error), &error, "run");
    need(hwv_data_block_set(&other, 20, &error), &error, "block");
    assert_int_equal(hwv_checkpoint_normalize(&other, checkpoint, &error), HWV_ERR_MISMATCH);
    assert_non_null(strstr(error.text, "'f' (U+0066), is not among the 5"));
    assert_true(other.block == 20 && other.train.tokens[0] < LETTERS);
    hwv_data_close(&other);

    char few[COUNT];
    for (size_t i = 0; i < COUNT; i++)
        few[i] = i % 2 ? 'e' : 'c';
    file_put(other_file, few, COUNT);
    other = open_text("text:", other_file);
    assert_true(other.classes == 2 && other.train.tokens[0] == 0 && other.train.tokens[1] == 1);
    need(hwv_checkpoint_normalize(&other, checkpoint, &error), &error, "adapt");
    assert_true(other.classes == LETTERS && other.train.tokens[0] == 2 && other.train.tokens[1] == 4);
    hwv_data_close(&other);
    write_text(other_file, COUNT, 'b');

    /* Without text there is no vocabulary. */
    hwv_data digits = digits_open();
    hwv_train_options options = hwv_train_defaults();
    hwv_train_result result;
    options.max_steps = 3;
    options.checkpoint = edited;
    need(train(&digits, SMALL, HWV_OP_RELU, &options, NULL, NULL, &result, &error), &error, "digits");
    hwv_train_result_free(&result);
    hwv_vocabulary vocabulary;
    size_t block = 1;
    need(hwv_checkpoint_vocabulary(&vocabulary, &block, edited, &error), &error, "vocabulary");
    assert_true(block == 0 && vocabulary.size == 0);
    hwv_data_close(&digits);
    hwv_data_close(&data);
}

/* Bytes need no list of characters. */
static void test_bytes(void **state)
{
    (void)state;
    hwv_data data = open_text("text-bytes:", text_file);
    char whole[65], rest[65];
    hwv_error error;
    need(run(&data, 12, NULL, whole, &error), &error, "whole");
    need(run(&data, 5, NULL, rest, &error), &error, "part");
    hwv_vocabulary vocabulary;
    size_t block;
    need(hwv_checkpoint_vocabulary(&vocabulary, &block, checkpoint, &error), &error, "vocabulary");
    assert_true(block == BLOCK && vocabulary.bytes && vocabulary.size == 256);
    hwv_vocabulary_free(&vocabulary);
    need(run(&data, 12, checkpoint, rest, &error), &error, "rest");
    assert_string_equal(whole, rest);
    hwv_data_close(&data);
}

/* A vocabulary that is not one, in a file that is whole otherwise. */
static void test_damaged(void **state)
{
    (void)state;
    hwv_data data = open_text("text:", text_file);
    hwv_checkpoint c;
    hwv_vocabulary vocabulary;
    hwv_error error;
    char sha256[65];
    size_t block;
    need(run(&data, 5, NULL, sha256, &error), &error, "run");
    for (int kind = 0; kind < 2; kind++) {
        need(hwv_checkpoint_open(&c, checkpoint, &error), &error, "open");
        const int32_t swapped[LETTERS] = {'b', 'a', 'c', 'd', 'e'};
        hwv_tensor_entry entries[64];
        hwv_metadata metadata[16];
        assert_true(c.file.count <= 64 && c.file.metadata_count <= 16);
        size_t count = 0;
        for (size_t i = 0; i < c.file.count; i++) {
            bool is = strcmp(c.file.tensors[i].name, HWV_DATA_VOCABULARY) == 0;
            if (is && kind == 0)
                continue;
            entries[count] = c.file.tensors[i];
            if (is)
                entries[count].data = swapped;
            count++;
        }
        char sum[65];
        hwv_tensors_sha256(entries, count, sum);
        for (size_t i = 0; i < c.file.metadata_count; i++) {
            metadata[i] = c.file.metadata[i];
            if (strcmp(metadata[i].key, "sha256") == 0)
                metadata[i].value = sum;
        }
        need(hwv_safetensors_write(edited, entries, count, metadata, c.file.metadata_count, &error), &error, "write");
        hwv_checkpoint_close(&c);
        assert_int_equal(hwv_checkpoint_vocabulary(&vocabulary, &block, edited, &error), HWV_ERR_FORMAT);
        assert_non_null(strstr(error.text, "tensor 'data.vocabulary'"));
        assert_true(vocabulary.codes == NULL && block == 0);
    }
    hwv_data_close(&data);
}

static void test_memory(void **state)
{
    (void)state;
    hwv_data data = open_text("text:", text_file);
    hwv_vocabulary vocabulary;
    char sha256[65];
    hwv_error error;
    size_t block, live = allocations_live(), n = 0;
    need(run(&data, 5, NULL, sha256, &error), &error, "run");
    for (hwv_status status = HWV_ERR_MEMORY; status != HWV_OK;) {
        allocations_fail_at(++n);
        status = hwv_checkpoint_vocabulary(&vocabulary, &block, checkpoint, &error);
        allocations_fail_at(0);
        assert_true(status == HWV_OK || status == HWV_ERR_MEMORY);
        hwv_vocabulary_free(&vocabulary);
        assert_int_equal(allocations_live(), live);
    }
    hwv_data_close(&data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_step),   cmocka_unit_test(test_evaluation),   cmocka_unit_test(test_learns),
        cmocka_unit_test(test_ahead),  cmocka_unit_test(test_does_not_fit), cmocka_unit_test(test_resume),
        cmocka_unit_test(test_adapt),  cmocka_unit_test(test_bytes),        cmocka_unit_test(test_damaged),
        cmocka_unit_test(test_memory), cmocka_unit_test(test_recipes),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
