/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * halfwave apply: any activation on any array of a file, forward or backward. Arrays go through in blocks of rows and
 * columns, so that they may be larger than memory. */
#include "cli.h"

#include <string.h>

#include "halfwave/act.h"
#include "halfwave/array.h"
#include "halfwave/gated.h"
#include "halfwave/memory.h"
#include "report/number.h"
#include "report/table.h"

/* Elements of a block: more than enough to keep all threads busy, and a few MiB an array. A multiple of 64. */
#define BLOCK ((size_t)1 << 20)

#define FLOATS (1u << HWV_ARRAY_F32 | 1u << HWV_ARRAY_F64)
#define WORDS  (1u << HWV_ARRAY_U64)

typedef struct job {
    hwv_cli *cli;
    hwv_act act;
    const hwv_gate_info *pair;          /* a gated pair in place of an activation; NULL: none */
    const char *in, *grad, *mask, *out; /* paths; NULL: not given */
    hwv_array_reader *x, *dy, *mask_in;
    hwv_array_writer *result, *mask_out;
    hwv_array array; /* of the result */
    hwv_dtype dtype;
    size_t width;      /* bytes of an element */
    size_t rows, cols; /* the array as a matrix: all in one row without a mask, else the last axis is a row */
    size_t block_rows, block_cols;
    unsigned char *values, *gradients;
    uint64_t *words;
} job;

/* ---- what was asked for ---- */

static hwv_status need(const job *j, hwv_error *error)
{
    if (j->out == NULL)
        return hwv_fail(error, HWV_ERR_ARGUMENT, "--out is missing: the file that gets the result");
    if (j->grad == NULL && j->in == NULL)
        return hwv_fail(error, HWV_ERR_ARGUMENT, "--in is missing: the file of x");
    if (j->grad != NULL && j->in == NULL && j->mask == NULL)
        return hwv_fail(error, HWV_ERR_ARGUMENT,
                        "--grad needs --in, the x of the forward call, or --mask, which that call wrote");
    if (j->grad != NULL && j->in != NULL && j->mask != NULL)
        return hwv_fail(error, HWV_ERR_ARGUMENT, "--grad takes --in or --mask, not both: either says it all");
    return HWV_OK;
}

static bool both(const char *a, const char *b)
{
    return a != NULL && b != NULL && strcmp(a, b) == 0;
}

static bool is_dash(const char *path)
{
    return both(path, "-");
}

static hwv_status check_streams(const job *j, hwv_error *error)
{
    const char *mask_in = j->grad != NULL ? j->mask : NULL, *mask_out = j->grad == NULL ? j->mask : NULL;
    if (is_dash(j->in) + is_dash(j->grad) + is_dash(mask_in) > 1)
        return hwv_fail(error, HWV_ERR_ARGUMENT, "standard input can be one array only");
    if (both(j->out, mask_out))
        return hwv_fail(error, HWV_ERR_ARGUMENT, "--out and --mask are the same file");
    if ((is_dash(j->out) || is_dash(mask_out)) && j->cli->options.json)
        return hwv_fail(error, HWV_ERR_ARGUMENT,
                        "--json wants standard output for its object: write the array to a file");
    if ((is_dash(j->out) || is_dash(mask_out)) && j->cli->screen.tty)
        return hwv_fail(error, HWV_ERR_ARGUMENT, "standard output is a terminal, and an array is no text");
    return HWV_OK;
}

static const char *name_of(const job *j)
{
    return j->pair != NULL ? j->pair->name : hwv_op_row(j->act.op)->name;
}

static hwv_status check_mask(const job *j, hwv_error *error)
{
    if (j->mask == NULL || (j->pair == NULL && (hwv_act_claims(&j->act) & HWV_PIECEWISE)))
        return HWV_OK;
    hwv_text list = {0};
    for (size_t i = 0; i < hwv_op_count(); i++)
        if (hwv_op_get(i)->claims & HWV_PIECEWISE)
            hwv_text_printf(&list, "%s%s", list.length > 0 ? ", " : "", hwv_op_get(i)->name);
    hwv_fail(error, HWV_ERR_ARGUMENT,
             "--mask: %s has no mask, its derivative is more than two numbers; these have one: %s", name_of(j),
             list.failed ? "" : list.data);
    hwv_text_free(&list);
    return HWV_ERR_ARGUMENT;
}

