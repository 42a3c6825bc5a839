/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What was watched: as JSON, on the screen, on the page. */
#include "watch.h"

#include <stdio.h>
#include <string.h>

#include "halfwave/memory.h"
#include "report/number.h"
#include "report/table.h"
#include "training.h"

/* Rows on a screen, and curves in a picture: the rest is in the log and in the JSON. */
enum { SHOWN = 10, CURVES = 6 };

void hwv_cli_watch_layer_json(const hwv_cli_watch *w, size_t i, size_t layer, hwv_json_writer *json)
{
    size_t epoch, units;
    const hwv_cli_watched *of = &hwv_cli_watch_at(w, i, &epoch)[layer];
    (void)hwv_cli_watch_layer(w, layer, &units);
    hwv_cli_json_count(json, "units", units);
    hwv_cli_json_count(json, "dead", of->dead);
    hwv_cli_json_count(json, "rare", of->rare);
    hwv_cli_json_count(json, "always_on", of->always_on);
    hwv_cli_json_number(json, "zeros", of->zeros);
    hwv_cli_json_number(json, "gradient_rms", of->gradient);
}

void hwv_cli_watch_attention_json(const hwv_cli_watch *w, size_t i, size_t attention, hwv_json_writer *json)
{
    const hwv_cli_attending *of = &hwv_cli_watch_attending(w, i)[attention];
    hwv_cli_json_number(json, "entropy_bits", of->bits);
    hwv_cli_json_number(json, "evenness", of->evenness);
}

static void json_epoch(const hwv_cli_watch *w, size_t i, hwv_json_writer *json)
{
    size_t epoch, units;
    (void)hwv_cli_watch_at(w, i, &epoch);
    hwv_json_begin_object(json);
    hwv_cli_json_count(json, "epoch", epoch);
    hwv_json_key(json, "layers");
    hwv_json_begin_array(json);
    for (size_t l = 0; l < hwv_cli_watch_layers(w); l++) {
        hwv_json_begin_object(json);
        hwv_cli_json_text(json, "name", hwv_cli_watch_layer(w, l, &units));
        hwv_cli_watch_layer_json(w, i, l, json);
        hwv_json_end(json);
    }
    hwv_json_end(json);
    hwv_json_key(json, "attentions");
    hwv_json_begin_array(json);
    for (size_t a = 0; a < hwv_cli_watch_attentions(w); a++) {
        hwv_json_begin_object(json);
        hwv_cli_json_text(json, "name", hwv_cli_watch_attention(w, a));
        hwv_cli_watch_attention_json(w, i, a, json);
        hwv_json_end(json);
    }
    hwv_json_end(json);
    hwv_json_end(json);
}

void hwv_cli_watch_json(const hwv_cli_watch *w, hwv_json_writer *json)
{
    const hwv_cli_death *deaths;
    size_t count = hwv_cli_watch_deaths(w, &deaths), units;
    hwv_json_key(json, "watch");
    hwv_json_begin_object(json);
    hwv_json_key(json, "epochs");
    hwv_json_begin_array(json);
    for (size_t i = 0; i < hwv_cli_watch_epochs(w); i++)
        json_epoch(w, i, json);
    hwv_json_end(json);
    hwv_json_key(json, "deaths");
    hwv_json_begin_array(json);
    for (size_t i = 0; i < count; i++) {
        hwv_json_begin_object(json);
        hwv_cli_json_text(json, "layer", hwv_cli_watch_layer(w, deaths[i].layer, &units));
        hwv_cli_json_count(json, "unit", deaths[i].unit);
        hwv_cli_json_bool(json, "born_dead", deaths[i].born);
        hwv_cli_json_count(json, "epoch", deaths[i].epoch);
        hwv_cli_json_count(json, "step", deaths[i].step);
        hwv_cli_json_number(json, "lr", deaths[i].lr);
        hwv_cli_json_number(json, "grad_norm", deaths[i].grad_norm);
        hwv_json_end(json);
    }
    hwv_json_end(json);
    hwv_cli_json_count(json, "revivals", hwv_cli_watch_revivals(w));
    hwv_json_end(json);
}

