/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Sample pictures: one of each kind with plausible data, and the awkward ones. Data comes from exact
 * arithmetic, so that every machine draws the same. Included by the tests of this folder. */
#ifndef TESTS_REPORT_FIGURES_H
#define TESTS_REPORT_FIGURES_H

#include <float.h>
#include <math.h>
#include <string.h>

#include "report/page.h"
#include "report/plot.h"
#include "report/table.h"

/* Where a picture is to be drawn: on a terminal, in an HTML page when term is NULL, or as SVG when both are. */
typedef struct target {
    const hwv_term *term;
    hwv_text *text;
    hwv_page *page;
} target;

static inline target to_term(const hwv_term *term, hwv_text *text)
{
    return (target){.term = term, .text = text};
}

static inline target to_svg(hwv_text *text)
{
    return (target){.text = text};
}

static inline target to_page(hwv_page *page)
{
    return (target){.page = page};
}

static void draw_plot(const hwv_plot *plot, target t)
{
    if (t.term != NULL)
        hwv_plot_text(plot, t.term, t.text);
    else if (t.page != NULL)
        hwv_page_plot(t.page, plot);
    else
        hwv_plot_svg(plot, t.text);
}

static void draw_bars(const hwv_bars *bars, target t)
{
    if (t.term != NULL)
        hwv_bars_text(bars, t.term, t.text);
    else if (t.page != NULL)
        hwv_page_bars(t.page, bars);
    else
        hwv_bars_svg(bars, t.text);
}

static void draw_histogram(const hwv_histogram *histogram, target t)
{
    if (t.term != NULL)
        hwv_histogram_text(histogram, t.term, t.text);
    else if (t.page != NULL)
        hwv_page_histogram(t.page, histogram);
    else
        hwv_histogram_svg(histogram, t.text);
}

static void draw_raster(const hwv_raster *raster, target t)
{
    if (t.term != NULL)
        hwv_raster_text(raster, t.term, t.text);
    else if (t.page != NULL)
        hwv_page_raster(t.page, raster);
    else
        hwv_raster_svg(raster, t.text);
}

static void draw_strip(const hwv_strip *strip, target t)
{
    if (t.term != NULL)
        hwv_strip_text(strip, t.term, t.text);
    else if (t.page != NULL)
        hwv_page_strip(t.page, strip);
    else
        hwv_strip_svg(strip, t.text);
}

static unsigned next_random(unsigned *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 16;
}

static void figure_loss(target t)
{
    enum { steps = 240 };
    static const char *const names[] = {"relu", "leaky_relu", "prelu", "tanh", "sigmoid"};
    static const double floors[] = {0.03, 0.035, 0.045, 0.06, 0.9}, speeds[] = {8, 7, 9, 20, 160};
    static double y[5][steps], low[steps], high[steps];
    hwv_series series[5];
    unsigned state = 1;
    memset(series, 0, sizeof series);
    for (size_t s = 0; s < 5; s++) {
        for (size_t i = 0; i < steps; i++) {
            double decay = speeds[s] / ((double)i + speeds[s]);
            y[s][i] = floors[s] + 2.25 * decay * decay * decay + (double)(next_random(&state) % 64) * decay / 600;
            low[i] = y[0][i] * 0.75;
            high[i] = y[0][i] * 1.5;
        }
        series[s].name = names[s];
        series[s].y = y[s];
        series[s].count = steps;
    }
    series[0].low = low;
    series[0].high = high;
    const hwv_reference references[] = {{.value = 0.1, .label = "target"},
                                        {.value = 120, .label = "rate / 10", .on_x = true}};
    draw_plot(&(hwv_plot){.caption = {.title = "Piecewise linear units learn first",
                                      .subtitle = "running loss, 64-32-10 on digits, median of 3 seeds",
                                      .note = "Band: range of the seeds, relu only."},
                          .x = {.title = "step"},
                          .y = {.title = "cross-entropy [nats]", .log = true},
                          .series = series,
                          .series_count = 5,
                          .references = references,
                          .reference_count = 2},
              t);
}