static hwv_status choose(job *j, const char *text, hwv_error *error)
{
    for (size_t i = 0; j->pair == NULL && hwv_gate_get(i) != NULL; i++)
        if (strcmp(hwv_gate_get(i)->name, text) == 0)
            j->pair = hwv_gate_get(i);
    if (j->pair == NULL) {
        hwv_status status = hwv_act_parse(&j->act, text, error);
        /* A list without the pairs would be half of it. */
        if (status == HWV_ERR_NAME && text[strcspn(text, "(")] == '\0')
            return hwv_cli_unknown(error, "activation", text, hwv_cli_name_applicable);
        return status == HWV_OK ? hwv_cli_params(j->cli, &j->act, 1, error) : status;
    }
    if (j->cli->options.param.count > 0)
        return hwv_fail(error, HWV_ERR_NAME, "--param: %s has no parameters, '%.60s' was given", j->pair->name,
                        j->cli->options.param.text[0]);
    return HWV_OK;
}

static hwv_status understand(job *j, hwv_error *error)
{
    const hwv_cli *cli = j->cli;
    if (cli->operand_count == 0)
        return hwv_fail(error, HWV_ERR_ARGUMENT, "which activation? halfwave apply --list has them all");
    HWV_TRY(choose(j, cli->operands[0], error));
    j->act.tier = (hwv_tier)cli->options.tier;
    j->in = cli->options.in;
    j->grad = cli->options.grad;
    j->mask = cli->options.mask;
    j->out = cli->options.train.checkpoint;
    HWV_TRY(need(j, error));
    HWV_TRY(check_streams(j, error));
    return check_mask(j, error);
}

/* ---- files ---- */

static void shape_text(const hwv_array *array, hwv_text *text)
{
    hwv_text_puts(text, "(");
    for (size_t i = 0; i < array->rank; i++)
        hwv_text_printf(text, "%s%zu", i > 0 ? ", " : "", array->shape[i]);
    hwv_text_puts(text, array->rank == 1 ? ",)" : ")");
}

/* `what` says of which array `wanted` is the shape. */
static hwv_status fail_shape(const char *path, const hwv_array *found, const char *what, const hwv_array *wanted,
                             hwv_error *error)
{
    hwv_text a = {0}, b = {0};
    shape_text(found, &a);
    shape_text(wanted, &b);
    hwv_fail(error, HWV_ERR_FORMAT, "%s: shape %s, but %s has %s", path, a.failed ? "" : a.data, what,
             b.failed ? "" : b.data);
    hwv_text_free(&a);
    hwv_text_free(&b);
    return HWV_ERR_FORMAT;
}

/* x and dy must be alike, since they are read side by side; `values` is f(x). */
static hwv_status check_alike(const job *j, const hwv_array *x, const hwv_array *values, const hwv_array *dy,
                              hwv_error *error)
{
    if (!hwv_array_same_shape(values, dy))
        return fail_shape(j->grad, dy, j->pair != NULL ? "the result of the forward call" : j->in, values, error);
    if (x->type != dy->type)
        return hwv_fail(error, HWV_ERR_UNSUPPORTED, "%s is %s, but %s is %s: both must have one type", j->grad,
                        hwv_array_type_name(dy->type), j->in, hwv_array_type_name(x->type));
    if (x->fortran != dy->fortran)
        return hwv_fail(error, HWV_ERR_UNSUPPORTED,
                        "%s is in %s order, but %s in %s order: both must have one (numpy.ascontiguousarray)", j->grad,
                        dy->fortran ? "Fortran" : "C", j->in, x->fortran ? "Fortran" : "C");
    return HWV_OK;
}

/* The array of value * f(gate) for rows [value | gate] along the last axis. */
static hwv_status halve(const job *j, hwv_array *array, hwv_error *error)
{
    hwv_text shape = {0};
    shape_text(array, &shape);
    const char *text = shape.failed ? "" : shape.data;
    hwv_status status = HWV_OK;
    if (array->rank == 0 || array->shape[array->rank - 1] % 2 != 0)
        status = hwv_fail(error, HWV_ERR_FORMAT, "%s: shape %s; %s takes the last axis as [value | gate], two halves",
                          j->in, text, j->pair->name);
    else if (array->fortran)
        status =
            hwv_fail(error, HWV_ERR_UNSUPPORTED,
                     "%s: in Fortran order; the halves of the last axis need C order (numpy.ascontiguousarray)", j->in);
    hwv_text_free(&shape);
    if (status == HWV_OK)
        array->shape[array->rank - 1] /= 2;
    array->count /= 2;
    return status;
}

