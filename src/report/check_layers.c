/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * A row per layer, of whichever columns are asked for. */
#include "report/check_layers.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/utf8.h"

static const hwv_column titles[HWV_CHECK_COLUMNS] = {
    [HWV_CHECK_NUMBER] = {"", HWV_RIGHT},
    [HWV_CHECK_NAME] = {"layer", HWV_LEFT},
    [HWV_CHECK_OP] = {"op", HWV_LEFT},
    [HWV_CHECK_SHAPE] = {"shape", HWV_LEFT},
    [HWV_CHECK_UNITS] = {"units", HWV_RIGHT},
    [HWV_CHECK_SILENT_UNITS] = {"silent", HWV_RIGHT},
    [HWV_CHECK_DEAD_UNITS] = {"dead", HWV_RIGHT},
    [HWV_CHECK_INERT_UNITS] = {"inert", HWV_RIGHT},
    [HWV_CHECK_RARE_UNITS] = {"rare", HWV_RIGHT},
    [HWV_CHECK_ALWAYS] = {"always-on", HWV_RIGHT},
    [HWV_CHECK_RATE] = {"mean rate", HWV_RIGHT},
    [HWV_CHECK_ZERO_SHARE] = {"zeros", HWV_RIGHT},
    [HWV_CHECK_DORMANT] = {"dormant", HWV_RIGHT},
    [HWV_CHECK_CONSTANT] = {"constant", HWV_RIGHT},
    [HWV_CHECK_SATURATED] = {"saturated", HWV_RIGHT},
    [HWV_CHECK_GAMMA] = {"input |mean|/|std|", HWV_RIGHT},
    [HWV_CHECK_VERDICT] = {"verdict", HWV_LEFT},
    [HWV_CHECK_EVIDENCE] = {"evidence (95 %)", HWV_LEFT},
    [HWV_CHECK_JOINT] = {"all of them", HWV_LEFT},
    [HWV_CHECK_CURVE] = {"silent at n/4, n/2, n", HWV_LEFT},
    [HWV_CHECK_GRADIENT] = {"gradient", HWV_RIGHT},
    [HWV_CHECK_THEORY] = {"theory", HWV_RIGHT},
    [HWV_CHECK_SIGNAL] = {"signal", HWV_RIGHT},
    [HWV_CHECK_ZERO_GRADIENT] = {"gradient 0", HWV_RIGHT},
};

static bool wanted(const hwv_diagnosis *d, hwv_check_column column)
{
    bool any = false;
    for (size_t i = 0; i < d->layer_count && !any; i++)
        any = column == HWV_CHECK_INERT_UNITS ? d->layers[i].inert > 0
              : column == HWV_CHECK_SHAPE     ? d->layers[i].tally->features > 0
              : column == HWV_CHECK_OP        ? strcmp(d->layers[i].tally->op, d->layers[0].tally->op) != 0
                                              : true;
    return any || d->layer_count == 0;
}

/* A few dead units are no reason for colour. */
static hwv_style silent_style(const hwv_layer_diagnosis *layer)
{
    return layer->verdict == HWV_VERDICT_HEALTHY ? HWV_STYLE_PLAIN : hwv_check_verdict_style(layer->verdict);
}

static void count_cell(hwv_table *table, hwv_style style, size_t count)
{
    hwv_table_cell(table, count > 0 ? style : HWV_STYLE_FAINT, "%s", hwv_check_count(count).text);
}

static void number_cell(hwv_table *table, double value)
{
    if (isnan(value))
        hwv_table_cell(table, HWV_STYLE_FAINT, "-");
    else
        hwv_table_cell(table, HWV_STYLE_PLAIN, "%s", hwv_number_plain(value).text);
}

/* "95.2, 93.1, 91  still falling"; '-' where there are too few samples for a quarter of them. */
static void curve_cell(hwv_table *table, const hwv_layer_diagnosis *layer)
{
    char cell[160];
    size_t used = 0, count = layer->rarefaction_count;
    for (size_t back = 3; back > 0; back--) {
        hwv_number n = {.text = "-"};
        if (count >= back)
            n = hwv_check_expected(layer->rarefaction[count - back].silent);
        used += (size_t)snprintf(cell + used, sizeof cell - used, "%s%s", back < 3 ? ", " : "", n.text);
    }
    if (layer->silent == 0)
        hwv_table_cell(table, HWV_STYLE_FAINT, "%s", "");
    else
        hwv_table_cell(table, HWV_STYLE_PLAIN, "%s%s", cell, layer->falling ? ", still falling" : "");
}

static void bound_cell(hwv_table *table, const hwv_layer_diagnosis *layer, double bound, const char *who)
{
    if (layer->silent == 0 || isnan(bound))
        hwv_table_cell(table, HWV_STYLE_PLAIN, "%s", "");
    else
        hwv_table_cell(table, HWV_STYLE_PLAIN, "rate < %s%s", hwv_check_bound(bound).text, who);
}

static void flow_cell(hwv_table *table, const hwv_layer_flow *flow, hwv_check_column column)
{
    double value = flow == NULL                   ? NAN
                   : column == HWV_CHECK_GRADIENT ? flow->gradient
                   : column == HWV_CHECK_THEORY   ? flow->theory
                   : column == HWV_CHECK_SIGNAL   ? flow->signal
                                                  : flow->zero;
    if (isnan(value) && (flow == NULL || column == HWV_CHECK_THEORY))
        hwv_table_cell(table, HWV_STYLE_FAINT, "-");
    else
        hwv_table_cell(table, isfinite(value) ? HWV_STYLE_PLAIN : HWV_STYLE_BAD, "%s",
                       hwv_number_of(value, column == HWV_CHECK_ZERO_GRADIENT ? HWV_UNIT_SHARE : HWV_UNIT_PLAIN).text);
}