static void figure_functions(target t)
{
    static const double x3[] = {-3, 0, 3}, relu[] = {0, 0, 3}, leaky[] = {-0.3, 0, 3};
    static double x[121], soft[121];
    for (size_t i = 0; i < 121; i++) {
        x[i] = -3 + (double)i / 20;
        soft[i] = x[i] / (1 + fabs(x[i]));
    }
    const hwv_series series[] = {{.name = "relu", .x = x3, .y = relu, .count = 3},
                                 {.name = "leaky_relu(0.1)", .x = x3, .y = leaky, .count = 3},
                                 {.name = "softsign", .x = x, .y = soft, .count = 121}};
    draw_plot(&(hwv_plot){.caption = {.title = "Three activations"},
                          .x = {.title = "x"},
                          .y = {.title = "f(x)"},
                          .series = series,
                          .series_count = 3},
              t);
}

static void figure_gradient(target t)
{
    enum { layers = 12 };
    static double measured[3][layers], theory[3][layers];
    static const char *const names[] = {"relu", "tanh", "sigmoid"};
    static const double ratios[] = {1, 0.75, 0.25};
    hwv_series series[6];
    memset(series, 0, sizeof series);
    unsigned state = 7;
    for (size_t s = 0; s < 3; s++) {
        double value = 0.01;
        for (size_t i = layers; i-- > 0; value *= ratios[s]) {
            theory[s][i] = value;
            measured[s][i] = value * (0.7 + (double)(next_random(&state) % 64) / 100);
        }
        series[s] = (hwv_series){
            .name = names[s], .y = measured[s], .count = layers, .first_x = 1, .color = s + 1, .line = HWV_LINE_POINTS};
        series[s + 3] = (hwv_series){.name = s == 2 ? "mean field" : NULL,
                                     .y = theory[s],
                                     .count = layers,
                                     .first_x = 1,
                                     .color = s + 1,
                                     .line = HWV_LINE_DASHED};
    }
    draw_plot(&(hwv_plot){.caption = {.title = "Sigmoid's first layer hears a millionth of the error",
                                      .subtitle = "RMS of dL/dz at initialisation, 12 layers of 64"},
                          .x = {.title = "layer", .whole = true},
                          .y = {.title = "RMS gradient", .log = true},
                          .series = series,
                          .series_count = 6},
              t);
}

/* NaN, infinities, a single point, a constant, nothing at all; hostile strings. */
static void figure_odd(target t)
{
    static const double broken[] = {1, 2, NAN, 3, INFINITY, 2, -INFINITY, 1, NAN}, one[] = {1.5};
    static const double flat[] = {1, 1, 1, 1, 1, 1, 1, 1, 1};
    const hwv_series series[] = {{.name = "broken", .y = broken, .count = 9},
                                 {.name = "one", .y = one, .count = 1, .first_x = 3},
                                 {.name = "flat\n\x1b[2J", .y = flat, .count = 9},
                                 {.name = "none"}};
    draw_plot(&(hwv_plot){.caption = {.title = "Odd \x1b[31m & <b>\"quoted\"</b> ]]>",
                                      .subtitle = "\xff\xc0\x80 damaged, ünïcöde, 日本, \x01 \x7f controls"},
                          .x = {.title = "t"},
                          .y = {.title = "y"},
                          .series = series,
                          .series_count = 4},
              t);
}

static void figure_empty(target t)
{
    draw_plot(&(hwv_plot){.caption = {.title = "Nothing yet"}, .y = {.title = "loss"}}, t);
}

static void figure_huge(target t)
{
    static const double wide[] = {-DBL_MAX, 0, DBL_MAX}, tiny[] = {5e-324, 1e-300, 1};
    const hwv_series series[] = {{.name = "wide", .y = wide, .count = 3}, {.name = "tiny", .y = tiny, .count = 3}};
    draw_plot(&(hwv_plot){.caption = {.title = "As wide as doubles go"}, .series = series, .series_count = 2}, t);
}

static void figure_huge_log(target t)
{
    static const double y[] = {5e-324, 1e-300, 0, -1, 1, 1e300};
    const hwv_series series[] = {{.name = "y", .y = y, .count = 6}};
    draw_plot(
        &(hwv_plot){
            .caption = {.title = "Six hundred decades"}, .y = {.log = true}, .series = series, .series_count = 1},
        t);
}

