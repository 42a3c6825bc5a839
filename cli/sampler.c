/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What a model of text writes while it is trained. The training does not notice: the generator has a plan and random
 * numbers of its own, and reads the weights only. */
#include "training.h"

#include <string.h>

#include "halfwave/generate.h"
#include "halfwave/memory.h"

/* A page shows the last ones. */
#define SHOWN ((size_t)12)

typedef struct sample {
    size_t step;
    char *text;
} sample;

struct hwv_cli_sampler {
    const hwv_cli *cli;
    const hwv_data *data;
    hwv_generator *generator;
    hwv_trainer *trainer;
    int32_t *tokens;
    sample *samples;
    size_t count, capacity;
    hwv_status status;
    hwv_error error;
};

hwv_status hwv_cli_sampler_create(hwv_cli_sampler **sampler, const hwv_cli *cli, const hwv_model *model,
                                  const hwv_data *data, hwv_error *error)
{
    const bool given = hwv_cli_given(cli, "sample-tokens") || hwv_cli_given(cli, "sample-every");
    *sampler = NULL;
    if (given && data->block == 0)
        return hwv_fail(error, HWV_ERR_ARGUMENT, "--sample-tokens, --sample-every: %s is no text", data->name);
    if (data->block == 0 || cli->options.sample_tokens == 0)
        return HWV_OK;
    hwv_cli_sampler *s = hwv_calloc(1, sizeof *s);
    if (s == NULL)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory for samples");
    s->cli = cli;
    s->data = data;
    const hwv_generator_options options = {.executor = cli->executor};
    hwv_status status = hwv_generator_create(&s->generator, model, &options, error);
    if (status == HWV_OK && (s->tokens = hwv_calloc(cli->options.sample_tokens, sizeof *s->tokens)) == NULL)
        status = hwv_fail(error, HWV_ERR_MEMORY, "no memory for samples");
    if (status == HWV_OK) {
        *sampler = s;
        return HWV_OK;
    }
    hwv_cli_sampler_destroy(s);
    return status == HWV_ERR_UNSUPPORTED && !given ? HWV_OK : status;
}

void hwv_cli_sampler_destroy(hwv_cli_sampler *s)
{
    if (s == NULL)
        return;
    for (size_t i = 0; i < s->count; i++)
        hwv_free(s->samples[i].text);
    hwv_free(s->samples);
    hwv_free(s->tokens);
    hwv_generator_destroy(s->generator);
    hwv_free(s);
}

/* Behind a line's end, or what comes first in the vocabulary. HWV_ERR_NUMERIC: of weights that are lost already. */
static hwv_status generate(hwv_cli_sampler *s, hwv_error *error)
{
    hwv_sampling sampling = hwv_sampling_defaults();
    const int32_t line_end = hwv_vocabulary_find(&s->data->vocabulary, '\n');
    int32_t last = line_end < 0 ? 0 : line_end;
    sampling.seed = s->cli->options.train.seed;
    hwv_generator_refresh(s->generator);
    for (size_t i = 0; i < s->cli->options.sample_tokens; i++) {
        HWV_TRY(hwv_generator_feed(s->generator, &last, 1, error));
        HWV_TRY(hwv_generator_sample(s->generator, &sampling, &last, error));
        s->tokens[i] = last;
    }
    return HWV_OK;
}

static hwv_status keep(hwv_cli_sampler *s, size_t step, char *text, hwv_error *error)
{
    if (s->count == s->capacity) {
        const size_t larger = s->capacity > 0 ? 2 * s->capacity : 16;
        sample *moved = hwv_realloc(s->samples, larger, sizeof *moved);
        if (moved == NULL)
            return hwv_fail(error, HWV_ERR_MEMORY, "no memory for samples");
        s->samples = moved;
        s->capacity = larger;
    }
    s->samples[s->count++] = (sample){.step = step, .text = text};
    return HWV_OK;
}

static void sample_json(const sample *one, hwv_json_writer *json)
{
    hwv_cli_json_count(json, "step", one->step);
    hwv_cli_json_text(json, "text", one->text);
}