/* The array of masks for rows along the last axis of `array`. */
static hwv_array mask_of(const hwv_array *array)
{
    hwv_array mask = *array;
    mask.type = HWV_ARRAY_U64;
    if (mask.rank == 0)
        mask.shape[mask.rank++] = 1;
    mask.shape[mask.rank - 1] = hwv_mask_words(mask.shape[mask.rank - 1]);
    mask.count = 1;
    for (size_t i = 0; i < mask.rank; i++)
        mask.count *= mask.shape[i]; /* no more than the elements */
    return mask;
}

static hwv_status make_room(job *j, hwv_error *error)
{
    size_t elements = j->block_rows * j->block_cols;
    bool gradients = j->grad != NULL || j->pair != NULL;
    j->values = hwv_calloc(elements, j->pair != NULL ? 2 * j->width : j->width);
    j->gradients = gradients ? hwv_calloc(elements, j->width) : NULL;
    j->words = j->mask != NULL ? hwv_calloc(j->block_rows * hwv_mask_words(j->block_cols), sizeof *j->words) : NULL;
    if (j->values == NULL || (gradients && j->gradients == NULL) || (j->mask != NULL && j->words == NULL))
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory for a block of %zu elements", elements);
    return HWV_OK;
}

/* Chooses the matrix and the blocks that the arrays go through in. */
static hwv_status plan(job *j, const char *path, hwv_error *error)
{
    const hwv_array *a = &j->array;
    j->dtype = a->type == HWV_ARRAY_F64 ? HWV_F64 : HWV_F32;
    j->width = hwv_dtype_bytes(j->dtype);
    j->rows = 1;
    j->cols = a->count;
    if (j->mask != NULL || j->pair != NULL) {
        if (a->fortran)
            return hwv_fail(error, HWV_ERR_UNSUPPORTED,
                            "%s: in Fortran order; a mask's rows are those of the last axis, which needs C order "
                            "(numpy.ascontiguousarray)",
                            path);
        j->cols = a->rank > 0 ? a->shape[a->rank - 1] : 1;
        j->rows = a->count == 0 ? 0 : a->count / j->cols;
    }
    /* The halves of a row are far apart: a pair takes whole rows. */
    j->block_cols = j->cols < BLOCK || j->pair != NULL ? j->cols : BLOCK;
    j->block_rows = j->cols == 0 ? 1 : j->cols < BLOCK ? BLOCK / j->cols : 1;
    j->block_rows = j->block_rows < j->rows ? j->block_rows : j->rows;
    return make_room(j, error);
}

static hwv_status open_inputs(job *j, hwv_error *error)
{
    if (j->in != NULL) {
        HWV_TRY(hwv_array_open(&j->x, j->in, FLOATS, error));
        j->array = *hwv_array_of(j->x);
        if (j->pair != NULL)
            HWV_TRY(halve(j, &j->array, error));
    }
    if (j->grad != NULL) {
        HWV_TRY(hwv_array_open(&j->dy, j->grad, FLOATS, error));
        if (j->in != NULL)
            HWV_TRY(check_alike(j, hwv_array_of(j->x), &j->array, hwv_array_of(j->dy), error));
        j->array = *hwv_array_of(j->dy);
    }
    HWV_TRY(plan(j, j->grad != NULL ? j->grad : j->in, error));
    if (j->grad != NULL && j->pair != NULL)
        j->array = *hwv_array_of(j->x);
    if (j->grad != NULL && j->mask != NULL) {
        const hwv_array wanted = mask_of(&j->array);
        HWV_TRY(hwv_array_open(&j->mask_in, j->mask, WORDS, error));
        const hwv_array *found = hwv_array_of(j->mask_in);
        if (!hwv_array_same_shape(found, &wanted))
            return fail_shape(j->mask, found, "the mask of these gradients", &wanted, error);
        if (found->fortran)
            return hwv_fail(error, HWV_ERR_UNSUPPORTED, "%s: in Fortran order; masks are in C order", j->mask);
    }
    return HWV_OK;
}

/* ---- work ---- */

