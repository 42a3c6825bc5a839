/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The table of supported operators: looking up, why others are refused, and docs/onnx.md. */
#include "onnx/import_state.h"

#include "halfwave/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const hwv_import_row rows[] = {
#define HWV_ONNX(OP, FIRST, LAST, function, KIND, LIMITS)                                                              \
    {#OP, FIRST, LAST, hwv_import_##function, HWV_NODE_##KIND, LIMITS},
#include "onnx/operators.def"
#undef HWV_ONNX
};

#define ROWS (sizeof rows / sizeof rows[0])

const hwv_import_row *hwv_import_row_find(const char *op)
{
    for (size_t i = 0; i < ROWS; i++)
        if (strcmp(rows[i].op, op) == 0)
            return &rows[i];
    return NULL;
}

/* ---- refusals ------------------------------------------------------------------------------------- */

/* Names, or beginnings of names that end in '*'. */
static const struct {
    const char *op, *reason;
} refused[] = {
    {"If", "control flow is not supported; export the model with its branches decided"},
    {"Loop", "control flow is not supported"},
    {"Scan", "control flow is not supported"},
    {"QuantizeLinear", "quantised graphs are not supported; check the model in floats"},
    {"DequantizeLinear", "quantised graphs are not supported; check the model in floats"},
    {"DynamicQuantizeLinear", "quantised graphs are not supported; check the model in floats"},
    {"QLinear*", "quantised graphs are not supported; check the model in floats"},
    {"ConvInteger", "quantised graphs are not supported; check the model in floats"},
    {"MatMulInteger", "quantised graphs are not supported; check the model in floats"},
    {"Sequence*", "sequences are not supported"},
    {"SplitToSequence", "sequences are not supported"},
    {"ConcatFromSequence", "sequences are not supported"},
    {"Optional*", "optional values are not supported"},
    {"String*", "strings are not supported"},
    {"RegexFullMatch", "strings are not supported"},
    {"TfIdfVectorizer", "strings are not supported"},
    {"Random*", "random numbers are not supported"},
    {"Bernoulli", "random numbers are not supported"},
    {"Multinomial", "random numbers are not supported"},
    {"LSTM", "recurrent networks are not supported"},
    {"GRU", "recurrent networks are not supported"},
    {"RNN", "recurrent networks are not supported"},
};

static bool matches(const char *pattern, const char *op)
{
    size_t length = strlen(pattern);
    return pattern[length - 1] == '*' ? strncmp(pattern, op, length - 1) == 0 : strcmp(pattern, op) == 0;
}

const char *hwv_import_refusal(const char *op, const char *domain)
{
    if (domain[0])
        return "operators of other domains than ai.onnx are not supported";
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        if (matches(refused[i].op, op))
            return refused[i].reason;
    return "the operator is not supported (docs/onnx.md lists those that are)";
}

static int last_opset(const hwv_import_row *row)
{
    return row->last ? row->last : HWV_ONNX_LATEST;
}

const char *hwv_import_reason(const hwv_onnx *file, const hwv_onnx_node *node, const hwv_import_row *row)
{
    if (row == NULL)
        return hwv_import_refusal(node->op, node->domain);
    return file->opset < row->first || file->opset > last_opset(row)
               ? "the file's opset is not one that is supported (docs/onnx.md)"
               : NULL;
}

hwv_status hwv_import_row_check(const hwv_onnx *file, const hwv_onnx_node *node, const hwv_import_row *row,
                                char reason[200])
{
    const char *text = hwv_import_reason(file, node, row);
    if (text == NULL)
        return HWV_OK;
    if (row)
        snprintf(reason, 200, "the file's opset is %lld; this operator is supported from opset %d to %d",
                 (long long)file->opset, row->first, last_opset(row));
    else
        snprintf(reason, 200, "%s", text);
    return HWV_ERR_UNSUPPORTED;
}

/* ---- docs/onnx.md --------------------------------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
    const hwv_import_row *const *x = a, *const *y = b;
    return strcmp((*x)->op, (*y)->op);
}

void hwv_onnx_table(hwv_text *text)
{
    const hwv_import_row *sorted[ROWS];
    for (size_t i = 0; i < ROWS; i++)
        sorted[i] = &rows[i];
    qsort(sorted, ROWS, sizeof sorted[0], by_name);
    hwv_text_puts(text, "| operator | opsets | computed by | limits |\n| --- | --- | --- | --- |\n");
    for (size_t i = 0; i < ROWS; i++) {
        const hwv_import_row *row = sorted[i];
        hwv_text_printf(text, "| %s | %d to %d | %s | %s |\n", row->op, row->first, last_opset(row),
                        row->kind ? hwv_node_kind_name((hwv_node_kind)row->kind) : "-", row->limits);
    }
}
