/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * A learning rate that is too large kills ReLUs; what a slope on the other side changes. */
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "halfwave/memory.h"
#include "study/claims.h"
#include "study/run.h"

#define NOTATION   "fc 64; act; fc 64; act; fc 10"
#define LARGE_RATE 0.03
#define GOOD_RATE  0.001

enum { CASES = 4, LAYERS = 2, UNITS = 64, EPOCHS = 15, CLASSES = 10, PER_CLASS = 6, INPUTS = CLASSES * PER_CLASS };

typedef struct case_ {
    const char *name, *key;
    hwv_op op;
    double rate;
    size_t color; /* the same for an operator in all pictures */
} case_;

static const case_ cases[CASES] = {
    {"relu, good rate", "relu_good", HWV_OP_RELU, GOOD_RATE, HWV_COLOR_OTHER},
    {"relu", "relu", HWV_OP_RELU, LARGE_RATE, HWV_COLOR_RELU},
    {"leaky_relu", "leaky_relu", HWV_OP_LEAKY_RELU, LARGE_RATE, HWV_COLOR_LEAKY_RELU},
    {"prelu", "prelu", HWV_OP_PRELU, LARGE_RATE, HWV_COLOR_PRELU},
};

/* Filled after each epoch by counting every unit over the training set. */
typedef struct history {
    const hwv_study *study;
    hwv_model *model;
    double total[EPOCHS];           /* silent units of all layers */
    bool was_silent[LAYERS][UNITS]; /* at the end of some epoch */
    bool is_silent[LAYERS][UNITS];
    size_t epochs, dead;
    double zeros;
    hwv_status status;
    hwv_error error;
} history;

static void count(history *h)
{
    hwv_layer_stats *layers = NULL;
    size_t layer_count = 0;
    const hwv_study *s = h->study;
    if (h->status == HWV_OK)
        h->status = hwv_count_units(h->model, s->data, &s->data->train, s->executor, &layers, &layer_count, &h->error);
    if (h->status != HWV_OK)
        return;
    h->dead = 0;
    h->zeros = 0;
    h->total[h->epochs] = 0;
    for (size_t l = 0; l < LAYERS && l < layer_count; l++) {
        h->dead += layers[l].dead;
        h->zeros += layers[l].zeros / LAYERS;
        for (size_t u = 0; u < UNITS && u < layers[l].units; u++) {
            bool silent = layers[l].fired[u] == 0;
            h->is_silent[l][u] = silent;
            h->was_silent[l][u] |= silent;
            h->total[h->epochs] += silent;
        }
    }
    hwv_layer_stats_free(layers, layer_count);
}

static void after_epoch(void *self, const hwv_epoch_stats *epoch)
{
    history *h = self;
    (void)epoch;
    if (h->epochs < EPOCHS) {
        count(h);
        h->epochs++;
    }
}

/* Units that were silent once and fire now. */
static size_t woken(const history *h)
{
    size_t sum = 0;
    for (size_t l = 0; l < LAYERS; l++)
        for (size_t u = 0; u < UNITS; u++)
            sum += h->was_silent[l][u] && !h->is_silent[l][u];
    return sum;
}

static hwv_status run(const hwv_study *study, const case_ *c, history *h, hwv_model *model, double *test_error,
                      hwv_error *error)
{
    hwv_train_options options = hwv_train_defaults();
    options.optimizer.optimizer = HWV_OPTIMIZER_ADAM;
    options.optimizer.lr = c->rate;
    options.epochs = EPOCHS;
    options.seed = study->seed;
    h->study = study;
    h->model = model;
    hwv_train_hooks hooks = {.self = h, .epoch = after_epoch};
    hwv_train_result result;
    HWV_TRY(hwv_study_train(study, NOTATION, c->op, &options, &hooks, model, &result, error));
    *test_error = result.test_error;
    bool diverged = result.diverged[0] != '\0';
    hwv_train_result_free(&result);
    if (h->status != HWV_OK)
        return hwv_fail(error, h->status, "%s", h->error.text);
    if (diverged)
        return hwv_fail(error, HWV_ERR_NUMERIC, "death: %s diverged at rate %g", c->name, c->rate);
    return HWV_OK;
}

