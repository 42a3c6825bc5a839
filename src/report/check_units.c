/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The table of units, and the orders in which readers may want it. */
#include <math.h>
#include <stdlib.h>

#include "halfwave/memory.h"
#include "report/check_figures.h"

/* A row: what it is about and what it may be sorted by. */
typedef struct place {
    const hwv_unit_diagnosis *unit;
    size_t layer, index; /* of the unit in its layer */
    size_t row;          /* in the table */
    int state;
    double key; /* of the present order */
} place;

static int compare_places(const place *a, const place *b)
{
    if (a->layer != b->layer)
        return a->layer < b->layer ? -1 : 1;
    return (a->index > b->index) - (a->index < b->index);
}

/* By state, rarest first within one; then as in the model. */
static int by_state(const void *left, const void *right)
{
    const place *a = left, *b = right;
    if (a->state != b->state)
        return a->state < b->state ? -1 : 1;
    if (a->unit->rate != b->unit->rate)
        return a->unit->rate < b->unit->rate ? -1 : 1;
    return compare_places(a, b);
}

/* NaN last. */
static int by_key(const void *left, const void *right)
{
    const place *a = left, *b = right;
    if (isnan(a->key) != isnan(b->key))
        return isnan(a->key) ? 1 : -1;
    if (a->key < b->key || a->key > b->key)
        return a->key < b->key ? -1 : 1;
    return compare_places(a, b);
}

typedef enum order { BY_STATE, BY_PLACE, BY_RATE, BY_MARGIN, BY_PULL, ORDERS } order;

static double key_of(const place *p, order o)
{
    return o == BY_RATE ? p->unit->rate : o == BY_MARGIN ? p->unit->margin : o == BY_PULL ? p->unit->pull : 0;
}

static void number_cell(hwv_table *table, double value)
{
    hwv_table_cell(table, HWV_STYLE_PLAIN, "%s", isnan(value) ? "-" : hwv_number_plain(value).text);
}

static void add_row(hwv_table *table, const hwv_check_view *view, const place *p)
{
    static const hwv_style styles[HWV_CHECK_STATES] = {HWV_STYLE_BAD, HWV_STYLE_WARN};
    const hwv_unit_tally *tally = &view->diagnosis->layers[p->layer].tally->unit[p->index];
    hwv_table_cell(table, HWV_STYLE_PLAIN, "%zu", p->layer + 1);
    hwv_table_cell(table, HWV_STYLE_PLAIN, "%zu", p->index);
    hwv_table_cell(table, styles[p->state], "%s", hwv_check_state_name((hwv_check_state)p->state));
    hwv_table_cell(table, HWV_STYLE_PLAIN, "%s", hwv_number_of(p->unit->rate, HWV_UNIT_SHARE).text);
    number_cell(table, p->unit->mean);
    number_cell(table, p->unit->std);
    number_cell(table, tally->min <= tally->max ? (double)tally->max : (double)NAN);
    number_cell(table, p->unit->margin);
    number_cell(table, p->unit->bias);
    number_cell(table, p->unit->pull);
}

/* All units, those of note first. NULL on a shortage of memory. */
static place *all_units(const hwv_diagnosis *d, size_t *count)
{
    size_t all = 0;
    for (size_t i = 0; i < d->layer_count; i++)
        all += d->layers[i].tally->units;
    place *places = hwv_calloc(all, sizeof *places);
    *count = all;
    if (places == NULL)
        return NULL;
    all = 0;
    for (size_t i = 0; i < d->layer_count; i++)
        for (size_t u = 0; u < d->layers[i].tally->units; u++, all++)
            places[all] = (place){.unit = &d->layers[i].unit[u],
                                  .layer = i,
                                  .index = u,
                                  .state = (int)hwv_check_state_of(&d->layers[i].unit[u])};
    qsort(places, all, sizeof *places, by_state);
    return places;
}

/* ranks[ORDERS][rows] */
static void rank(place *places, size_t rows, size_t *ranks)
{
    for (int o = 0; o < ORDERS; o++) {
        for (size_t i = 0; i < rows; i++)
            places[i].key = key_of(&places[i], (order)o);
        if (o != BY_STATE)
            qsort(places, rows, sizeof *places, by_key);
        for (size_t i = 0; i < rows; i++)
            ranks[(size_t)o * rows + places[i].row] = i;
    }
}

void hwv_check_put_units(const hwv_check_view *view, size_t rows, hwv_page *page)
{
    static const hwv_column columns[] = {
        {"layer", HWV_RIGHT}, {"unit", HWV_RIGHT},    {"state", HWV_LEFT},   {"rate", HWV_RIGHT}, {"mean z", HWV_RIGHT},
        {"std z", HWV_RIGHT}, {"largest", HWV_RIGHT}, {"margin", HWV_RIGHT}, {"bias", HWV_RIGHT}, {"w.mu", HWV_RIGHT}};
    static const char *const names[ORDERS] = {"state", "place in the model", "rate", "margin", "w.mu"};
    size_t all;
    place *places = all_units(view->diagnosis, &all);
    rows = rows < all ? rows : all;
    size_t *ranks = hwv_calloc(rows, ORDERS * sizeof *ranks);
    hwv_table table = {.columns = columns, .column_count = sizeof columns / sizeof columns[0]};
    hwv_text note = {0};
    if (places == NULL || ranks == NULL) {
        page->body.failed = true;
    } else {
        hwv_page_order orders[ORDERS];
        for (size_t i = 0; i < rows; i++) {
            places[i].row = i;
            add_row(&table, view, &places[i]);
        }
        rank(places, rows, ranks);
        for (size_t o = 0; o < ORDERS; o++)
            orders[o] = (hwv_page_order){.name = names[o], .rank = ranks + o * rows};
        hwv_text_puts(&note, "margin: the largest z in units of its spread. ");
        if (rows < all)
            hwv_text_printf(&note, "%s of %s units: the dead, silent and rare ones first.", hwv_check_count(rows).text,
                            hwv_check_count(all).text);
        table.caption.note = note.data;
        table.failed = table.failed || note.failed;
        hwv_page_sorted(page, "unit-table", &table, orders, ORDERS);
    }
    hwv_table_free(&table);
    hwv_text_free(&note);
    hwv_free(places);
    hwv_free(ranks);
}
