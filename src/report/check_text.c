/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * A check on a terminal. */
#include <string.h>

#include "report/check_layers.h"
#include "report/utf8.h"

#define LABEL     9  /* "VERDICT  " */
#define NOT_LABEL 13 /* "NOT CHECKED  " */
#define LAYERS    8  /* most layers that are explained */
#define TITLE     5  /* columns of "layer": no name need be shorter */

static void put_verdict(const hwv_check_view *view, const hwv_term *term, hwv_text *text)
{
    hwv_text sentence = {0}, detail = {0};
    hwv_check_sentence(view, &sentence);
    hwv_check_detail(view, &detail);
    hwv_term_labelled(text, term, "VERDICT", LABEL, hwv_check_verdict_style(view->diagnosis->verdict), &sentence);
    hwv_term_wrap(text, term, HWV_STYLE_PLAIN, LABEL, detail.data);
    text->failed = text->failed || detail.failed;
    hwv_text_free(&sentence);
    hwv_text_free(&detail);
}

/* ---- tables ---- */

#define COLUMNS(...)                                                                                                   \
    .columns = {__VA_ARGS__}, .count = sizeof((const hwv_check_column[]){__VA_ARGS__}) / sizeof(hwv_check_column)

/* With names cut so that the table fits, if it does not leave less than `least` of them. False: nothing was added. */
static bool put_table(const hwv_check_view *view, hwv_check_wish wish, size_t least, const char *note,
                      const hwv_term *term, hwv_text *text)
{
    size_t room = (size_t)term->width;
    hwv_check_table table = {.table = {.caption = {.note = note}}};
    wish.name = room;
    hwv_check_table_open(&table, view, &wish);
    size_t width = hwv_check_table_width(&table, 1), longest = 0;
    for (size_t r = 0; !table.table.failed && r < hwv_table_rows(&table.table); r++) {
        size_t name = hwv_utf8_width(hwv_table_string(&table.table, r, 1));
        longest = name > longest ? name : longest;
    }
    size_t over = width > room ? width - room : 0, shortest = longest < least ? longest : least;
    if (over > 0 && longest > TITLE) {
        shortest = shortest < TITLE ? TITLE : shortest;
        wish.name = longest > over + shortest ? longest - over : shortest;
        over -= over < longest - wish.name ? over : longest - wish.name;
        hwv_check_table_close(&table);
        hwv_check_table_open(&table, view, &wish);
    }
    bool fits = over == 0 || least == 0;
    if (fits)
        hwv_table_text(&table.table, term, text);
    text->failed = text->failed || table.table.failed;
    hwv_check_table_close(&table);
    return fits;
}

static void put_layers(const hwv_check_view *view, const hwv_term *term, hwv_text *text)
{
    static const hwv_check_wish whole = {
        COLUMNS(HWV_CHECK_NUMBER, HWV_CHECK_NAME, HWV_CHECK_OP, HWV_CHECK_SHAPE, HWV_CHECK_UNITS,
                HWV_CHECK_SILENT_UNITS, HWV_CHECK_DEAD_UNITS, HWV_CHECK_INERT_UNITS, HWV_CHECK_RARE_UNITS,
                HWV_CHECK_ALWAYS, HWV_CHECK_ZERO_SHARE, HWV_CHECK_VERDICT, HWV_CHECK_EVIDENCE, HWV_CHECK_CURVE)};
    static const hwv_check_wish counts[] = {
        {COLUMNS(HWV_CHECK_NUMBER, HWV_CHECK_NAME, HWV_CHECK_OP, HWV_CHECK_SHAPE, HWV_CHECK_UNITS,
                 HWV_CHECK_SILENT_UNITS, HWV_CHECK_DEAD_UNITS, HWV_CHECK_INERT_UNITS, HWV_CHECK_RARE_UNITS,
                 HWV_CHECK_ALWAYS, HWV_CHECK_ZERO_SHARE, HWV_CHECK_VERDICT)},
        {COLUMNS(HWV_CHECK_NUMBER, HWV_CHECK_NAME, HWV_CHECK_SHAPE, HWV_CHECK_UNITS, HWV_CHECK_SILENT_UNITS,
                 HWV_CHECK_DEAD_UNITS, HWV_CHECK_INERT_UNITS, HWV_CHECK_RARE_UNITS, HWV_CHECK_ALWAYS,
                 HWV_CHECK_ZERO_SHARE, HWV_CHECK_VERDICT)},
        {COLUMNS(HWV_CHECK_NUMBER, HWV_CHECK_NAME, HWV_CHECK_UNITS, HWV_CHECK_SILENT_UNITS, HWV_CHECK_DEAD_UNITS,
                 HWV_CHECK_INERT_UNITS, HWV_CHECK_RARE_UNITS, HWV_CHECK_ALWAYS, HWV_CHECK_ZERO_SHARE,
                 HWV_CHECK_VERDICT)}};
    static const hwv_check_wish evidence = {
        COLUMNS(HWV_CHECK_NUMBER, HWV_CHECK_NAME, HWV_CHECK_EVIDENCE, HWV_CHECK_JOINT, HWV_CHECK_CURVE),
        .silent_only = true};
    const hwv_diagnosis *d = view->diagnosis;
    if (d->layer_count == 0)
        return;
    hwv_text_puts(text, "\n");
    if (d->silent > 0 && put_table(view, whole, 12, HWV_CHECK_ZEROS, term, text))
        return;
    /* The fewer columns, the more of the names. */
    if (!put_table(view, counts[0], 10, HWV_CHECK_ZEROS, term, text) &&
        !put_table(view, counts[1], 10, HWV_CHECK_ZEROS, term, text))
        put_table(view, counts[2], 0, HWV_CHECK_ZEROS, term, text);
    if (d->silent == 0)
        return;
    hwv_text_puts(text, "\n");
    put_table(view, evidence, 0, NULL, term, text);
}