static void figure_flat(target t)
{
    static const double y[] = {0.25, 0.25, 0.25, 0.25};
    const hwv_series series[] = {{.y = y, .count = 4}};
    draw_plot(&(hwv_plot){.caption = {.title = "Constant"},
                          .x = {.title = "epoch", .whole = true},
                          .y = {.title = "test error", .unit = HWV_UNIT_SHARE},
                          .series = series,
                          .series_count = 1},
              t);
}

/* Nine series: more than the palette has. */
static void figure_many(target t)
{
    static const char *const names[] = {"a",      "bb",      "ccc",      "dddd",     "eeeee",
                                        "ffffff", "ggggggg", "hhhhhhhh", "iiiiiiiii"};
    static double y[9][5];
    hwv_series series[9];
    memset(series, 0, sizeof series);
    for (size_t s = 0; s < 9; s++) {
        for (size_t i = 0; i < 5; i++)
            y[s][i] = (double)(s * i) + 1;
        series[s].name = names[s];
        series[s].y = y[s];
        series[s].count = 5;
    }
    draw_plot(&(hwv_plot){.caption = {.title = "Nine of them"}, .series = series, .series_count = 9}, t);
}

/* A fixed axis that cuts the data off, and units. */
static void figure_cut(target t)
{
    static double x[100], y[100];
    for (size_t i = 0; i < 100; i++) {
        x[i] = (double)i * 64 * 1024;
        y[i] = (double)(i % 10) * 1e-4;
    }
    y[5] = 1e300;
    x[99] = 1e300;
    const hwv_series series[] = {{.name = "step", .x = x, .y = y, .count = 100, .low = y, .high = y}};
    draw_plot(&(hwv_plot){.x = {.title = "array", .unit = HWV_UNIT_BYTES, .minimum = 1048576, .maximum = 4194304},
                          .y = {.title = "time", .unit = HWV_UNIT_SECONDS, .minimum = 2e-4, .maximum = 6e-4},
                          .series = series,
                          .series_count = 1},
              t);
}

static void cost_bars(target t, bool log)
{
    static const char *const groups[] = {"relu", "leaky_relu", "prelu", "sigmoid", "tanh", "libm tanh"};
    static const char *const series[] = {"forward", "backward"};
    static const double values[] = {0.081, 0.12, 0.082, 0.121, 0.083, 0.16, 0.45, 0.14, 0.52, 0.14, 11.8, NAN};
    static const double marks[] = {0.078, 0.115, 0.078, 0.115, 0.078, 0.115, 0.078, 0.115, 0.078, 0.115, NAN, NAN};
    draw_bars(&(hwv_bars){.caption = {.title = "relu costs what a copy costs",
                                      .subtitle = "f32, 512 KiB, one thread",
                                      .note = "Copy ceiling: the fastest way to move the same bytes."},
                          .axis = {.title = "ns per element", .log = log},
                          .groups = groups,
                          .group_count = 6,
                          .series = series,
                          .series_count = 2,
                          .values = values,
                          .marks = marks,
                          .mark_label = "copy ceiling"},
              t);
}

static void figure_bars(target t)
{
    cost_bars(t, false);
}

static void figure_bars_log(target t)
{
    cost_bars(t, true);
}

static void figure_bars_one(target t)
{
    static const char *const groups[] = {"relu", "leaky_relu", "a rather long name that must be cut", "tanh"};
    static const double values[] = {0.031, 0.028, 0, 0.083};
    static const size_t colors[] = {1, 2, 3, 4};
    const hwv_reference references[] = {{.value = 0.05, .label = "target 5 %"}};
    draw_bars(&(hwv_bars){.caption = {.title = "Test error"},
                          .axis = {.title = "test error", .unit = HWV_UNIT_SHARE},
                          .groups = groups,
                          .group_count = 4,
                          .series_count = 1,
                          .values = values,
                          .colors = colors,
                          .references = references,
                          .reference_count = 1},
              t);
}

