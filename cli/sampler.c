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
    hwv_text text; /* of a model of bytes any, 0 too */
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
        hwv_text_free(&s->samples[i].text);
    hwv_free(s->samples);
    hwv_free(s->tokens);
    hwv_generator_destroy(s->generator);
    hwv_free(s);
}

/* HWV_ERR_NUMERIC: of weights that are lost already. */
static hwv_status generate(hwv_cli_sampler *s, hwv_error *error)
{
    hwv_sampling sampling = hwv_sampling_defaults();
    int32_t last = hwv_cli_text_start(&s->data->vocabulary);
    sampling.seed = s->cli->options.train.seed;
    hwv_generator_refresh(s->generator);
    for (size_t i = 0; i < s->cli->options.sample_tokens; i++) {
        HWV_TRY(hwv_generator_feed(s->generator, &last, 1, error));
        HWV_TRY(hwv_generator_sample(s->generator, &sampling, &last, error));
        s->tokens[i] = last;
    }
    return HWV_OK;
}

static hwv_status keep(hwv_cli_sampler *s, size_t step, const hwv_text *text, hwv_error *error)
{
    if (s->count == s->capacity) {
        const size_t larger = s->capacity > 0 ? 2 * s->capacity : 16;
        sample *moved = hwv_realloc(s->samples, larger, sizeof *moved);
        if (moved == NULL)
            return hwv_fail(error, HWV_ERR_MEMORY, "no memory for samples");
        s->samples = moved;
        s->capacity = larger;
    }
    s->samples[s->count++] = (sample){.step = step, .text = *text};
    return HWV_OK;
}

static void sample_json(const sample *one, hwv_json_writer *json)
{
    hwv_cli_json_count(json, "step", one->step);
    hwv_json_key(json, "text");
    hwv_json_bytes(json, one->text.data, one->text.length);
}

static hwv_status log_sample(const hwv_cli_sampler *s, hwv_trainer *trainer, hwv_error *error)
{
    hwv_text line = {0};
    hwv_json_writer json = hwv_cli_event_begin(&line, "sample");
    sample_json(&s->samples[s->count - 1], &json);
    return hwv_cli_event_end(&json, &line, trainer, error);
}

static hwv_status take(hwv_cli_sampler *s, size_t step, hwv_trainer *trainer, hwv_error *error)
{
    hwv_text text = {0};
    const hwv_status generated = generate(s, error);
    if (generated != HWV_OK)
        return generated == HWV_ERR_NUMERIC ? HWV_OK : generated;
    hwv_vocabulary_decode(&s->data->vocabulary, s->tokens, s->cli->options.sample_tokens, &text);
    const hwv_status kept =
        text.failed ? hwv_fail(error, HWV_ERR_MEMORY, "no memory for samples") : keep(s, step, &text, error);
    if (kept != HWV_OK) {
        hwv_text_free(&text);
        return kept;
    }
    return log_sample(s, trainer, error);
}

/* Spaces in place of control characters, but for the ends of lines where these are kept. */
static hwv_text shown(const sample *one, bool lines)
{
    hwv_text text = {0};
    for (size_t i = 0; i < one->text.length; i++) {
        const unsigned char c = (unsigned char)one->text.data[i];
        hwv_text_add(&text, (c < ' ' && !(lines && c == '\n')) || c == 0x7f ? " " : &one->text.data[i], 1);
    }
    return text;
}

static void say(hwv_cli *cli, const sample *one)
{
    hwv_text line = shown(one, false);
    hwv_cli_say(cli, "step %zu writes: %s", one->step, line.failed ? "" : line.data);
    hwv_text_free(&line);
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
    hwv_text text = shown(last, true);
    hwv_text_printf(&cli->out, "%sSample after step %zu\n%s\n", before, last->step, hwv_cli_part(&cli->out, &text));
    hwv_text_free(&text);
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
        hwv_text text = shown(&s->samples[i], true);
        hwv_table_cell(&table, HWV_STYLE_PLAIN, "%s", hwv_cli_part(&page->body, &text));
        hwv_text_free(&text);
    }
    hwv_page_table(page, &table, NULL);
    hwv_table_free(&table);
}