enum { DEATH_COLUMNS = 6 };

static void death_columns(const char *round, hwv_column columns[DEATH_COLUMNS])
{
    const hwv_column of[DEATH_COLUMNS] = {{"layer", HWV_LEFT}, {"unit", HWV_RIGHT}, {round, HWV_RIGHT},
                                          {"step", HWV_RIGHT}, {"rate", HWV_RIGHT}, {"gradient norm", HWV_RIGHT}};
    memcpy(columns, of, sizeof of);
}

static void death_row(const hwv_cli_watch *w, const hwv_cli_death *death, hwv_table *table)
{
    size_t units;
    hwv_table_cell(table, HWV_STYLE_STRONG, "%s", hwv_cli_watch_layer(w, death->layer, &units));
    hwv_table_cell(table, HWV_STYLE_PLAIN, "%zu", death->unit);
    hwv_table_cell(table, HWV_STYLE_PLAIN, "%zu", death->epoch);
    if (death->born) {
        hwv_table_cell(table, HWV_STYLE_FAINT, "born so");
        hwv_table_cell(table, HWV_STYLE_FAINT, " ");
        hwv_table_cell(table, HWV_STYLE_FAINT, " ");
        return;
    }
    hwv_table_cell(table, HWV_STYLE_PLAIN, "%zu", death->step);
    hwv_table_cell(table, HWV_STYLE_PLAIN, "%s", hwv_number_digits(death->lr, 4).text);
    hwv_table_cell(table, HWV_STYLE_PLAIN, "%s", hwv_number_digits(death->grad_norm, 4).text);
}

/* Deaths first; those that were born so are no event. */
static void death_rows(const hwv_cli_watch *w, size_t most, hwv_table *table)
{
    const hwv_cli_death *deaths;
    size_t count = hwv_cli_watch_deaths(w, &deaths), rows = 0;
    for (int born = 0; born < 2; born++)
        for (size_t i = 0; i < count && rows < most; i++)
            if (deaths[i].born == (born == 1)) {
                death_row(w, &deaths[i], table);
                rows++;
            }
}

/* "12 units died, 2 of them fired again; 1 was silent before the first step" */
static void sentence(const hwv_cli_watch *w, char *text, size_t size)
{
    const hwv_cli_death *deaths;
    size_t count = hwv_cli_watch_deaths(w, &deaths), born = 0;
    for (size_t i = 0; i < count; i++)
        born += deaths[i].born;
    int at = snprintf(text, size, "%zu unit%s fell silent during training", count - born, count - born == 1 ? "" : "s");
    if (hwv_cli_watch_revivals(w) > 0 && at > 0 && (size_t)at < size)
        at += snprintf(text + at, size - (size_t)at, ", %zu time%s one fired again", hwv_cli_watch_revivals(w),
                       hwv_cli_watch_revivals(w) == 1 ? "" : "s");
    if (born > 0 && at > 0 && (size_t)at < size)
        snprintf(text + at, size - (size_t)at, "; %zu %s silent before the first step", born,
                 born == 1 ? "was" : "were");
}

static void gradient_cell(hwv_table *table, double rms)
{
    if (rms == rms)
        hwv_table_cell(table, HWV_STYLE_PLAIN, "%s", hwv_number_digits(rms, 3).text);
    else
        hwv_table_cell(table, HWV_STYLE_FAINT, "-");
}