/* Negative, infinite, missing, and zero on a log axis. */
static void figure_bars_odd(target t)
{
    static const char *const groups[] = {"minus", "plus", "inf", "nan", "zero"};
    static const double values[] = {-2, 3, INFINITY, NAN, 0};
    draw_bars(
        &(hwv_bars){
            .axis = {.title = "change"}, .groups = groups, .group_count = 5, .series_count = 1, .values = values},
        t);
}

static void figure_bars_empty(target t)
{
    draw_bars(&(hwv_bars){.caption = {.title = "No bars"}, .axis = {.title = "ns", .log = true}}, t);
}

static void rate_histogram(target t, bool log, bool apart)
{
    static double edges[25], counts[24];
    hwv_histogram_edges(edges, 24, 1.0 / 8192, 1, true);
    for (size_t i = 0; i < 24; i++)
        counts[i] = i < 8 ? (double)(i % 3) : (double)(i - 7) * (double)(24 - i) * 2;
    draw_histogram(&(hwv_histogram){.caption = {.title = "Most units fire on a tenth of the inputs",
                                                .subtitle = "firing rate of the units of layer 2"},
                                    .x = {.title = "share of inputs", .unit = HWV_UNIT_SHARE, .log = true},
                                    .y = {.title = "units", .whole = true, .log = log},
                                    .edges = edges,
                                    .counts = counts,
                                    .bins = 24,
                                    .has_apart = apart,
                                    .apart = 61,
                                    .apart_label = "never"},
                   t);
}

static void figure_histogram(target t)
{
    rate_histogram(t, false, true);
}

static void figure_histogram_log(target t)
{
    rate_histogram(t, true, false);
}

static void figure_histogram_empty(target t)
{
    static const double edges[] = {0};
    draw_histogram(&(hwv_histogram){.caption = {.title = "No bins"}, .edges = edges}, t);
}

static void units_raster(target t, bool by_rate, size_t inputs)
{
    enum { units = 40, most = 400 };
    static uint8_t cells[units * most];
    unsigned state = 3;
    for (size_t r = 0; r < units; r++)
        for (size_t i = 0; i < inputs; i++)
            cells[r * inputs + i] = r % 7 != 3 && next_random(&state) % 100 < 5 + r * 37 % units * 2 ? 255 : 0;
    draw_raster(&(hwv_raster){.caption = {.title = "A seventh of the layer never answers"},
                              .row_title = "units",
                              .column_title = "inputs",
                              .cells = cells,
                              .rows = units,
                              .columns = inputs,
                              .by_rate = by_rate},
                t);
}

static void figure_raster(target t)
{
    units_raster(t, true, 400);
}

static void figure_raster_small(target t)
{
    static const uint8_t cells[5 * 7] = {255, 0,   255, 0, 255, 0, 255, 0, 0,   0, 0,   0,   0, 0, 255, 255, 255, 255,
                                         255, 255, 255, 0, 255, 0, 255, 0, 255, 0, 255, 255, 0, 0, 0,   255, 255};
    draw_raster(&(hwv_raster){.cells = cells, .rows = 5, .columns = 7}, t);
}

static void figure_raster_empty(target t)
{
    draw_raster(&(hwv_raster){.caption = {.title = "No units"}}, t);
}

static const char *const strip_parts[] = {"dead", "rare", "firing", "always on"};
static const hwv_style strip_styles[] = {HWV_STYLE_BAD, HWV_STYLE_SERIES + 3, HWV_STYLE_SERIES, HWV_STYLE_SERIES + 6};

/* A part too small for a step, an empty row, one part only, and values that are no amounts. */
static void figure_strip(target t)
{
    static const char *const rows[] = {"1  fc1", "2  a rather long name that must be cut", "3  none", "4  odd",
                                       "5  fc5"};
    static const char *const notes[] = {"87 of 128 dead", "4 of 1000", "", "odd", "64 units"};
    static const double values[] = {87, 26, 14, 1, 4, 0, 995, 1, 0, 0, 0, 0, NAN, -3, INFINITY, 2, 0, 0, 64, 0};
    draw_strip(&(hwv_strip){.caption = {.title = "87 of 128 units of layer 1 never fire",
                                        .subtitle = "What the units of each layer do"},
                            .axis_title = "share of the layer's units",
                            .rows = rows,
                            .row_count = 5,
                            .parts = strip_parts,
                            .part_count = 4,
                            .styles = strip_styles,
                            .values = values,
                            .notes = notes},
               t);
}

