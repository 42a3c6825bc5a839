/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The page of one run: what came out, how it went there, its layers, its options. */
#include "training.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "halfwave/memory.h"
#include "report/file.h"
#include "report/number.h"
#include "report/plot.h"

/* What is drawn over the rounds. */
enum { LOSS, TEST_LOSS, TRAIN_ERROR, TEST_ERROR, GRADIENT, RATE, DEAD, STEPS, KINDS };

static double value_of(const hwv_epoch_stats *epoch, int kind)
{
    switch (kind) {
    case LOSS:
        return epoch->train_loss;
    case TEST_LOSS:
        return epoch->test_loss;
    case TRAIN_ERROR:
        return epoch->train_error;
    case TEST_ERROR:
        return epoch->test_error;
    case GRADIENT:
        return epoch->grad_norm;
    case RATE:
        return epoch->lr;
    case STEPS:
        return (double)epoch->steps;
    default:
        return (double)epoch->dead;
    }
}

/* Up to two kinds over the rounds. One alone has no name: the y axis says it. */
typedef struct course {
    hwv_caption caption;
    hwv_axis y;
    int kinds[2];
    const char *names[2];
    size_t count;
} course;

/* A course with what its plot points to. `values` has room for KINDS curves. */
typedef struct drawing {
    hwv_plot plot;
    hwv_series series[2];
} drawing;

static void draw(drawing *d, const hwv_cli_run *run, double *values, const course *c)
{
    const hwv_train_result *result = &run->result;
    const bool rounds = run->options.eval_every > 0;
    double *steps = values + STEPS * result->history_count;
    for (size_t i = 0; i < result->history_count; i++)
        steps[i] = value_of(&result->history[i], STEPS);
    for (size_t k = 0; k < c->count; k++) {
        double *y = values + (size_t)c->kinds[k] * result->history_count;
        for (size_t i = 0; i < result->history_count; i++)
            y[i] = value_of(&result->history[i], c->kinds[k]);
        d->series[k] = (hwv_series){.name = c->names[k],
                                    .x = rounds ? steps : NULL,
                                    .y = y,
                                    .count = result->history_count,
                                    .first_x = (double)result->history[0].epoch};
    }
    d->plot = (hwv_plot){.caption = c->caption,
                         .x = {.title = rounds ? "step" : "epoch", .whole = true},
                         .y = c->y,
                         .series = d->series,
                         .series_count = c->count};
}

static void page_course(hwv_page *page, const hwv_cli_run *run, double *values, const course *c)
{
    drawing d = {.series = {{0}}};
    draw(&d, run, values, c);
    hwv_page_plot(page, &d.plot);
}

static hwv_status values_make(double **values, const hwv_cli_run *run, hwv_error *error)
{
    size_t cells = 0;
    *values = NULL;
    if (hwv_size_mul(KINDS, run->result.history_count, &cells))
        *values = hwv_calloc(cells, sizeof **values);
    return *values != NULL ? HWV_OK : hwv_fail(error, HWV_ERR_MEMORY, "no memory for the curves");
}

