/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The page of one run: what came out, how it went there, its layers, its options. */
#include "training.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "halfwave/memory.h"
#include "report/number.h"

/* What is drawn over the epochs. */
enum { LOSS, TRAIN_ERROR, TEST_ERROR, GRADIENT, RATE, DEAD, KINDS };

static double value_of(const hwv_epoch_stats *epoch, int kind)
{
    switch (kind) {
    case LOSS:
        return epoch->train_loss;
    case TRAIN_ERROR:
        return epoch->train_error;
    case TEST_ERROR:
        return epoch->test_error;
    case GRADIENT:
        return epoch->grad_norm;
    case RATE:
        return epoch->lr;
    default:
        return (double)epoch->dead;
    }
}

/* Up to two kinds over the epochs. One alone has no name: the y axis says it. */
typedef struct course {
    hwv_caption caption;
    hwv_axis y;
    int kinds[2];
    const char *names[2];
    size_t count;
} course;

/* `values` has room for KINDS curves. */
static void page_course(hwv_page *page, const hwv_train_result *result, double *values, const course *c)
{
    hwv_series series[2] = {{0}};
    for (size_t k = 0; k < c->count; k++) {
        double *y = values + (size_t)c->kinds[k] * result->history_count;
        for (size_t i = 0; i < result->history_count; i++)
            y[i] = value_of(&result->history[i], c->kinds[k]);
        series[k] = (hwv_series){
            .name = c->names[k], .y = y, .count = result->history_count, .first_x = (double)result->history[0].epoch};
    }
    hwv_plot plot = {.caption = c->caption,
                     .x = {.title = "epoch", .whole = true},
                     .y = c->y,
                     .series = series,
                     .series_count = c->count};
    hwv_page_plot(page, &plot);
}

/* From 0 on, or small changes would look large. */
static hwv_axis dead_axis(const hwv_train_result *result)
{
    hwv_axis axis = {.title = "units", .whole = true, .maximum = 4};
    for (size_t i = 0; i < result->history_count; i++)
        axis.maximum = fmax(axis.maximum, 1.1 * (double)result->history[i].dead);
    return axis;
}

static hwv_status page_curves(hwv_page *page, const hwv_cli_run *run, hwv_error *error)
{
    const hwv_train_result *result = &run->result;
    hwv_page_section(page, "curves", "How it went");
    if (result->history_count == 0) {
        hwv_page_paragraph(page, HWV_STYLE_PLAIN, "The run ended within its first epoch: there are no curves.");
        return HWV_OK;
    }
    size_t cells = 0;
    double *values = NULL;
    if (hwv_size_mul(KINDS, result->history_count, &cells))
        values = hwv_calloc(cells, sizeof values[0]);
    if (values == NULL)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory for the curves");
    char units[80];
    snprintf(units, sizeof units, "of %zu units, counted over the test part: an estimate", result->history[0].units);
    const course courses[] = {
        {{"Training loss", "mean over each epoch", NULL}, {.title = "loss", .log = true}, {LOSS}, {NULL}, 1},
        {{"Error", "training: running, while the weights change; test: after each epoch", NULL},
         {.title = "share wrong", .unit = HWV_UNIT_SHARE},
         {TRAIN_ERROR, TEST_ERROR},
         {"training", "test"},
         run->data->test.count > 0 ? 2 : 1},
        {{"Gradient norm", "of the last step of each epoch", NULL},
         {.title = "norm of all gradients", .log = true},
         {GRADIENT},
         {NULL},
         1},
        {{"Dead units", units, NULL}, dead_axis(result), {DEAD}, {NULL}, 1},
        {{"Learning rate", "of the last step of each epoch", NULL}, {.title = "rate"}, {RATE}, {NULL}, 1},
    };
    const hwv_optimizer_options *optimizer = &run->options.optimizer;
    bool constant = optimizer->schedule == HWV_SCHEDULE_CONSTANT && optimizer->warmup == 0;
    for (size_t i = 0; i < sizeof courses / sizeof courses[0]; i++)
        if (courses[i].kinds[0] != RATE || !constant)
            page_course(page, result, values, &courses[i]);
    hwv_free(values);
    return HWV_OK;
}

/* Figures in large type, with room for what they point to. */
typedef struct key_figures {
    hwv_page_fact facts[6];
    hwv_number values[6];
    char details[6][80];
    size_t count;
} key_figures;

static void add_key(key_figures *keys, const char *name, hwv_number value, const char *format, ...) HWV_PRINTF(4, 5);

static void add_key(key_figures *keys, const char *name, hwv_number value, const char *format, ...)
{
    size_t i = keys->count++;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(keys->details[i], sizeof keys->details[i], format, arguments);
    va_end(arguments);
    keys->values[i] = value;
    keys->facts[i] = (hwv_page_fact){.name = name, .value = keys->values[i].text, .detail = keys->details[i]};
}

