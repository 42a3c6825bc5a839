/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * halfwave info: what this build has and what this machine runs. */
#include "info_model.h"

#include <stdio.h>

#include "halfwave/act.h"
#include "report/number.h"
#include "report/table.h"

#if defined(__clang__)
#define COMPILER "clang " __clang_version__
#elif defined(__GNUC__)
#define COMPILER "gcc " __VERSION__
#else
#define COMPILER "unknown"
#endif

#ifdef HWV_HAVE_ZLIB
static const bool has_zlib = true;
#else
static const bool has_zlib = false;
#endif

static void json_names(hwv_json_writer *json, const char *key, hwv_cli_names *names)
{
    hwv_json_key(json, key);
    hwv_json_begin_array(json);
    for (size_t i = 0; names(i) != NULL; i++)
        hwv_json_string(json, names(i));
    hwv_json_end(json);
}

static void json_operator(hwv_json_writer *json, const hwv_op_info *row)
{
    hwv_json_begin_object(json);
    hwv_cli_json_text(json, "name", row->name);
    hwv_cli_json_text(json, "formula", row->formula);
    hwv_json_key(json, "params");
    hwv_json_begin_object(json);
    for (size_t p = 0; p < HWV_ACT_PARAMS && row->param[p].name != NULL; p++) {
        hwv_json_key(json, row->param[p].name);
        hwv_json_float(json, row->param[p].initial);
    }
    hwv_json_end(json);
    hwv_cli_json_number(json, "ulp", row->ulp);
    hwv_cli_json_number(json, "gradient_ulp", row->gradient_ulp);
    hwv_cli_json_text(json, "pytorch", row->torch);
    hwv_cli_json_text(json, "onnx", row->onnx);
    hwv_json_end(json);
}

static hwv_status as_json(hwv_cli *cli, hwv_error *error)
{
    hwv_json_writer json = hwv_cli_json_begin(cli);
    hwv_cli_json_text(&json, "version", HALFWAVE_VERSION);
    hwv_cli_json_text(&json, "isa", hwv_isa_name(hwv_isa_current()));
    hwv_json_key(&json, "isas");
    hwv_json_begin_array(&json);
    for (size_t i = 0; i < hwv_isa_count(); i++)
        hwv_json_string(&json, hwv_isa_name(hwv_isa_get(i)));
    hwv_json_end(&json);
    hwv_cli_json_count(&json, "threads", cli->options.threads);
    hwv_cli_json_count(&json, "cache_bytes", hwv_cache_bytes());
    hwv_cli_json_bool(&json, "zlib", has_zlib);
    hwv_cli_json_text(&json, "compiler", COMPILER);
    hwv_json_key(&json, "operators");
    hwv_json_begin_array(&json);
    for (size_t i = 0; i < hwv_op_count(); i++)
        json_operator(&json, hwv_op_get(i));
    hwv_json_end(&json);
    json_names(&json, "data", hwv_cli_name_data);
    json_names(&json, "models", hwv_cli_name_zoo);
    json_names(&json, "optimizers", hwv_cli_name_optimizer);
    json_names(&json, "schedules", hwv_cli_name_schedule);
    json_names(&json, "initialisers", hwv_cli_name_init);
    return hwv_cli_json_end(&json, error);
}

void hwv_cli_info_line(hwv_cli *cli, const char *what, const char *value)
{
    hwv_text_printf(&cli->out, "%-14s", what);
    hwv_cli_wrap(&cli->out, (size_t)cli->screen.width, 14, 14, value);
}

static void line_names(hwv_cli *cli, const char *what, hwv_cli_names *names)
{
    hwv_text list = {0};
    for (size_t i = 0; names(i) != NULL; i++)
        hwv_text_printf(&list, "%s%s", i > 0 ? " " : "", names(i));
    hwv_cli_info_line(cli, what, hwv_cli_part(&cli->out, &list));
    hwv_text_free(&list);
}