static course loss_course(const hwv_cli_run *run)
{
    const bool tested = run->data->test.count > 0;
    return (course){{"Loss",
                     run->options.eval_every > 0 ? "training: mean over each round; test: after it"
                                                 : "training: mean over each epoch; test: after it",
                     NULL},
                    {.title = "loss", .log = true},
                    {LOSS, TEST_LOSS},
                    {tested ? "training" : NULL, "test"},
                    tested ? 2 : 1};
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
        hwv_page_paragraph(page, HWV_STYLE_PLAIN,
                           run->options.eval_every > 0 ? "The run ended within its first round: there are no curves."
                                                       : "The run ended within its first epoch: there are no curves.");
        return HWV_OK;
    }
    double *values;
    HWV_TRY(values_make(&values, run, error));
    const char *name = hwv_cli_round_name(run);
    char units[80], after[100], last[60];
    snprintf(units, sizeof units, "of %zu units, counted over the test part: an estimate", result->history[0].units);
    snprintf(after, sizeof after, "training: running, while the weights change; test: after each %s", name);
    snprintf(last, sizeof last, "of the last step of each %s", name);
    const course courses[] = {
        loss_course(run),
        {{"Error", after, NULL},
         {.title = "share wrong", .unit = HWV_UNIT_SHARE},
         {TRAIN_ERROR, TEST_ERROR},
         {"training", "test"},
         run->data->test.count > 0 ? 2 : 1},
        {{"Gradient norm", last, NULL}, {.title = "norm of all gradients", .log = true}, {GRADIENT}, {NULL}, 1},
        {{"Dead units", units, NULL}, dead_axis(result), {DEAD}, {NULL}, 1},
        {{"Learning rate", last, NULL}, {.title = "rate"}, {RATE}, {NULL}, 1},
    };
    const hwv_optimizer_options *optimizer = &run->options.optimizer;
    bool constant = optimizer->schedule == HWV_SCHEDULE_CONSTANT && optimizer->warmup == 0;
    for (size_t i = 0; i < sizeof courses / sizeof courses[0]; i++)
        if (courses[i].kinds[0] != RATE || !constant)
            page_course(page, run, values, &courses[i]);
    hwv_free(values);
    return HWV_OK;
}

/* Figures in large type, with room for what they point to. */
typedef struct key_figures {
    hwv_page_fact facts[7];
    hwv_number values[7];
    char details[7][80];
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
    if (run->data->block > 0)
        add_key(&keys, "test loss", hwv_cli_loss(run->data, result->test_loss), "perplexity %s, %s bits a %s",
                hwv_number_digits(exp(result->test_loss), 4).text,
                hwv_number_digits(result->test_loss / log(2), 4).text,
                run->data->vocabulary.bytes ? "byte" : "character");
    if (isfinite(result->test_error))
        add_key(&keys, "test error", hwv_number_percent(result->test_error, 2), "%.0f of %zu %s wrong",
                result->test_error * (double)samples, samples, hwv_cli_answers(run->data));
    add_key(&keys, "training error", hwv_number_percent(result->train_error, 2), "running, over the last 2,000 %s",
            hwv_cli_answers(run->data));
    add_key(&keys, "training loss", hwv_cli_loss(run->data, result->train_loss), "mean of the last %s or 100 steps",
            hwv_cli_round_name(run));
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
    hwv_text counted = {0};
    hwv_cli_counted_text(run, &counted);
    hwv_cli_layers_page(page, run->result.layers, run->result.layer_count, hwv_cli_part(&page->body, &counted));
    hwv_text_free(&counted);
    if (run->watch != NULL)
        hwv_cli_watch_page(run->watch, hwv_cli_round_name(run), page);
    if (run->sampler != NULL)
        hwv_cli_sampler_page(run->sampler, page);
    page_weights(page, run);
    hwv_cli_page_options(cli, page);
    hwv_cli_page_closing(cli, page);
    return HWV_OK;
}

/* The curves of the loss, into the file of --svg. */
static hwv_status save_svg(const hwv_cli *cli, const hwv_cli_run *run, hwv_error *error)
{
    double *values;
    drawing d = {.series = {{0}}};
    hwv_text svg = {0};
    if (run->result.history_count == 0)
        return hwv_fail(error, HWV_ERR_ARGUMENT, "--svg: the run ended within its first %s: there are no curves",
                        hwv_cli_round_name(run));
    HWV_TRY(values_make(&values, run, error));
    const course loss = loss_course(run);
    draw(&d, run, values, &loss);
    hwv_plot_svg(&d.plot, &svg);
    hwv_status status = hwv_report_save(cli->options.svg, &svg, error);
    hwv_text_free(&svg);
    hwv_free(values);
    return status;
}

hwv_status hwv_cli_run_page(hwv_cli *cli, const hwv_cli_run *run, hwv_error *error)
{
    if (cli->options.svg != NULL)
        HWV_TRY(save_svg(cli, run, error));
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
