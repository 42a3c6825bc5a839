/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * halfwave plot: activations and their derivatives, as the kernels compute them. */
#include "cli.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "halfwave/act.h"
#include "report/file.h"
#include "report/plot.h"

#define CURVES 8
/* Enough for each dot of a wide terminal; odd, so that the middle is one of them. */
#define SAMPLES 801

typedef struct curve {
    char name[80], derivative_name[96];
    hwv_act act;
    double y[SAMPLES], dy[SAMPLES];
} curve;

/* Parameters of the table stay unsaid: names stand beside the lines, where room is short. */
static void name_curve(curve *c)
{
    const hwv_act initial = hwv_act_make(c->act.op);
    hwv_text text = {0};
    if (memcmp(initial.param, c->act.param, sizeof initial.param) == 0)
        hwv_text_puts(&text, hwv_op_row(c->act.op)->name);
    else
        hwv_cli_act_text(&c->act, &text);
    snprintf(c->name, sizeof c->name, "%.79s", text.failed ? hwv_op_row(c->act.op)->name : text.data);
    snprintf(c->derivative_name, sizeof c->derivative_name, "%.79s'", c->name);
    hwv_text_free(&text);
}

static void compute(curve *c, const double *at)
{
    static float x[SAMPLES], y[SAMPLES], one[SAMPLES], slope[SAMPLES];
    for (size_t i = 0; i < SAMPLES; i++) {
        x[i] = (float)at[i];
        one[i] = 1;
    }
    hwv_act_forward(&c->act, HWV_F32, 1, SAMPLES, y, SAMPLES, x, SAMPLES);
    hwv_act_backward(&c->act, HWV_F32, 1, SAMPLES, slope, SAMPLES, one, SAMPLES, x, SAMPLES);
    for (size_t i = 0; i < SAMPLES; i++) {
        c->y[i] = (double)y[i];
        c->dy[i] = (double)slope[i];
    }
}

static void json_values(hwv_json_writer *json, const char *key, const double *values)
{
    hwv_json_key(json, key);
    hwv_json_begin_array(json);
    for (size_t i = 0; i < SAMPLES; i++)
        hwv_json_float(json, (float)values[i]);
    hwv_json_end(json);
}

static hwv_status as_json(hwv_cli *cli, const curve *curves, size_t count, const double *x, hwv_error *error)
{
    hwv_json_writer json = hwv_cli_json_begin(cli);
    hwv_cli_json_text(&json, "isa", hwv_isa_name(hwv_isa_current()));
    json_values(&json, "x", x);
    hwv_json_key(&json, "curves");
    hwv_json_begin_array(&json);
    for (size_t i = 0; i < count; i++) {
        hwv_text name = {0};
        hwv_cli_act_text(&curves[i].act, &name);
        hwv_json_begin_object(&json);
        hwv_cli_json_text(&json, "act", hwv_cli_part(&cli->out, &name));
        hwv_text_free(&name);
        hwv_cli_json_text(&json, "formula", hwv_op_row(curves[i].act.op)->formula);
        json_values(&json, "y", curves[i].y);
        json_values(&json, "derivative", curves[i].dy);
        hwv_json_end(&json);
    }
    hwv_json_end(&json);
    hwv_cli_json_options(cli, &json);
    return hwv_cli_json_end(&json, error);
}

static hwv_status draw(hwv_cli *cli, const curve *curves, size_t count, const double *x, hwv_error *error)
{
    hwv_series series[2 * CURVES];
    size_t drawn = 0;
    hwv_text formulas = {0};
    for (size_t i = 0; i < count; i++) {
        series[drawn++] = (hwv_series){
            .name = curves[i].name, .x = x, .y = curves[i].y, .count = SAMPLES, .color = 1 + i % HWV_PALETTE};
        if (cli->options.derivative)
            series[drawn++] = (hwv_series){.name = curves[i].derivative_name,
                                           .x = x,
                                           .y = curves[i].dy,
                                           .count = SAMPLES,
                                           .line = HWV_LINE_DASHED,
                                           .color = 1 + (count == 1 ? 1 : i) % HWV_PALETTE};
        const hwv_op_info *row = hwv_op_row(curves[i].act.op);
        /* "tanh(x) = tanh(x)" tells nothing. */
        size_t length = strlen(row->name);
        bool same = strncmp(row->formula, row->name, length) == 0 && strcmp(row->formula + length, "(x)") == 0;
        hwv_text_printf(&formulas, "%s%s%s%s", i > 0 ? "\n" : "", same ? "" : row->name,
                        same ? "" : "(x) = ", row->formula);
        if (row->source[0] != '\0')
            hwv_text_printf(&formulas, " (%s)", row->source);
    }
    hwv_plot plot = {.caption = {.note = hwv_cli_part(&cli->out, &formulas)},
                     .x = {.title = "x"},
                     .series = series,
                     .series_count = drawn};
    hwv_status status = HWV_OK;
    if (!cli->options.json)
        hwv_plot_text(&plot, &cli->screen, &cli->out);
    if (cli->options.svg != NULL) {
        hwv_text svg = {0};
        hwv_plot_svg(&plot, &svg);
        status = hwv_report_save(cli->options.svg, &svg, error);
        hwv_text_free(&svg);
        if (status == HWV_OK)
            hwv_cli_say(cli, "wrote %s", cli->options.svg);
    }
    hwv_text_free(&formulas);
    return status;
}

static hwv_status run(hwv_cli *cli, hwv_error *error)
{
    static curve curves[CURVES];
    static double x[SAMPLES];
    hwv_act acts[CURVES];
    size_t count = cli->operand_count;
    for (size_t i = 0; i < count; i++)
        HWV_TRY(hwv_act_parse(&acts[i], cli->operands[i], error));
    HWV_TRY(hwv_cli_params(cli, acts, count, error));
    if (!(cli->options.from < cli->options.to))
        return hwv_fail(error, HWV_ERR_ARGUMENT, "--from %g is not below --to %g", cli->options.from, cli->options.to);
    double step = (cli->options.to - cli->options.from) / (SAMPLES - 1);
    for (size_t i = 0; i < SAMPLES; i++)
        x[i] = cli->options.from + step * (double)i;
    /* The kink itself is a sample, not somewhere between two. */
    if (x[0] < 0 && x[SAMPLES - 1] > 0)
        x[(size_t)lround(-cli->options.from / step)] = 0;
    for (size_t i = 0; i < count; i++) {
        curves[i].act = acts[i];
        name_curve(&curves[i]);
        compute(&curves[i], x);
    }
    HWV_TRY(draw(cli, curves, count, x, error));
    return cli->options.json ? as_json(cli, curves, count, x, error) : HWV_OK;
}

const hwv_cli_command hwv_cli_plot = {
    .name = "plot",
    .sentence = "draw activations and their derivatives",
    .operands = "OP...",
    .operand_min = 1,
    .operand_max = CURVES,
    .operand_names = hwv_cli_name_operator,
    .examples = {{"halfwave plot leaky_relu --derivative", "a function and its derivative"},
                 {"halfwave plot relu sigmoid tanh --from -6 --to 6", "several in one picture"},
                 {"halfwave plot leaky_relu --param slope=0.2 --svg leaky.svg", "with another slope, for a document"}},
    .description =
        "Draws activations in the terminal and, with --svg, as a file. The points come from the kernels that "
        "training uses, not from a formula beside them.\n",
    .run = run,
};
