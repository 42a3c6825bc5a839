/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * halfwave generate: text out of a checkpoint that was trained on text, each character as soon as it is there. */
#include "outputs.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "halfwave/clock.h"
#include "halfwave/generate.h"
#include "halfwave/memory.h"
#include "halfwave/vocabulary.h"
#include "report/number.h"

typedef struct generation {
    hwv_cli *cli;
    const char *path;
    hwv_model model;
    hwv_vocabulary vocabulary;
    hwv_generator *generator;
    hwv_text prompt;
    int32_t *tokens; /* of the prompt, then, for --json, those that were generated */
    int32_t last;
    size_t first, count;
    double seconds;
    hwv_generator_rows rows; /* while generating */
} generation;

/* ---- the prompt ---- */

static hwv_status prompt_read(generation *g, hwv_error *error)
{
    const char *given = g->cli->options.prompt;
    char piece[4096];
    size_t got;
    if (given != NULL && strcmp(given, "-") != 0) {
        hwv_text_puts(&g->prompt, given);
    } else if (given != NULL) {
        while ((got = fread(piece, 1, sizeof piece, stdin)) > 0 && !g->prompt.failed)
            hwv_text_add(&g->prompt, piece, got);
        if (ferror(stdin))
            return hwv_fail(error, HWV_ERR_IO, "--prompt -: cannot read standard input: %s", strerror(errno));
    }
    return g->prompt.failed ? hwv_fail(error, HWV_ERR_MEMORY, "no memory for the prompt") : HWV_OK;
}

int32_t hwv_cli_text_start(const hwv_vocabulary *vocabulary)
{
    const int32_t line_end = hwv_vocabulary_find(vocabulary, '\n');
    return line_end < 0 ? 0 : line_end;
}

/* An empty one is what a text begins behind, which is not shown. */
static hwv_status prompt_encode(generation *g, hwv_error *error)
{
    const size_t kept = g->cli->options.json ? g->cli->options.tokens : 0;
    size_t room;
    if (hwv_size_add(g->prompt.length + 1, kept, &room))
        g->tokens = hwv_calloc(room, sizeof *g->tokens);
    if (g->tokens == NULL)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory for the prompt and %zu tokens", kept);
    if (g->prompt.length > 0) {
        const hwv_status status =
            hwv_vocabulary_encode(&g->vocabulary, g->prompt.data, g->prompt.length, g->tokens, &g->first, error);
        return status == HWV_OK ? HWV_OK : hwv_fail_prefix(error, status, "--prompt: ");
    }
    g->tokens[g->first++] = hwv_cli_text_start(&g->vocabulary);
    return HWV_OK;
}

/* ---- generating ---- */

static hwv_status show(generation *g, const int32_t *tokens, size_t count, hwv_error *error)
{
    if (g->cli->options.json)
        return HWV_OK;
    hwv_vocabulary_decode(&g->vocabulary, tokens, count, &g->cli->out);
    return hwv_cli_flush(g->cli, error);
}

static hwv_status tokens_make(generation *g, hwv_error *error)
{
    const hwv_cli_options *options = &g->cli->options;
    const hwv_sampling sampling = {.temperature = options->temperature,
                                   .top_k = options->top_k,
                                   .top_p = options->top_p,
                                   .seed = options->train.seed};
    const volatile int *interrupted = hwv_cli_catch_interrupt();
    for (; g->count < options->tokens; g->count++) {
        if (*interrupted)
            return hwv_fail(error, HWV_ERR_INTERRUPTED, "interrupted after %zu of %zu tokens", g->count,
                            options->tokens);
        HWV_TRY(hwv_generator_sample(g->generator, &sampling, &g->last, error));
        HWV_TRY(show(g, &g->last, 1, error));
        if (options->json)
            g->tokens[g->first + g->count] = g->last;
        if (g->count + 1 < options->tokens)
            HWV_TRY(hwv_generator_feed(g->generator, &g->last, 1, error));
    }
    return HWV_OK;
}

/* The text ends with a line's end. */
static hwv_status text_end(generation *g, hwv_error *error)
{
    if (g->cli->options.json || g->last == hwv_vocabulary_find(&g->vocabulary, '\n'))
        return HWV_OK;
    hwv_text_puts(&g->cli->out, "\n");
    return hwv_cli_flush(g->cli, error);
}

static double skipped(const generation *g)
{
    return g->rows.all > 0 ? (double)g->rows.skipped / (double)g->rows.all : 0;
}

static void say_speed(const generation *g)
{
    if (g->count == 0)
        return;
    hwv_cli_say(g->cli, "time: %zu token%s in %s, %.0f tokens/s", g->count, g->count == 1 ? "" : "s",
                hwv_number_of(g->seconds, HWV_UNIT_SECONDS).text, (double)g->count / g->seconds);
    if (g->rows.all > 0)
        hwv_cli_say(g->cli, "skipped %.0f %% of the rows of weights behind activations%s", 100 * skipped(g),
                    g->cli->options.no_skip ? " (--no-skip)" : "");
}

static hwv_status generate_all(generation *g, hwv_error *error)
{
    HWV_TRY(hwv_generator_feed(g->generator, g->tokens, g->first, error));
    g->last = g->tokens[g->first - 1];
    if (g->prompt.length > 0)
        HWV_TRY(show(g, g->tokens, g->first, error));
    const hwv_generator_rows before = hwv_generator_count(g->generator);
    const double start = hwv_clock_seconds();
    hwv_status status = tokens_make(g, error);
    g->seconds = hwv_clock_seconds() - start;
    g->rows = hwv_generator_count(g->generator);
    g->rows.all -= before.all;
    g->rows.skipped -= before.skipped;
    hwv_error late;
    const hwv_status ended = text_end(g, &late);
    say_speed(g);
    if (status == HWV_OK && ended != HWV_OK)
        return hwv_fail(error, ended, "%s", late.text);
    return status;
}