static void operators(hwv_cli *cli)
{
    static const hwv_column columns[] = {{"activation", HWV_LEFT}, {"formula", HWV_LEFT}, {"error", HWV_LEFT}};
    hwv_table table = {.columns = columns, .column_count = sizeof columns / sizeof columns[0]};
    for (size_t i = 0; i < hwv_op_count(); i++) {
        const hwv_op_info *row = hwv_op_get(i);
        hwv_act act = hwv_act_make(row->op);
        hwv_text name = {0};
        hwv_cli_act_text(&act, &name);
        hwv_table_cell(&table, HWV_STYLE_STRONG, "%s", hwv_cli_part(&cli->out, &name));
        hwv_table_cell(&table, HWV_STYLE_PLAIN, "%s", row->formula);
        if (row->ulp > 0)
            hwv_table_cell(&table, HWV_STYLE_PLAIN, "%g ULP", row->ulp);
        else
            hwv_table_cell(&table, HWV_STYLE_PLAIN, "exact");
        hwv_text_free(&name);
    }
    hwv_text_puts(&cli->out, "\n");
    hwv_table_text(&table, &cli->screen, &cli->out);
    hwv_table_free(&table);
}

/* One line each: the name, what it is for, its layers. */
static void models(hwv_cli *cli)
{
    for (size_t i = 0; i < hwv_zoo_count(); i++) {
        hwv_text text = {0};
        hwv_text_printf(&text, "%s: %s: %s", hwv_zoo_name(i), hwv_zoo_sentence(i), hwv_zoo_notation(i));
        hwv_cli_info_line(cli, i == 0 ? "models" : "", hwv_cli_part(&cli->out, &text));
        hwv_text_free(&text);
    }
}

static hwv_status run(hwv_cli *cli, hwv_error *error)
{
    if (cli->operand_count > 0)
        return hwv_cli_info_model(cli, error);
    if (cli->options.json)
        return as_json(cli, error);
    char number[60];
    hwv_cli_info_line(cli, "version", HALFWAVE_VERSION);
    hwv_text sets = {0};
    for (size_t i = 0; i < hwv_isa_count(); i++)
        hwv_text_printf(&sets, "%s%s", i > 0 ? " " : "", hwv_isa_name(hwv_isa_get(i)));
    hwv_cli_info_line(cli, "isa", hwv_isa_name(hwv_isa_current()));
    hwv_cli_info_line(cli, "runnable", hwv_cli_part(&cli->out, &sets));
    hwv_text_free(&sets);
    snprintf(number, sizeof number, "%zu", cli->options.threads);
    hwv_cli_info_line(cli, "threads", number);
    hwv_cli_info_line(cli, "cache", hwv_number_of((double)hwv_cache_bytes(), HWV_UNIT_BYTES).text);
    hwv_cli_info_line(cli, "zlib", has_zlib ? "yes" : "no (.gz files cannot be read)");
    hwv_cli_info_line(cli, "compiler", COMPILER);
    operators(cli);
    hwv_text_puts(&cli->out, "\n");
    line_names(cli, "data", hwv_cli_name_data);
    models(cli);
    line_names(cli, "optimisers", hwv_cli_name_optimizer);
    line_names(cli, "schedules", hwv_cli_name_schedule);
    line_names(cli, "initialisers", hwv_cli_name_init);
    return HWV_OK;
}

const hwv_cli_command hwv_cli_info = {
    .name = "info",
    .sentence = "what is in a model's file; what this build has and this machine runs",
    .operands = "[MODEL]",
    .operand_max = 1,
    .examples = {{"halfwave info", "version, instruction sets, operators, data sets"},
                 {"halfwave info --json", "the same for programs"},
                 {"halfwave info model.onnx", "inputs, outputs, layers, activations, and what is not supported"}},
    .description =
        "With a MODEL, an ONNX file or a checkpoint of halfwave train: its inputs and outputs, operators, "
        "activations and parameters, and what halfwave check could not run. Nothing is run.\n"
        "Without one: the version, the instruction set in use and all that run here (widest first), the number "
        "of threads, the size of the last-level cache, and the names that other commands take.\n",
    .run = run,
};
