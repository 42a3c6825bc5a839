/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * halfwave help: help, manual pages and completion. */
#include "cli.h"

static hwv_status run(hwv_cli *cli, hwv_error *error)
{
    const hwv_cli_command *command = NULL;
    unsigned bit = 0;
    if (cli->operand_count > 0)
        HWV_TRY(hwv_cli_command_find(&command, &bit, cli->operands[0], error));
    if (cli->options.man + cli->options.completion + cli->options.operators > 1)
        return hwv_fail(error, HWV_ERR_ARGUMENT, "--man, --completion and --operators exclude each other");
    if (cli->options.completion)
        hwv_cli_completion(&cli->out);
    else if (cli->options.operators)
        for (size_t i = 0; hwv_cli_name_operator(i) != NULL; i++)
            hwv_text_printf(&cli->out, "%s\n", hwv_cli_name_operator(i));
    else if (cli->options.man)
        hwv_cli_man(&cli->out, command, bit);
    else
        hwv_cli_usage(&cli->out, command, bit, (size_t)cli->screen.width);
    return HWV_OK;
}

const hwv_cli_command hwv_cli_help = {
    .name = "help",
    .sentence = "help, manual pages and shell completion",
    .operands = "[COMMAND]",
    .operand_max = 1,
    .operand_names = hwv_cli_name_command,
    .examples = {{"halfwave help train", "the same as halfwave train --help"},
                 {"halfwave help --man train | man -l -", "the manual page, formatted"},
                 {"source <(halfwave help --completion)", "completion in this bash"}},
    .description = "Prints help about halfwave or about one command.\n",
    .run = run,
};