/* ---- the whole ---- */

/* Of a model of bytes there may be a 0 among them. */
static void json_text(const generation *g, hwv_json_writer *json, const char *key, const hwv_text *text)
{
    const char *bytes = hwv_cli_part(&g->cli->out, text);
    hwv_json_key(json, key);
    hwv_json_bytes(json, bytes, text->failed ? 0 : text->length);
}

static hwv_status as_json(generation *g, bool interrupted, hwv_error *error)
{
    hwv_text text = {0};
    hwv_json_writer json = hwv_cli_json_begin(g->cli);
    hwv_vocabulary_decode(&g->vocabulary, g->tokens + g->first, g->count, &text);
    hwv_cli_json_text(&json, "checkpoint", g->path);
    hwv_cli_json_text(&json, "model", g->model.notation);
    json_text(g, &json, "prompt", &g->prompt);
    json_text(g, &json, "text", &text);
    hwv_json_key(&json, "tokens");
    hwv_json_begin_array(&json);
    for (size_t i = 0; i < g->count; i++)
        hwv_json_integer(&json, g->tokens[g->first + i]);
    hwv_json_end(&json);
    hwv_cli_json_bool(&json, "interrupted", interrupted);
    hwv_cli_json_number(&json, "seconds", g->seconds);
    hwv_cli_json_number(&json, "skipped", skipped(g));
    hwv_cli_json_options(g->cli, &json);
    hwv_text_free(&text);
    return hwv_cli_json_end(&json, error);
}

static hwv_status open_checkpoint(generation *g, hwv_error *error)
{
    hwv_cli_file kind;
    size_t block;
    const hwv_status known = hwv_cli_file_kind(&kind, g->path, error);
    if (known != HWV_OK && known != HWV_ERR_FORMAT) /* a text is no model of any kind */
        return known;
    if (known != HWV_OK || kind != HWV_CLI_FILE_CHECKPOINT)
        return hwv_fail(error, HWV_ERR_UNSUPPORTED,
                        "%s: no checkpoint of halfwave train (.safetensors), which is "
                        "what generate takes",
                        g->path);
    HWV_TRY(hwv_checkpoint_vocabulary(&g->vocabulary, &block, g->path, error));
    if (block == 0)
        return hwv_fail(error, HWV_ERR_UNSUPPORTED,
                        "%s: was not trained on text; accepted is a checkpoint of halfwave train --data text:FILE",
                        g->path);
    HWV_TRY(hwv_checkpoint_load(&g->model, g->path, error));
    if (g->model.options.classes != g->vocabulary.size)
        return hwv_fail(error, HWV_ERR_MISMATCH, "%s: the model knows %zu tokens, the vocabulary has %zu", g->path,
                        g->model.options.classes, g->vocabulary.size);
    return HWV_OK;
}

static hwv_status generate(generation *g, hwv_error *error)
{
    const hwv_generator_options options = {.executor = g->cli->executor, .dense = g->cli->options.no_skip};
    HWV_TRY(open_checkpoint(g, error));
    HWV_TRY(prompt_read(g, error));
    HWV_TRY(prompt_encode(g, error));
    const hwv_status status = hwv_generator_create(&g->generator, &g->model, &options, error);
    if (status != HWV_OK)
        return hwv_fail_prefix(error, status, "%s: ", g->path);
    const hwv_status done = generate_all(g, error);
    if ((done == HWV_OK || done == HWV_ERR_INTERRUPTED) && g->cli->options.json) {
        hwv_error late;
        const hwv_status written = as_json(g, done == HWV_ERR_INTERRUPTED, &late);
        if (done == HWV_OK && written != HWV_OK)
            return hwv_fail(error, written, "%s", late.text);
    }
    return done;
}

static hwv_status run(hwv_cli *cli, hwv_error *error)
{
    generation g = {.cli = cli, .path = cli->operands[0]};
    const hwv_status status = generate(&g, error);
    hwv_generator_destroy(g.generator);
    hwv_free(g.tokens);
    hwv_text_free(&g.prompt);
    hwv_vocabulary_free(&g.vocabulary);
    hwv_model_free(&g.model);
    return status;
}

const hwv_cli_command hwv_cli_generate = {
    .name = "generate",
    .sentence = "text out of a model that was trained on text",
    .operands = "CHECKPOINT",
    .operand_min = 1,
    .operand_max = 1,
    .examples = {{"halfwave generate text.safetensors --prompt \"To be\" --tokens 500",
                  "a model written by halfwave train --data text:FILE --out text.safetensors goes on"},
                 {"halfwave generate text.safetensors --temperature 0", "the likeliest character always"},
                 {"fortune | halfwave generate text.safetensors --prompt - --top-p 90%", "goes on with what it reads"}},
    .description =
        "Loads a checkpoint of a model of text and writes the prompt and what the model makes of it, character by "
        "character, and a line's end where the text does not end with one. Without a prompt it begins behind a line's "
        "end, or, where the vocabulary has none, behind its first character.\n"
        "The model sees as many characters as its block is long. When these are used up it goes on from the last half "
        "of "
        "them.\n"
        "A character is one product of a vector with each matrix. Behind an activation the units that are exactly 0 "
        "are "
        "known, and their weights are not read: \"skipped\" is their share. The text is the same with --no-skip, bit "
        "by "
        "bit.\n"
        "The same seed gives the same text on the same instruction set, for any number of threads. Ctrl-C ends; what "
        "was "
        "written stays.\n",
    .run = run,
};