/* Test samples sorted by class, PER_CLASS of each: classes show up as stripes. */
static void choose_inputs(const hwv_data *data, uint32_t rows[INPUTS])
{
    size_t chosen = 0;
    for (int32_t class = 0; class < CLASSES; class ++)
        for (size_t i = 0, found = 0; i < data->test.count && found < PER_CLASS; i++)
            if (data->test.labels[i] == class) {
                rows[chosen++] = (uint32_t)i;
                found++;
            }
    assert(chosen == INPUTS);
}

/* Which units of the first layer fire for the chosen inputs. */
static hwv_status photograph(const hwv_study *study, hwv_model *model, uint8_t *cells, hwv_error *error)
{
    hwv_plan_options options = {.batch = INPUTS, .passes = 0, .executor = study->executor};
    hwv_plan *plan = NULL;
    HWV_TRY(hwv_plan_create(&plan, model->graph, model->weights, model->logits, &options, error));
    uint32_t rows[INPUTS];
    int32_t labels[INPUTS]; /* not needed by the logits */
    choose_inputs(study->data, rows);
    hwv_data_gather(study->data, &study->data->test, rows, 0, INPUTS, hwv_plan_data(plan, model->input), labels);
    hwv_plan_forward(plan);
    hwv_id id = hwv_graph_find(model->graph, "act1");
    const float *y = id == HWV_NO_ID ? NULL : hwv_plan_data(plan, id);
    if (y == NULL) {
        hwv_plan_destroy(plan);
        return hwv_fail(error, HWV_ERR_INTERNAL, "death: the model has no value act1");
    }
    for (size_t u = 0; u < UNITS; u++)
        for (size_t i = 0; i < INPUTS; i++)
            cells[u * INPUTS + i] = y[i * UNITS + u] > 0 ? 255 : 0;
    hwv_plan_destroy(plan);
    return HWV_OK;
}

static void show_curve(hwv_finding *finding, const history *all)
{
    hwv_series series[CASES];
    memset(series, 0, sizeof series);
    for (size_t i = 0; i < CASES; i++)
        series[i] = (hwv_series){
            .name = cases[i].name, .y = all[i].total, .count = EPOCHS, .first_x = 1, .color = cases[i].color};
    char subtitle[160];
    snprintf(subtitle, sizeof subtitle, "of %d units (%s), adam, rate %g against %g", LAYERS * UNITS, NOTATION,
             LARGE_RATE, GOOD_RATE);
    hwv_plot plot = {
        .caption = {.title = "Units that fire for none of 1,437 training samples", .subtitle = subtitle},
        .x = {.title = "epoch", .whole = true},
        .y = {.title = "silent units", .whole = true},
        .series = series,
        .series_count = CASES,
    };
    hwv_finding_plot(finding, "death", &plot);
}

static void show_raster(hwv_finding *finding, const char *name, const char *title, const uint8_t *cells,
                        const bool *silent)
{
    /* Marked are the units that no training sample wakes, not those that these few inputs happen to miss. */
    uint8_t dead[UNITS];
    for (size_t u = 0; u < UNITS; u++)
        dead[u] = silent[u];
    hwv_raster raster = {
        .caption = {.title = title,
                    .subtitle = "each row a unit of layer 1, each column a test digit, sorted 0 to 9; lit: it fired",
                    .note = "Marked rows fired for none of the 1,437 training samples either."},
        .row_title = "units",
        .column_title = "inputs",
        .cells = cells,
        .rows = UNITS,
        .columns = INPUTS,
        .dead = dead,
        .by_rate = true,
        .text_rows = 16,
    };
    hwv_finding_raster(finding, name, &raster);
}