static hwv_status block_forward(job *j, size_t rows, size_t cols, hwv_error *error)
{
    size_t words = hwv_mask_words(cols), count = rows * cols;
    HWV_TRY(hwv_array_read(j->x, j->values, count, error));
    if (j->mask_out != NULL) {
        hwv_act_forward_mask(&j->act, j->dtype, rows, cols, j->values, cols, j->values, cols, j->words, words);
        HWV_TRY(hwv_array_write(j->mask_out, j->words, rows * words, error));
    } else {
        hwv_act_forward_on(j->cli->executor, &j->act, j->dtype, rows, cols, j->values, cols, j->values, cols);
    }
    return hwv_array_write(j->result, j->values, count, error);
}

static hwv_status block_backward(job *j, size_t rows, size_t cols, hwv_error *error)
{
    size_t words = hwv_mask_words(cols), count = rows * cols;
    HWV_TRY(hwv_array_read(j->dy, j->gradients, count, error));
    if (j->mask_in != NULL) {
        HWV_TRY(hwv_array_read(j->mask_in, j->words, rows * words, error));
        hwv_act_backward_mask(&j->act, j->dtype, rows, cols, j->gradients, cols, j->gradients, cols, j->words, words);
    } else {
        HWV_TRY(hwv_array_read(j->x, j->values, count, error));
        hwv_act_backward_on(j->cli->executor, &j->act, j->dtype, rows, cols, j->gradients, cols, j->gradients, cols,
                            j->values, cols);
    }
    return hwv_array_write(j->result, j->gradients, count, error);
}

/* Rows [value | gate]; backward overwrites them with [dvalue | dgate]. */
static hwv_status block_pair(job *j, size_t rows, size_t cols, hwv_error *error)
{
    size_t count = rows * cols;
    unsigned char *value = j->values, *gate = j->values + cols * j->width;
    HWV_TRY(hwv_array_read(j->x, j->values, 2 * count, error));
    if (j->grad == NULL) {
        hwv_gated_forward(j->pair->gate, j->act.tier, j->dtype, rows, cols, j->gradients, cols, value, 2 * cols, gate,
                          2 * cols);
        return hwv_array_write(j->result, j->gradients, count, error);
    }
    HWV_TRY(hwv_array_read(j->dy, j->gradients, count, error));
    hwv_gated_backward(j->pair->gate, j->dtype, rows, cols, value, 2 * cols, gate, 2 * cols, j->gradients, cols, value,
                       2 * cols, gate, 2 * cols);
    return hwv_array_write(j->result, j->values, 2 * count, error);
}

static hwv_status all_blocks(job *j, hwv_error *error)
{
    const volatile int *interrupted = hwv_cli_catch_interrupt();
    size_t done = 0;
    for (size_t row = 0; row < j->rows; row += j->block_rows)
        for (size_t col = 0; col < j->cols; col += j->block_cols) {
            size_t rows = j->rows - row < j->block_rows ? j->rows - row : j->block_rows;
            size_t cols = j->cols - col < j->block_cols ? j->cols - col : j->block_cols;
            HWV_TRY(j->pair != NULL   ? block_pair(j, rows, cols, error)
                    : j->grad != NULL ? block_backward(j, rows, cols, error)
                                      : block_forward(j, rows, cols, error));
            if (*interrupted)
                return hwv_fail(error, HWV_ERR_INTERRUPTED, "interrupted: nothing was written");
            done += rows * cols;
            hwv_cli_progress(j->cli, (double)done / (double)j->array.count, "%zu of %zu elements", done,
                             j->array.count);
        }
    return HWV_OK;
}

static hwv_status write_results(job *j, hwv_error *error)
{
    if (j->mask != NULL && j->grad == NULL) {
        const hwv_array mask = mask_of(&j->array);
        HWV_TRY(hwv_array_create(&j->mask_out, j->mask, &mask, error));
    }
    HWV_TRY(hwv_array_create(&j->result, j->out, &j->array, error));
    HWV_TRY(all_blocks(j, error));
    /* Each gets its name only now: an error above leaves both as they were. */
    hwv_array_writer *mask_out = j->mask_out, *result = j->result;
    j->mask_out = j->result = NULL;
    hwv_status status = mask_out != NULL ? hwv_array_commit(mask_out, error) : HWV_OK;
    if (status == HWV_OK)
        return hwv_array_commit(result, error);
    hwv_array_abandon(result);
    return status;
}

/* ---- words ---- */

static void add_name(const job *j, hwv_text *text)
{
    if (j->pair != NULL)
        hwv_text_puts(text, j->pair->name);
    else
        hwv_cli_act_text(&j->act, text);
}