/* Gradients by depth and the evenness of attention, before the first step and at the end. */
static void print_depth(hwv_cli *cli, const hwv_cli_watch *w)
{
    static const hwv_column depth[] = {{"layer", HWV_LEFT}, {"gradient", HWV_RIGHT}, {"at the end", HWV_RIGHT}},
                            even[] = {{"attention", HWV_LEFT}, {"evenness", HWV_RIGHT}, {"at the end", HWV_RIGHT}};
    hwv_table layers = {.caption = {.title = "Gradients by depth",
                                    .subtitle = "root mean square of dL/dz, before the first step and at the end"},
                        .columns = depth,
                        .column_count = 3};
    hwv_table attentions = {
        .caption = {.title = "Attention", .subtitle = "entropy as a share of the largest, mean over heads and queries"},
        .columns = even,
        .column_count = 3};
    const size_t last = hwv_cli_watch_epochs(w) - 1;
    size_t epoch, units;
    const hwv_cli_watched *first = hwv_cli_watch_at(w, 0, &epoch), *end = hwv_cli_watch_at(w, last, &epoch);
    for (size_t l = 0; l < hwv_cli_watch_layers(w); l++) {
        hwv_table_cell(&layers, HWV_STYLE_STRONG, "%s", hwv_cli_watch_layer(w, l, &units));
        gradient_cell(&layers, first[l].gradient);
        gradient_cell(&layers, end[l].gradient);
    }
    for (size_t a = 0; a < hwv_cli_watch_attentions(w); a++) {
        hwv_table_cell(&attentions, HWV_STYLE_STRONG, "%s", hwv_cli_watch_attention(w, a));
        hwv_table_cell(&attentions, HWV_STYLE_PLAIN, "%s",
                       hwv_number_of(hwv_cli_watch_attending(w, 0)[a].evenness, HWV_UNIT_SHARE).text);
        hwv_table_cell(&attentions, HWV_STYLE_PLAIN, "%s",
                       hwv_number_of(hwv_cli_watch_attending(w, last)[a].evenness, HWV_UNIT_SHARE).text);
    }
    for (size_t t = 0; t < 2; t++) {
        hwv_table *table = t == 0 ? &layers : &attentions;
        if ((t == 0 ? hwv_cli_watch_layers(w) : hwv_cli_watch_attentions(w)) > 0) {
            hwv_text_puts(&cli->out, "\n");
            hwv_table_text(table, &cli->screen, &cli->out);
        }
        hwv_table_free(table);
    }
}

void hwv_cli_watch_print(hwv_cli *cli, const hwv_cli_watch *w, const char *round)
{
    hwv_column columns[DEATH_COLUMNS];
    const hwv_cli_death *deaths;
    size_t count = hwv_cli_watch_deaths(w, &deaths);
    char text[300], note[120];
    if (hwv_cli_watch_epochs(w) > 0)
        print_depth(cli, w);
    sentence(w, text, sizeof text);
    snprintf(note, sizeof note, "the first %d of %zu; --log and --json have all", SHOWN, count);
    hwv_table table = {.caption = {.title = "Deaths", .subtitle = text, .note = count > SHOWN ? note : NULL},
                       .columns = columns,
                       .column_count = DEATH_COLUMNS};
    death_columns(round, columns);
    hwv_text_puts(&cli->out, "\n");
    if (count == 0) {
        hwv_cli_fact(cli, "deaths", "%s", text);
        return;
    }
    death_rows(w, SHOWN, &table);
    hwv_table_text(&table, &cli->screen, &cli->out);
    hwv_table_free(&table);
}

/* Curves of a page: layers or attentions over the epochs. */
enum { DEAD, RARE, ALWAYS_ON, ZEROS, GRADIENT, EVENNESS, KINDS };

static double value_of(const hwv_cli_watch *w, size_t kind, size_t i, size_t layer)
{
    size_t epoch;
    if (kind == EVENNESS)
        return hwv_cli_watch_attending(w, i)[layer].evenness;
    const hwv_cli_watched *of = &hwv_cli_watch_at(w, i, &epoch)[layer];
    const double values[KINDS] = {(double)of->dead, (double)of->rare, (double)of->always_on, of->zeros, of->gradient};
    return values[kind];
}

static const char *name_of(const hwv_cli_watch *w, size_t kind, size_t layer)
{
    size_t units;
    return kind == EVENNESS ? hwv_cli_watch_attention(w, layer) : hwv_cli_watch_layer(w, layer, &units);
}