static void tabulate(hwv_finding *finding, const history *all, const double *test_error)
{
    static const hwv_column columns[] = {{.title = "network"},
                                         {.title = "rate", .align = HWV_RIGHT},
                                         {.title = "silent", .align = HWV_RIGHT},
                                         {.title = "dead", .align = HWV_RIGHT},
                                         {.title = "woke again", .align = HWV_RIGHT},
                                         {.title = "zeros", .align = HWV_RIGHT},
                                         {.title = "test error", .align = HWV_RIGHT}};
    hwv_table table = {.columns = columns, .column_count = sizeof columns / sizeof columns[0]};
    for (size_t i = 0; i < CASES; i++) {
        const history *h = &all[i];
        double silent = h->total[EPOCHS - 1];
        hwv_table_cell(&table, HWV_STYLE_PLAIN, "%s", cases[i].name);
        hwv_table_cell(&table, HWV_STYLE_PLAIN, "%s", hwv_number_plain(cases[i].rate).text);
        hwv_table_cell(&table, HWV_STYLE_PLAIN, "%.0f", silent);
        hwv_table_cell(&table, h->dead > 0 ? HWV_STYLE_BAD : HWV_STYLE_GOOD, "%zu", h->dead);
        hwv_table_cell(&table, HWV_STYLE_PLAIN, "%zu", woken(h));
        hwv_table_cell(&table, HWV_STYLE_FAINT, "%.0f %%", 100 * h->zeros);
        hwv_table_cell(&table, HWV_STYLE_PLAIN, "%.1f %%", 100 * test_error[i]);
        hwv_finding_figure(finding, silent, "%s_silent", cases[i].key);
        hwv_finding_figure(finding, (double)h->dead, "%s_dead", cases[i].key);
        hwv_finding_figure(finding, (double)woken(h), "%s_woken", cases[i].key);
        hwv_finding_figure(finding, h->zeros, "%s_zeros", cases[i].key);
        hwv_finding_figure(finding, test_error[i], "%s_test_error", cases[i].key);
    }
    hwv_finding_table(finding, &table);
    hwv_table_free(&table);
}

static void judge(hwv_finding *finding, const history *all, const double *test_error)
{
    const history *relu = &all[1], *leaky = &all[2], *prelu = &all[3];
    double share = (double)relu->dead / (LAYERS * UNITS);
    bool die = share > 0.1 && relu->dead > 2 * all[0].dead;
    size_t woken_slopes = woken(leaky) + woken(prelu);
    double silent_slopes = fmax(leaky->total[EPOCHS - 1], prelu->total[EPOCHS - 1]);
    bool cured = silent_slopes < 0.5 * relu->total[EPOCHS - 1];
    hwv_finding_verdict(
        finding,
        die && cured   ? HWV_CLAIM_HOLDS
        : die || cured ? HWV_CLAIM_PARTLY
                       : HWV_CLAIM_CONTRADICTED,
        "At rate %g, %zu of %d ReLU units are dead after %d epochs (%zu at rate %g), and %zu that fell silent "
        "woke again. With leaky_relu %.0f and with prelu %.0f are silent, none of them without gradient; %zu "
        "that had fallen silent fire again.",
        LARGE_RATE, relu->dead, LAYERS * UNITS, EPOCHS, all[0].dead, GOOD_RATE, woken(relu), leaky->total[EPOCHS - 1],
        prelu->total[EPOCHS - 1], woken_slopes);
    hwv_finding_say(
        finding,
        "Accuracy does not show it: with %.0f %% of its units dead the ReLU network still errs on only %.1f %% of the "
        "test digits (%.1f %% at the good rate; leaky_relu %.1f %%, prelu %.1f %%). And zeros are not death: "
        "at the good rate %.0f %% of all entries are 0, with %zu dead units.",
        100 * share, 100 * test_error[1], 100 * test_error[0], 100 * test_error[2], 100 * test_error[3],
        100 * all[0].zeros, all[0].dead);
}

hwv_status hwv_claim_death(const hwv_study *study, hwv_finding *finding, hwv_error *error)
{
    static const char *const titles[CASES] = {NULL, "relu: who fires", "leaky_relu: who fires", NULL};
    static const char *const names[CASES] = {NULL, "death-relu", "death-leaky", NULL};
    uint8_t cells[CASES][UNITS * INPUTS];
    history all[CASES];
    double test_error[CASES];
    memset(all, 0, sizeof all);
    for (size_t i = 0; i < CASES; i++) {
        HWV_TRY(hwv_study_step(study, cases[i].name, (double)i / CASES, error));
        hwv_model model = {0};
        HWV_TRY(run(study, &cases[i], &all[i], &model, &test_error[i], error));
        hwv_status status = names[i] == NULL ? HWV_OK : photograph(study, &model, cells[i], error);
        hwv_model_free(&model);
        HWV_TRY(status);
    }
    show_curve(finding, all);
    for (size_t i = 0; i < CASES; i++)
        if (names[i] != NULL)
            show_raster(finding, names[i], titles[i], cells[i], all[i].is_silent[0]);
    tabulate(finding, all, test_error);
    judge(finding, all, test_error);
    return HWV_OK;
}