static void figure_strip_empty(target t)
{
    draw_strip(
        &(hwv_strip){.caption = {.title = "No rows"}, .parts = strip_parts, .part_count = 4, .styles = strip_styles},
        t);
}

static void figure_table(target t)
{
    static const hwv_column columns[] = {{"layer", HWV_LEFT},  {"units", HWV_RIGHT},         {"dead", HWV_RIGHT},
                                         {"zeros", HWV_RIGHT}, {"rate over time", HWV_LEFT}, {"verdict", HWV_LEFT}};
    static const char *const verdicts[] = {"sick", "look", "healthy"};
    static const hwv_style styles[] = {HWV_STYLE_BAD, HWV_STYLE_WARN, HWV_STYLE_GOOD};
    hwv_table table = {.caption = {.title = "Units by layer", .note = "Zeros are not death: about half is healthy."},
                       .columns = columns,
                       .column_count = 6};
    for (size_t i = 0; i < 3; i++) {
        double rates[30];
        for (size_t k = 0; k < 30; k++)
            rates[k] = k == 20 && i == 1 ? NAN : (double)(k * k * (i + 1) % 70 + 3 * k);
        hwv_text spark = {0};
        hwv_spark_text(rates, 30, 15, t.term == NULL || t.term->utf8, &spark);
        hwv_table_cell(&table, HWV_STYLE_PLAIN, "fc%zu \xe2\x86\x92 \xe6\x97\xa5", i + 1);
        hwv_table_cell(&table, HWV_STYLE_PLAIN, "%d", 64);
        hwv_table_cell(&table, styles[i], "%zu", 21 - 10 * i);
        hwv_table_cell(&table, HWV_STYLE_PLAIN, "%s", hwv_number_percent(0.5 + 0.125 * (double)i, 1).text);
        hwv_table_cell(&table, HWV_STYLE_SERIES, "%s", spark.data != NULL ? spark.data : "");
        hwv_table_cell(&table, styles[i], "%s", verdicts[i]);
        table.failed = table.failed || spark.failed;
        hwv_text_free(&spark);
    }
    hwv_table_rule(&table);
    hwv_table_cell(&table, HWV_STYLE_STRONG, "model");
    hwv_table_cell(&table, HWV_STYLE_STRONG, "%d", 192);
    hwv_table_cell(&table, HWV_STYLE_STRONG, "%d", 33);
    if (t.term != NULL)
        hwv_table_text(&table, t.term, t.text);
    else
        hwv_page_table(t.page, &table, NULL);
    hwv_table_free(&table);
}

typedef struct figure {
    const char *name;
    void (*draw)(target t);
    bool no_svg;
} figure;

static const figure figures[] = {
    {"loss", figure_loss, false},
    {"functions", figure_functions, false},
    {"gradient", figure_gradient, false},
    {"odd", figure_odd, false},
    {"empty", figure_empty, false},
    {"huge", figure_huge, false},
    {"huge-log", figure_huge_log, false},
    {"flat", figure_flat, false},
    {"many", figure_many, false},
    {"cut", figure_cut, false},
    {"bars", figure_bars, false},
    {"bars-log", figure_bars_log, false},
    {"bars-one", figure_bars_one, false},
    {"bars-odd", figure_bars_odd, false},
    {"bars-empty", figure_bars_empty, false},
    {"histogram", figure_histogram, false},
    {"histogram-log", figure_histogram_log, false},
    {"histogram-empty", figure_histogram_empty, false},
    {"raster", figure_raster, false},
    {"raster-small", figure_raster_small, false},
    {"raster-empty", figure_raster_empty, false},
    {"strip", figure_strip, false},
    {"strip-empty", figure_strip_empty, false},
    {"table", figure_table, true},
};

#define FIGURES (sizeof figures / sizeof figures[0])

#endif
