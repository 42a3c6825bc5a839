/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * halfwave gradcheck: every gradient against central differences. */
#include "cli.h"

#include "report/number.h"
#include "report/table.h"

typedef struct checked {
    hwv_cli *cli;
    hwv_json_writer json;
    hwv_table table;
    size_t cases;
} checked;

static void each_json(checked *c, const hwv_gradcheck_result *result)
{
    hwv_json_begin_object(&c->json);
    hwv_cli_json_text(&c->json, "name", result->name);
    hwv_cli_json_text(&c->json, "kind", result->kind);
    hwv_cli_json_count(&c->json, "coordinates", result->coordinates);
    hwv_cli_json_number(&c->json, "worst", result->worst);
    hwv_cli_json_number(&c->json, "limit", result->limit);
    hwv_cli_json_bool(&c->json, "passed", result->passed);
    hwv_cli_json_text(&c->json, "where", result->where);
    hwv_json_end(&c->json);
}

static void each(void *self, const hwv_gradcheck_result *result)
{
    checked *c = self;
    c->cases++;
    if (c->cli->options.json) {
        each_json(c, result);
        return;
    }
    hwv_table_cell(&c->table, HWV_STYLE_PLAIN, "%s", result->kind);
    hwv_table_cell(&c->table, HWV_STYLE_PLAIN, "%s", result->name);
    hwv_table_cell(&c->table, HWV_STYLE_PLAIN, "%zu", result->coordinates);
    hwv_table_cell(&c->table, result->passed ? HWV_STYLE_PLAIN : HWV_STYLE_BAD, "%.1e", result->worst);
    hwv_table_cell(&c->table, HWV_STYLE_PLAIN, "%.1e", result->limit);
    hwv_table_cell(&c->table, result->passed ? HWV_STYLE_GOOD : HWV_STYLE_BAD, "%s", result->passed ? "ok" : "FAILED");
    if (!result->passed || c->cli->options.verbose)
        hwv_cli_say(c->cli, "%s %s: worst at %s", result->kind, result->name, result->where);
}

static hwv_status run(hwv_cli *cli, hwv_error *error)
{
    static const hwv_column columns[] = {{"kind", HWV_LEFT},   {"name", HWV_LEFT},   {"coordinates", HWV_RIGHT},
                                         {"worst", HWV_RIGHT}, {"limit", HWV_RIGHT}, {"result", HWV_LEFT}};
    checked c = {.cli = cli, .table = {.columns = columns, .column_count = sizeof columns / sizeof columns[0]}};
    const char *only = cli->operand_count > 0 ? cli->operands[0] : NULL;
    size_t failed = 0;
    if (cli->options.json) {
        c.json = hwv_cli_json_begin(cli);
        hwv_json_key(&c.json, "cases");
        hwv_json_begin_array(&c.json);
    }
    hwv_status status = hwv_gradcheck(only, cli->options.plant, cli->options.train.seed, each, &c, &failed, error);
    if (status == HWV_OK && cli->options.json) {
        hwv_json_end(&c.json);
        hwv_cli_json_count(&c.json, "failed", failed);
        hwv_cli_json_text(&c.json, "isa", hwv_isa_name(hwv_isa_current()));
        hwv_cli_json_options(cli, &c.json);
        status = hwv_cli_json_end(&c.json, error);
    } else if (status == HWV_OK) {
        hwv_table_text(&c.table, &cli->screen, &cli->out);
        hwv_text_printf(&cli->out, "\n%zu passed, %zu failed (%s, seed %llu)\n", c.cases - failed, failed,
                        hwv_isa_name(hwv_isa_current()), (unsigned long long)cli->options.train.seed);
    } else {
        hwv_text_free(&cli->out); /* half an object is none */
    }
    hwv_table_free(&c.table);
    if (failed > 0)
        cli->finding = HWV_EXIT_FINDING;
    return status;
}

const hwv_cli_command hwv_cli_gradcheck = {
    .name = "gradcheck",
    .sentence = "check every gradient against central differences",
    .operands = "[NAME]",
    .operand_max = 1,
    .operand_names = hwv_cli_name_operator,
    .examples = {{"halfwave gradcheck", "all operators, nodes and a few models"},
                 {"halfwave gradcheck relu --isa scalar", "one operator on one instruction set"},
                 {"halfwave gradcheck --plant relu", "with a wrong derivative on purpose: must end with status 1"}},
    .description =
        "Compares the gradients that training uses, in single precision, with central differences of a "
        "double-precision reference, coordinate by coordinate, for every operator, every kind of node and small "
        "models. `worst` is the largest difference in relation to the largest gradient. The status is 1 when a case "
        "fails.\n",
    .run = run,
};
