/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * docs/operators.md comes from the table of operators; this fails where the file is stale.
 *     run_docs            compares
 *     run_docs --write    writes the file anew */
#include "halfwave/act.h"
#include "halfwave/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char path[] = HWV_SOURCE "/docs/operators.md";

static const char head[] =
    "# Operators\n\n"
    "Made from `src/act/ops.def` by `tests/act/run_docs.c --write`; do not edit.\n\n"
    "*pass*: the bit that a mask stores, \"the gradient takes the main branch\". *fires*: what the statistics of\n"
    "units count. *error*: the largest over all floats at the initial parameters, value / derivative, in units of\n"
    "the last place (the derivative: or 4 * 2^-23 * |dy| where that is larger); exact: the correctly rounded result.\n"
    "*fast*: the largest error / max(1, |f(x)|) of the fast tier, where it has values of its own.\n"
    "Claims hold for all parameters in range unless they are in brackets: those hold at the initial ones.\n\n"
    "| name | formula | parameters | pass | fires | error | fast | claims | PyTorch | ONNX (opset) | source |\n"
    "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n";

static const struct {
    unsigned claim;
    const char *text;
} claims[] = {
    {HWV_MONOTONE, "monotone"},           {HWV_ODD, "odd"},
    {HWV_BOUNDED, "bounded by 1"},        {HWV_ZERO_AT_0, "zero at 0"},
    {HWV_PIECEWISE, "piecewise linear"},  {HWV_FLAT_LEFT, "flat left"},
    {HWV_FLAT_RIGHT, "flat right"},       {HWV_GRADIENT_FROM_Y, "gradient from y"},
    {HWV_SLOPE_ARRAY, "slopes as array"},
};

/* A cell: '|' would end it. */
static void add_cell(hwv_text *text, const char *cell)
{
    hwv_text_puts(text, "| ");
    for (; *cell; cell++)
        hwv_text_printf(text, *cell == '|' ? "\\%c" : "%c", *cell);
    hwv_text_puts(text, " ");
}

static void add_row(hwv_text *text, const hwv_op_info *row)
{
    char cell[300];
    size_t used = 0;
    hwv_act act = hwv_act_make(row->op);
    snprintf(cell, sizeof cell, "%s%s%s", row->name, row->alias[0] ? ", " : "", row->alias);
    add_cell(text, cell);
    add_cell(text, row->formula);
    cell[0] = '\0';
    for (size_t i = 0; i < HWV_ACT_PARAMS && row->param[i].name; i++)
        used += (size_t)snprintf(cell + used, sizeof cell - used, "%s%s = %g in [%g, %g]", i ? "; " : "",
                                 row->param[i].name, (double)row->param[i].initial, (double)row->param[i].minimum,
                                 (double)row->param[i].maximum);
    if (row->ordered)
        snprintf(cell + used, sizeof cell - used, "; %s <= %s", row->param[0].name, row->param[1].name);
    add_cell(text, cell);
    add_cell(text, row->pass);
    add_cell(text, row->fires);
    if (row->ulp == 0)
        snprintf(cell, sizeof cell, "exact");
    else
        snprintf(cell, sizeof cell, "%g / %g", row->ulp, row->gradient_ulp);
    add_cell(text, cell);
    cell[0] = '\0';
    if (row->fast > 0)
        snprintf(cell, sizeof cell, "%g", row->fast);
    add_cell(text, cell);
    cell[0] = '\0';
    used = 0;
    for (size_t i = 0; i < sizeof claims / sizeof claims[0]; i++)
        if (hwv_act_claims(&act) & claims[i].claim)
            used += (size_t)snprintf(cell + used, sizeof cell - used, row->claims & claims[i].claim ? "%s%s" : "%s[%s]",
                                     used ? ", " : "", claims[i].text);
    add_cell(text, cell);
    add_cell(text, row->torch);
    if (row->onnx[0])
        snprintf(cell, sizeof cell, "%s (%d)", row->onnx, row->onnx_opset);
    else
        cell[0] = '\0';
    add_cell(text, cell);
    add_cell(text, row->source);
    hwv_text_puts(text, "|\n");
}

/* Whether the file holds exactly `text`. */
static int same(const hwv_text *text)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return 0;
    int equal = 1;
    for (size_t i = 0; equal && i < text->length; i++)
        equal = getc(file) == (unsigned char)text->data[i];
    equal = equal && getc(file) == EOF;
    fclose(file);
    return equal;
}

int main(int count, char **arguments)
{
    hwv_text text = {0};
    hwv_text_puts(&text, head);
    for (size_t i = 0; i < hwv_op_count(); i++)
        add_row(&text, hwv_op_get(i));
    int good = !text.failed;
    if (good && count > 1 && strcmp(arguments[1], "--write") == 0) {
        FILE *file = fopen(path, "wb");
        good = file && fwrite(text.data, 1, text.length, file) == text.length;
        if (file && fclose(file))
            good = 0;
    } else if (good && !same(&text)) {
        printf("%s is not what the table of operators gives; run this with --write\n", path);
        good = 0;
    }
    hwv_text_free(&text);
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