static void page_key_figures(hwv_page *page, const hwv_cli_run *run)
{
    const hwv_train_result *result = &run->result;
    const size_t samples = run->data->test.count * hwv_data_labels(run->data);
    key_figures keys = {.count = 0};
    if (isfinite(result->test_error))
        add_key(&keys, "test error", hwv_number_percent(result->test_error, 2), "%.0f of %zu %s wrong",
                result->test_error * (double)samples, samples, hwv_cli_answers(run->data));
    add_key(&keys, "training error", hwv_number_percent(result->train_error, 2),
            "running, over the last 2,000 samples");
    add_key(&keys, "training loss", hwv_number_plain(result->train_loss), "mean of the last epoch or 100 steps");
    if (run->options.until_train_error > 0 && isfinite(result->epochs_to_target))
        add_key(&keys, "target", hwv_number_fixed(result->epochs_to_target, 2), "epochs to %s training error",
                hwv_number_of(run->options.until_train_error, HWV_UNIT_SHARE).text);
    add_key(&keys, "dead units", hwv_number_fixed((double)hwv_cli_dead(result), 0), "of %zu, over the training set",
            hwv_cli_units(result));
    if (isnan(result->ms_per_step))
        add_key(&keys, "steps", hwv_number_fixed((double)result->steps, 0), "in %zu epoch%s, none of them in this run",
                result->epochs, result->epochs == 1 ? "" : "s");
    else
        add_key(&keys, "a step", hwv_number_of(result->ms_per_step / 1000, HWV_UNIT_SECONDS),
                "median of %zu, in %zu epoch%s", result->steps, result->epochs, result->epochs == 1 ? "" : "s");
    hwv_page_key_figures(page, keys.facts, keys.count);
}

/* What went wrong, if anything did. */
static void page_outcome(hwv_page *page, const hwv_cli_run *run)
{
    const hwv_train_result *result = &run->result;
    if (result->diverged[0] != '\0') {
        hwv_page_mark mark = {.style = HWV_STYLE_BAD, .word = "diverged"};
        hwv_page_verdict(page, &mark, result->diverged, "The figures are of the weights before it.");
    } else if (result->interrupted) {
        hwv_page_mark mark = {.style = HWV_STYLE_WARN, .word = "interrupted"};
        hwv_page_verdict(page, &mark, "The run was stopped before its end; the figures are of what it got to.", NULL);
    } else if (run->options.until_train_error > 0 && !isfinite(result->epochs_to_target)) {
        char sentence[120];
        hwv_page_mark mark = {.style = HWV_STYLE_WARN, .word = "target not reached"};
        snprintf(sentence, sizeof sentence, "The run ended before its training error was at %s.",
                 hwv_number_of(run->options.until_train_error, HWV_UNIT_SHARE).text);
        hwv_page_verdict(page, &mark, sentence, NULL);
    }
}

static void page_weights(hwv_page *page, const hwv_cli_run *run)
{
    char parameters[40];
    snprintf(parameters, sizeof parameters, "%zu", run->result.parameters);
    hwv_number rate = hwv_number_digits(run->options.optimizer.lr, 6);
    const hwv_page_fact facts[] = {{.name = "parameters", .value = parameters},
                                   {.name = "learning rate", .value = rate.text},
                                   {.name = "sha256", .value = run->result.weights_sha256}};
    hwv_page_section(page, "weights", "Weights");
    hwv_page_facts(page, facts, sizeof facts / sizeof facts[0]);
}

static hwv_status fill(const hwv_cli *cli, const hwv_cli_run *run, hwv_page *page, hwv_error *error)
{
    page_key_figures(page, run);
    page_outcome(page, run);
    hwv_cli_training_facts(cli, run->data, run->act_name != NULL ? run->act_name : "", page);
    HWV_TRY(page_curves(page, run, error));
    hwv_page_section(page, "layers", "Layers");
    hwv_cli_layers_page(page, run->result.layers, run->result.layer_count, "the training set");
    if (run->watch != NULL)
        hwv_cli_watch_page(run->watch, page);
    page_weights(page, run);
    hwv_cli_page_options(cli, page);
    hwv_cli_page_closing(cli, page);
    return HWV_OK;
}

hwv_status hwv_cli_run_page(hwv_cli *cli, const hwv_cli_run *run, hwv_error *error)
{
    if (cli->options.html == NULL)
        return HWV_OK;
    hwv_page page = {0};
    hwv_text title = {0}, lead = {0};
    hwv_text_printf(&title, "%s on %s", hwv_cli_run_name(run), run->data->name);
    hwv_text_printf(&lead, "One training run of %s.", run->model.notation);
    hwv_status status = fill(cli, run, &page, error);
    hwv_page_head head = {
        .kind = "train", .title = hwv_cli_part(&page.body, &title), .lead = hwv_cli_part(&page.body, &lead)};
    if (status == HWV_OK)
        status = hwv_cli_page_save(cli, &page, &head, error);
    hwv_text_free(&title);
    hwv_text_free(&lead);
    hwv_page_free(&page);
    return status;
}