static hwv_status as_json(const job *j, hwv_error *error)
{
    hwv_cli *cli = j->cli;
    hwv_text name = {0};
    add_name(j, &name);
    hwv_json_writer json = hwv_cli_json_begin(cli);
    hwv_cli_json_text(&json, "act", hwv_cli_part(&cli->out, &name));
    hwv_cli_json_text(&json, "pass", j->grad != NULL ? "backward" : "forward");
    hwv_cli_json_text(&json, "dtype", hwv_array_type_name(j->array.type));
    hwv_json_key(&json, "shape");
    hwv_json_begin_array(&json);
    for (size_t i = 0; i < j->array.rank; i++)
        hwv_json_integer(&json, (int64_t)j->array.shape[i]);
    hwv_json_end(&json);
    hwv_cli_json_text(&json, "order", j->array.fortran ? "Fortran" : "C");
    hwv_cli_json_count(&json, "elements", j->array.count);
    hwv_cli_json_text(&json, "isa", hwv_isa_name(hwv_isa_current()));
    hwv_cli_json_options(cli, &json);
    hwv_text_free(&name);
    return hwv_cli_json_end(&json, error);
}

static void say(const job *j)
{
    hwv_text name = {0}, shape = {0};
    add_name(j, &name);
    shape_text(&j->array, &shape);
    hwv_cli_say(j->cli, "wrote %s: %s of %s%s, %s %s", is_dash(j->out) ? "to standard output" : j->out,
                j->grad != NULL ? "gradient" : "values", hwv_cli_part(&j->cli->out, &name),
                j->act.tier == HWV_FAST && j->grad == NULL ? " (fast)" : "", hwv_array_type_name(j->array.type),
                hwv_cli_part(&j->cli->out, &shape));
    if (j->mask != NULL && j->grad == NULL)
        hwv_cli_say(j->cli, "wrote %s: its mask", is_dash(j->mask) ? "to standard output" : j->mask);
    hwv_text_free(&name);
    hwv_text_free(&shape);
}

/* ---- the list ---- */

static void json_operator(hwv_json_writer *json, const hwv_op_info *row)
{
    hwv_json_begin_object(json);
    hwv_cli_json_text(json, "name", row->name);
    hwv_cli_json_text(json, "formula", row->formula);
    hwv_json_key(json, "params");
    hwv_json_begin_array(json);
    for (size_t p = 0; p < HWV_ACT_PARAMS && row->param[p].name != NULL; p++) {
        hwv_json_begin_object(json);
        hwv_cli_json_text(json, "name", row->param[p].name);
        hwv_json_key(json, "initial");
        hwv_json_float(json, row->param[p].initial);
        hwv_json_key(json, "minimum");
        hwv_json_float(json, row->param[p].minimum);
        hwv_json_key(json, "maximum");
        hwv_json_float(json, row->param[p].maximum);
        hwv_json_end(json);
    }
    hwv_json_end(json);
    hwv_cli_json_bool(json, "mask", (row->claims & HWV_PIECEWISE) != 0);
    hwv_cli_json_bool(json, "exact", row->ulp == 0);
    hwv_json_end(json);
}

static hwv_status list_json(hwv_cli *cli, hwv_error *error)
{
    hwv_json_writer json = hwv_cli_json_begin(cli);
    hwv_json_key(&json, "operators");
    hwv_json_begin_array(&json);
    for (size_t i = 0; i < hwv_op_count(); i++)
        json_operator(&json, hwv_op_get(i));
    hwv_json_end(&json);
    hwv_json_key(&json, "pairs");
    hwv_json_begin_array(&json);
    for (size_t i = 0; hwv_gate_get(i) != NULL; i++) {
        hwv_json_begin_object(&json);
        hwv_cli_json_text(&json, "name", hwv_gate_get(i)->name);
        hwv_cli_json_text(&json, "formula", hwv_gate_get(i)->formula);
        hwv_json_end(&json);
    }
    hwv_json_end(&json);
    return hwv_cli_json_end(&json, error);
}