/* Is there anything to draw? */
static bool is_known(const hwv_cli_watch *w, size_t kind)
{
    const size_t rows = kind == EVENNESS ? hwv_cli_watch_attentions(w) : hwv_cli_watch_layers(w);
    bool known = false;
    for (size_t i = 0; i < hwv_cli_watch_epochs(w); i++)
        for (size_t l = 0; l < rows; l++) {
            const double value = value_of(w, kind, i, l);
            known = known || (kind == ALWAYS_ON || kind == GRADIENT ? value > 0 : value == value);
        }
    return known;
}

static void page_curves(const hwv_cli_watch *w, hwv_page *page, size_t kind, const char *round, double *values)
{
    static const struct {
        const char *title, *what;
        hwv_axis axis;
    } kinds[] = {
        [DEAD] = {"Units that never fire", "in no sample of", {.title = "units", .whole = true}},
        [RARE] = {"Units that rarely fire", "at less than 1 % of the looks of", {.title = "units", .whole = true}},
        [ALWAYS_ON] = {"Units that always fire", "at all looks of", {.title = "units", .whole = true}},
        [ZEROS] = {"Zero entries, which are not death",
                   "share of the outputs for",
                   {.title = "share", .unit = HWV_UNIT_SHARE}},
        [GRADIENT] = {"Gradients by depth",
                      "root mean square of dL/dz for the first samples of",
                      {.title = "RMS", .log = true}},
        [EVENNESS] = {"Attention",
                      "entropy as a share of the largest, over heads and queries, for the first samples of",
                      {.title = "share", .unit = HWV_UNIT_SHARE}}};
    hwv_series series[CURVES];
    char subtitle[200];
    size_t epochs = hwv_cli_watch_epochs(w), epoch;
    size_t layers = kind == EVENNESS ? hwv_cli_watch_attentions(w) : hwv_cli_watch_layers(w);
    size_t shown = layers < CURVES ? layers : CURVES;
    for (size_t l = 0; l < shown; l++) {
        for (size_t i = 0; i < epochs; i++)
            values[l * epochs + i] = value_of(w, kind, i, l);
        (void)hwv_cli_watch_at(w, 0, &epoch);
        series[l] = (hwv_series){
            .name = name_of(w, kind, l), .y = values + l * epochs, .count = epochs, .first_x = (double)epoch};
    }
    snprintf(subtitle, sizeof subtitle, "after each %s, %s %s%s", round, kinds[kind].what, hwv_cli_watch_part(w),
             layers > CURVES ? "; the first six layers" : "");
    hwv_plot plot = {.caption = {.title = kinds[kind].title, .subtitle = subtitle},
                     .x = {.title = round, .whole = true},
                     .y = kinds[kind].axis,
                     .series = series,
                     .series_count = shown};
    hwv_page_plot(page, &plot);
}

void hwv_cli_watch_page(const hwv_cli_watch *w, const char *round, hwv_page *page)
{
    hwv_column columns[DEATH_COLUMNS];
    const hwv_cli_death *deaths;
    size_t count = hwv_cli_watch_deaths(w, &deaths);
    char text[300];
    sentence(w, text, sizeof text);
    hwv_page_section(page, "deaths", "Units, gradients and attention");
    hwv_page_paragraph(page, HWV_STYLE_STRONG, text);
    double *values = hwv_calloc(CURVES * hwv_cli_watch_epochs(w) + 1, sizeof *values);
    if (values == NULL)
        page->body.failed = true;
    for (size_t kind = 0; values != NULL && kind < KINDS; kind++)
        if (is_known(w, kind))
            page_curves(w, page, kind, round, values);
    hwv_free(values);
    hwv_table table = {.columns = columns, .column_count = DEATH_COLUMNS};
    death_columns(round, columns);
    death_rows(w, count, &table);
    if (count > 0)
        hwv_page_table(page, &table, "Every death: unit, step, and the rate and gradient norm of that update");
    hwv_table_free(&table);
}
