/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * halfwave merge: statistics of shards become those of the whole. */
#include "cli.h"

#include "halfwave/check.h"

static hwv_status add(hwv_tally *whole, const char *path, bool first, hwv_error *error)
{
    hwv_tally part = {0};
    if (first)
        return hwv_tally_load(whole, path, error);
    HWV_TRY(hwv_tally_load(&part, path, error));
    hwv_status status = hwv_tally_merge(whole, &part, error);
    hwv_tally_free(&part);
    return status == HWV_OK ? HWV_OK : hwv_fail_prefix(error, status, "%s: ", path);
}

static hwv_status as_json(hwv_cli *cli, const hwv_tally *whole, hwv_error *error)
{
    hwv_json_writer json = hwv_cli_json_begin(cli);
    hwv_cli_json_text(&json, "out", cli->options.train.checkpoint);
    hwv_cli_json_count(&json, "files", cli->operand_count);
    hwv_cli_json_count(&json, "layers", whole->layer_count);
    hwv_cli_json_count(&json, "samples", whole->samples);
    hwv_cli_json_count(&json, "rows", whole->rows);
    hwv_cli_json_options(cli, &json);
    return hwv_cli_json_end(&json, error);
}

static hwv_status merge(hwv_cli *cli, hwv_tally *whole, hwv_error *error)
{
    const char *out = cli->options.train.checkpoint;
    if (out == NULL)
        return hwv_fail(error, HWV_ERR_ARGUMENT, "--out FILE is missing: where shall the sum go?");
    HWV_TRY(hwv_cli_check_writable("out", out, error));
    for (size_t i = 0; i < cli->operand_count; i++)
        HWV_TRY(add(whole, cli->operands[i], i == 0, error));
    HWV_TRY(hwv_tally_save(whole, out, error));
    if (cli->options.json)
        return as_json(cli, whole, error);
    hwv_text_printf(&cli->out, "%s: %zu layers, %llu samples of %zu files\n", out, whole->layer_count,
                    (unsigned long long)whole->samples, cli->operand_count);
    return HWV_OK;
}

static hwv_status run(hwv_cli *cli, hwv_error *error)
{
    hwv_tally whole = {0};
    hwv_status status = merge(cli, &whole, error);
    hwv_tally_free(&whole);
    return status;
}

const hwv_cli_command hwv_cli_merge = {
    .name = "merge",
    .sentence = "add up the statistics of several checks",
    .operands = "STATISTICS...",
    .operand_min = 1,
    .operand_max = SIZE_MAX,
    .examples = {{"halfwave merge part-*.json --out all.json", "files of halfwave check --save-stats"},
                 {"halfwave check all.json", "the verdict on all samples together"}},
    .description = "Adds up files of statistics that halfwave check --save-stats or another program wrote. Counts of "
                   "shards give exactly the counts of the whole: layers, units, operators and --group must be the "
                   "same in all. docs/statistics.md describes the files.\n",
    .run = run,
};