static hwv_status list(hwv_cli *cli, hwv_error *error)
{
    static const hwv_column columns[] = {
        {"activation", HWV_LEFT}, {"mask", HWV_LEFT}, {"parameters", HWV_LEFT}, {"formula", HWV_LEFT}};
    hwv_table table = {.columns = columns, .column_count = sizeof columns / sizeof columns[0]};
    if (cli->options.json)
        return list_json(cli, error);
    for (size_t i = 0; i < hwv_op_count(); i++) {
        const hwv_op_info *row = hwv_op_get(i);
        hwv_text params = {0};
        for (size_t p = 0; p < HWV_ACT_PARAMS && row->param[p].name != NULL; p++)
            hwv_text_printf(&params, "%s%s=%.6g", p > 0 ? " " : "", row->param[p].name, (double)row->param[p].initial);
        hwv_table_cell(&table, HWV_STYLE_STRONG, "%s", row->name);
        hwv_table_cell(&table, HWV_STYLE_PLAIN, "%s", row->claims & HWV_PIECEWISE ? "yes" : "-");
        hwv_table_cell(&table, HWV_STYLE_PLAIN, "%s", hwv_cli_part(&cli->out, &params));
        hwv_table_cell(&table, HWV_STYLE_PLAIN, "%s", row->formula);
        hwv_text_free(&params);
    }
    hwv_table_rule(&table);
    for (size_t i = 0; hwv_gate_get(i) != NULL; i++) {
        hwv_table_cell(&table, HWV_STYLE_STRONG, "%s", hwv_gate_get(i)->name);
        hwv_table_cell(&table, HWV_STYLE_PLAIN, "-");
        hwv_table_cell(&table, HWV_STYLE_PLAIN, "%s", "");
        hwv_table_cell(&table, HWV_STYLE_PLAIN, "%s", hwv_gate_get(i)->formula);
    }
    hwv_table_text(&table, &cli->screen, &cli->out);
    hwv_table_free(&table);
    return HWV_OK;
}

/* ---- the command ---- */

static hwv_status apply(job *j, hwv_error *error)
{
    HWV_TRY(understand(j, error));
    HWV_TRY(open_inputs(j, error));
    HWV_TRY(write_results(j, error));
    say(j);
    return j->cli->options.json ? as_json(j, error) : HWV_OK;
}

static hwv_status run(hwv_cli *cli, hwv_error *error)
{
    if (cli->options.list)
        return list(cli, error);
    job j = {.cli = cli};
    hwv_status status = apply(&j, error);
    hwv_array_abandon(j.result);
    hwv_array_abandon(j.mask_out);
    hwv_array_close(j.x);
    hwv_array_close(j.dy);
    hwv_array_close(j.mask_in);
    hwv_free(j.values);
    hwv_free(j.gradients);
    hwv_free(j.words);
    return status;
}

const hwv_cli_command hwv_cli_apply = {
    .name = "apply",
    .sentence = "an activation, or its gradient, of an array in a file",
    .operands = "OP",
    .operand_max = 1,
    .operand_names = hwv_cli_name_applicable,
    .examples = {{"halfwave apply relu --in x.npy --out y.npy", "y = relu(x), element by element"},
                 {"halfwave apply leaky_relu --param slope=0.2 --in x.npy --out y.npy", "with a parameter"},
                 {"halfwave apply relu --in x.npy --grad dy.npy --out dx.npy", "backward: dx = dy * f'(x)"},
                 {"halfwave apply relu --mask m.npy --grad dy.npy --out dx.npy",
                  "backward from the bits that a forward call with --mask m.npy wrote"}},
    .description =
        "Reads an array, computes what the kernels compute, and writes an array of the same shape, type and order: any "
        "activation from any language's script. Arrays are .npy files (NumPy's) of float32 or float64, of any shape "
        "(also none, or without elements), in C or Fortran order, in either byte order; results are little-endian. "
        "With "
        "--grad, the shape, type and order of both inputs must be the same. Parameters are rounded to float32, for "
        "float64 arrays too.\n"
        "The result appears under its name when it is complete; it may replace an input. Arrays may be larger than "
        "memory. With standard output (--out -) nothing is complete before the status is 0.\n",
    .sections =
        {{"Gated pairs",
          "glu, reglu, geglu, swiglu and the like multiply a value by an activation of a gate: the last axis of x is "
          "[value | gate], two halves, as torch.glu has it, and that of the result is half as long. With --grad, "
          "--out gets [dvalue | dgate]. C order only.\n"},
         {"Masks", "The mask of an array in C order has its shape but for the last axis, which has a 64-bit word "
                   "(uint64) for each 64 elements: element i is bit i % 64, the lowest first, of word i / 64; the "
                   "rest of the last word is 0. A bit is 1 where the gradient takes the main branch (for relu: "
                   "not x <= 0), which is all that backward needs.\n"}},
    .run = run,
};