static hwv_status log_sample(const hwv_cli_sampler *s, hwv_trainer *trainer, hwv_error *error)
{
    hwv_text line = {0};
    hwv_json_writer json = hwv_json_writer_make(&line, 0);
    hwv_json_begin_object(&json);
    hwv_cli_json_text(&json, "event", "sample");
    sample_json(&s->samples[s->count - 1], &json);
    hwv_json_end(&json);
    hwv_status status = hwv_json_finish(&json, error);
    if (status == HWV_OK)
        status = hwv_trainer_log(trainer, line.data, line.length, error);
    hwv_text_free(&line);
    return status;
}

static hwv_status take(hwv_cli_sampler *s, size_t step, hwv_trainer *trainer, hwv_error *error)
{
    hwv_text text = {0};
    const hwv_status generated = generate(s, error);
    if (generated != HWV_OK)
        return generated == HWV_ERR_NUMERIC ? HWV_OK : generated;
    hwv_vocabulary_decode(&s->data->vocabulary, s->tokens, s->cli->options.sample_tokens, &text);
    char *copy = text.failed ? NULL : hwv_strdup(text.data);
    hwv_text_free(&text);
    if (copy == NULL)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory for samples");
    const hwv_status kept = keep(s, step, copy, error);
    if (kept != HWV_OK) {
        hwv_free(copy);
        return kept;
    }
    return log_sample(s, trainer, error);
}

static void say(hwv_cli *cli, const sample *one)
{
    char *line = hwv_strdup(one->text);
    for (char *c = line; c != NULL && *c != '\0'; c++)
        if ((unsigned char)*c < ' ')
            *c = ' ';
    hwv_cli_say(cli, "step %zu writes: %s", one->step, line != NULL ? line : "");
    hwv_free(line);
}

void hwv_cli_sampler_take(hwv_cli_sampler *s, hwv_cli *cli, size_t step, hwv_trainer *trainer)
{
    const size_t before = s->count;
    if (s->status != HWV_OK || (before > 0 && s->samples[before - 1].step == step))
        return;
    s->status = take(s, step, trainer, &s->error);
    if (s->count > before && (cli->options.verbose || cli->progress.term.tty))
        say(cli, &s->samples[before]);
}

hwv_status hwv_cli_sampler_status(const hwv_cli_sampler *s, hwv_error *error)
{
    return s->status == HWV_OK ? HWV_OK : hwv_fail(error, s->status, "a sample: %s", s->error.text);
}

/* ---- what is shown ---- */

void hwv_cli_sampler_print(hwv_cli *cli, const hwv_cli_sampler *s, const char *before)
{
    if (s->count == 0)
        return;
    const sample *last = &s->samples[s->count - 1];
    hwv_text_printf(&cli->out, "%sSample after step %zu\n", before, last->step);
    for (const char *c = last->text; *c != '\0'; c++)
        hwv_text_add(&cli->out, (unsigned char)*c < ' ' && *c != '\n' ? " " : c, 1);
    hwv_text_puts(&cli->out, "\n");
}

void hwv_cli_sampler_json(const hwv_cli_sampler *s, hwv_json_writer *json)
{
    hwv_json_key(json, "samples");
    hwv_json_begin_array(json);
    for (size_t i = 0; s != NULL && i < s->count; i++) {
        hwv_json_begin_object(json);
        sample_json(&s->samples[i], json);
        hwv_json_end(json);
    }
    hwv_json_end(json);
}

void hwv_cli_sampler_page(const hwv_cli_sampler *s, hwv_page *page)
{
    static const hwv_column columns[] = {{"step", HWV_RIGHT}, {"text", HWV_LEFT}};
    if (s->count == 0)
        return;
    hwv_table table = {.columns = columns, .column_count = sizeof columns / sizeof columns[0]};
    hwv_page_section(page, "samples", "What it writes");
    for (size_t i = s->count > SHOWN ? s->count - SHOWN : 0; i < s->count; i++) {
        hwv_table_cell(&table, HWV_STYLE_PLAIN, "%zu", s->samples[i].step);
        hwv_table_cell(&table, HWV_STYLE_PLAIN, "%s", s->samples[i].text);
    }
    hwv_page_table(page, &table, NULL);
    hwv_table_free(&table);
}