static void put_gradients(const hwv_check_view *view, const hwv_term *term, hwv_text *text)
{
    static const hwv_check_wish flow = {COLUMNS(HWV_CHECK_NUMBER, HWV_CHECK_NAME, HWV_CHECK_GRADIENT, HWV_CHECK_THEORY,
                                                HWV_CHECK_ZERO_GRADIENT, HWV_CHECK_SIGNAL)};
    if (view->flow == NULL)
        return;
    hwv_text loss = {0};
    hwv_text_printf(&loss, "loss %s on %s labelled inputs", hwv_number_plain(view->flow->loss).text,
                    hwv_check_count(view->flow->samples).text);
    hwv_text_puts(text, "\n");
    hwv_term_labelled(text, term, "GRADIENTS", NOT_LABEL, HWV_STYLE_PLAIN, &loss);
    hwv_text_free(&loss);
    put_table(
        view, flow, 0,
        "gradient: RMS of dL/dz; theory: what mean-field theory makes of that at the logits; gradient 0: share of "
        "its entries that are exactly 0; signal: RMS of the outputs.",
        term, text);
}

/* ---- why ---- */

/* Cause, medians and the units themselves. */
static void put_cause(const hwv_layer_diagnosis *layer, size_t number, const hwv_term *term, hwv_text *text)
{
    hwv_text why = {0}, medians = {0};
    hwv_check_medians(layer, &medians);
    hwv_text_printf(&why, "layer %zu: %s", number, layer->why);
    if (medians.length > 0)
        hwv_text_printf(&why, "\n%s", medians.data);
    text->failed = text->failed || medians.failed;
    hwv_text_free(&medians);
    hwv_text_puts(&why, layer->dead > 0 ? "\ndead: " : "\nsilent: ");
    hwv_check_indices(layer, layer->dead > 0 ? HWV_CHECK_DEAD : HWV_CHECK_SILENT,
                      (size_t)(term->width > 60 ? term->width - 40 : 20), &why);
    hwv_text_puts(text, "\n");
    hwv_term_labelled(text, term, "WHY", LABEL, HWV_STYLE_PLAIN, &why);
    hwv_text_free(&why);
}

static void put_why(const hwv_check_view *view, const hwv_term *term, hwv_text *text)
{
    const hwv_diagnosis *d = view->diagnosis;
    size_t shown = 0, more = 0;
    for (size_t i = 0; i < d->layer_count; i++) {
        if (d->layers[i].verdict == HWV_VERDICT_HEALTHY || d->layers[i].why[0] == '\0')
            continue;
        if (shown < LAYERS)
            put_cause(&d->layers[i], i + 1, term, text);
        more += shown >= LAYERS;
        shown++;
    }
    if (more > 0) {
        hwv_term_pad(text, LABEL);
        hwv_text_printf(text, "and %zu more layer%s with silent units\n", more, more == 1 ? "" : "s");
    }
}