static void name_cell(hwv_table *table, const hwv_layer_diagnosis *layer, size_t columns)
{
    char name[200];
    hwv_table_cell(table, HWV_STYLE_PLAIN, "%s",
                   hwv_check_shorten(layer->tally->name != NULL ? layer->tally->name : "", columns, name, sizeof name));
}

static void add_cell(hwv_table *table, const hwv_check_view *view, size_t index, hwv_check_column column,
                     const hwv_check_wish *wish)
{
    const hwv_layer_diagnosis *layer = &view->diagnosis->layers[index];
    switch (column) {
    case HWV_CHECK_NUMBER:
        hwv_table_cell(table, HWV_STYLE_PLAIN, "%zu", index + 1);
        return;
    case HWV_CHECK_NAME:
        name_cell(table, layer, wish->name);
        return;
    case HWV_CHECK_OP:
        hwv_table_cell(table, HWV_STYLE_PLAIN, "%s", layer->tally->op);
        return;
    case HWV_CHECK_SHAPE:
        hwv_table_cell(table, HWV_STYLE_PLAIN, "%s", hwv_check_shape(layer).text);
        return;
    case HWV_CHECK_UNITS:
        count_cell(table, HWV_STYLE_PLAIN, layer->tally->units);
        return;
    case HWV_CHECK_SILENT_UNITS:
        count_cell(table, silent_style(layer), layer->silent);
        return;
    case HWV_CHECK_DEAD_UNITS:
        count_cell(table, silent_style(layer), layer->dead);
        return;
    case HWV_CHECK_INERT_UNITS:
        count_cell(table, HWV_STYLE_PLAIN, layer->inert);
        return;
    case HWV_CHECK_RARE_UNITS:
        count_cell(table, HWV_STYLE_PLAIN, layer->rare);
        return;
    case HWV_CHECK_ALWAYS:
        count_cell(table, HWV_STYLE_PLAIN, layer->always_on);
        return;
    case HWV_CHECK_RATE:
        hwv_table_cell(table, HWV_STYLE_PLAIN, "%s", hwv_number_percent(layer->mean_rate, 1).text);
        return;
    case HWV_CHECK_ZERO_SHARE:
        hwv_table_cell(table, HWV_STYLE_PLAIN, "%s", hwv_number_percent(layer->zeros, 1).text);
        return;
    case HWV_CHECK_DORMANT:
        count_cell(table, HWV_STYLE_PLAIN, layer->dormant);
        return;
    case HWV_CHECK_CONSTANT:
        count_cell(table, HWV_STYLE_PLAIN, layer->constant);
        return;
    case HWV_CHECK_SATURATED:
        count_cell(table, HWV_STYLE_PLAIN, layer->saturated);
        return;
    case HWV_CHECK_GAMMA:
        number_cell(table, layer->gamma);
        return;
    case HWV_CHECK_VERDICT:
        hwv_table_cell(table, hwv_check_verdict_style(layer->verdict), "%s", hwv_check_verdict_word(layer->verdict));
        return;
    case HWV_CHECK_EVIDENCE:
        bound_cell(table, layer, layer->rate_bound, " each");
        return;
    case HWV_CHECK_JOINT:
        bound_cell(table, layer, layer->joint_bound, "");
        return;
    case HWV_CHECK_CURVE:
        curve_cell(table, layer);
        return;
    case HWV_CHECK_GRADIENT:
    case HWV_CHECK_THEORY:
    case HWV_CHECK_SIGNAL:
    case HWV_CHECK_ZERO_GRADIENT:
        flow_cell(table, hwv_check_flow(view, index), column);
        return;
    case HWV_CHECK_COLUMNS:
        return;
    }
}

void hwv_check_table_open(hwv_check_table *table, const hwv_check_view *view, const hwv_check_wish *wish)
{
    const hwv_diagnosis *d = view->diagnosis;
    hwv_check_column chosen[HWV_CHECK_COLUMNS];
    size_t count = 0;
    for (size_t i = 0; i < wish->count; i++)
        if (wanted(d, wish->columns[i])) {
            chosen[count] = wish->columns[i];
            table->columns[count++] = titles[wish->columns[i]];
        }
    table->table.columns = table->columns;
    table->table.column_count = count;
    for (size_t i = 0; i < d->layer_count; i++) {
        if ((wish->silent_only && d->layers[i].silent == 0) || (wish->shown != NULL && !wish->shown[i]))
            continue;
        for (size_t c = 0; c < count; c++)
            add_cell(&table->table, view, i, chosen[c], wish);
    }
}

void hwv_check_table_close(hwv_check_table *table)
{
    hwv_table_free(&table->table);
}

size_t hwv_check_table_width(const hwv_check_table *table, size_t gap)
{
    size_t total = 0;
    for (size_t c = 0; !table->table.failed && c < table->table.column_count; c++) {
        size_t widest = hwv_utf8_width(table->columns[c].title);
        for (size_t r = 0; r < hwv_table_rows(&table->table); r++) {
            size_t width = hwv_utf8_width(hwv_table_string(&table->table, r, c));
            widest = width > widest ? width : widest;
        }
        total += widest + (c > 0 ? gap : 0);
    }
    return total;
}