/* ---- treatments ---- */

/* Bytes of the first word of a line for a shell. */
static size_t word_length(const char *line)
{
    size_t length = 0;
    for (bool quoted = false; line[length] != '\0' && (quoted || line[length] != ' '); length++)
        quoted = line[length] == '\'' ? !quoted : quoted;
    return length;
}

static size_t columns_of(const char *string, size_t length)
{
    size_t width = 0;
    for (const char *at = string; at < string + length;)
        width += hwv_utf8_columns(hwv_utf8_next(&at));
    return width;
}

/* A word and, behind an option, its value stay together where they can. */
static size_t words_width(const char *line)
{
    size_t length = word_length(line), next = length + strspn(line + length, " ");
    if (line[0] == '-' && line[next] != '-')
        length = next + word_length(line + next);
    return columns_of(line, length);
}

/* A line for a shell, broken between its words so that it can still be copied; a word is never broken. */
static void put_command(const char *line, size_t indent, const hwv_term *term, hwv_text *text)
{
    size_t room = (size_t)term->width, used = indent;
    hwv_term_pad(text, indent);
    for (bool first = true; *line != '\0'; first = false) {
        /* Two columns are kept for the mark of a line that goes on. */
        if (!first && used + 1 + words_width(line) + 2 > room && used > indent + 4) {
            hwv_text_puts(text, " \\\n");
            hwv_term_pad(text, indent + 4);
            used = indent + 4;
        } else if (!first) {
            hwv_text_puts(text, " ");
            used++;
        }
        hwv_text word = {0};
        size_t length = word_length(line);
        hwv_text_add(&word, line, length);
        hwv_term_puts(text, term, HWV_STYLE_FAINT, word.data != NULL ? word.data : "");
        text->failed = text->failed || word.failed;
        hwv_text_free(&word);
        used += columns_of(line, length);
        line += length;
        line += strspn(line, " ");
    }
    hwv_text_puts(text, "\n");
}

static void put_treatment(const hwv_check_view *view, size_t i, const hwv_term *term, hwv_text *text)
{
    const hwv_check_treatment *t = &view->treatments[i];
    hwv_text body = {0};
    if (hwv_check_names(view, i, &body)) {
        hwv_text_puts(&body, ": ");
        hwv_check_effect(t, &body);
        hwv_text_printf(&body, "%s%s", t->done ? "; " : ": ", t->reason);
        hwv_term_wrap(text, term, HWV_STYLE_PLAIN, NOT_LABEL, body.data);
    }
    text->failed = text->failed || body.failed;
    hwv_text_free(&body);
    if (t->advised)
        put_command(t->command, NOT_LABEL + 2, term, text);
}

static void put_treatments(const hwv_check_view *view, const hwv_term *term, hwv_text *text)
{
    bool others = false;
    hwv_text head = {0};
    if (view->treatment_count == 0)
        return;
    hwv_check_tried(view, &head);
    hwv_text_puts(text, "\n");
    hwv_term_labelled(text, term, "TREATMENTS", NOT_LABEL, HWV_STYLE_PLAIN, &head);
    hwv_text_free(&head);
    for (size_t i = 0; i < view->treatment_count; i++) {
        if (!view->treatments[i].advised && !others) {
            hwv_text_puts(text, "\n");
            hwv_term_wrap(text, term, HWV_STYLE_STRONG, NOT_LABEL, "not advised:");
            others = true;
        }
        put_treatment(view, i, term, text);
    }
}

void hwv_check_print(const hwv_check_view *view, const hwv_term *term, hwv_text *text)
{
    hwv_text checked = {0}, missing = {0};
    hwv_check_checked(view, &checked);
    hwv_check_not_checked(view, &missing);
    put_verdict(view, term, text);
    put_layers(view, term, text);
    put_why(view, term, text);
    put_treatments(view, term, text);
    put_gradients(view, term, text);
    hwv_text_puts(text, "\n");
    hwv_term_labelled(text, term, "CHECKED", NOT_LABEL, HWV_STYLE_PLAIN, &checked);
    hwv_term_labelled(text, term, "NOT CHECKED", NOT_LABEL, HWV_STYLE_PLAIN, &missing);
    hwv_text_free(&checked);
    hwv_text_free(&missing);
}
