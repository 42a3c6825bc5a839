/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * halfwave: finds the command, reads its options, runs it, turns its status into an exit code. */
#include "cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "halfwave/isa.h"
#include "halfwave/memory.h"

#define HWV_COMMAND(NAME, name) extern const hwv_cli_command hwv_cli_##name;
#include "commands.def"
#undef HWV_COMMAND

static const hwv_cli_command *const commands[] = {
#define HWV_COMMAND(NAME, name) &hwv_cli_##name,
#include "commands.def"
#undef HWV_COMMAND
};

const hwv_cli_command *hwv_cli_command_get(size_t i)
{
    return i < HWV_CLI_COMMANDS ? commands[i] : NULL;
}

const char *hwv_cli_command_name(size_t i)
{
    return i < HWV_CLI_COMMANDS ? commands[i]->name : NULL;
}

hwv_status hwv_cli_command_find(const hwv_cli_command **command, unsigned *bit, const char *name, hwv_error *error)
{
    for (size_t i = 0; i < HWV_CLI_COMMANDS; i++)
        if (strcmp(commands[i]->name, name) == 0) {
            *command = commands[i];
            *bit = 1u << i;
            return HWV_OK;
        }
    return hwv_cli_unknown(error, "command", name, hwv_cli_command_name);
}

static hwv_status open_screens(hwv_cli *cli, const char *color, hwv_error *error)
{
    hwv_term_wish wish = {.color = color,
                          .no_color = getenv("NO_COLOR"),
                          .term = getenv("TERM"),
                          .columns = getenv("COLUMNS"),
                          .lines = getenv("LINES"),
                          .lc_all = getenv("LC_ALL"),
                          .lc_ctype = getenv("LC_CTYPE"),
                          .lang = getenv("LANG")};
    HWV_TRY(hwv_term_open(&cli->screen, stdout, &wish, error));
    HWV_TRY(hwv_term_open(&cli->talk, stderr, &wish, error));
    /* A dumb terminal cannot draw over a line. */
    hwv_term bar = cli->talk;
    bar.tty = bar.tty && wish.term != NULL && strcmp(wish.term, "dumb") != 0;
    hwv_progress_begin(&cli->progress, cli->options.quiet ? NULL : stderr, &bar, NULL);
    return HWV_OK;
}

static hwv_status run_command(hwv_cli *cli, hwv_error *error)
{
    const hwv_cli_options *options = &cli->options;
    HWV_TRY(open_screens(cli, hwv_cli_name_color((size_t)options->color), error));
    if (options->help) {
        hwv_cli_usage(&cli->out, cli->command, cli->bit, (size_t)cli->screen.width);
        return HWV_OK;
    }
    HWV_TRY(options->isa != NULL ? hwv_isa_force(options->isa, error) : hwv_initialise(error));
    if (options->threads == 0)
        cli->options.threads = cli->bit == HWV_CLI_BENCH ? 1 : hwv_cpu_count();
    if (cli->options.threads > 1) {
        HWV_TRY(hwv_pool_create(&cli->pool, cli->options.threads, error));
        cli->executor = hwv_pool_executor(cli->pool);
    }
    return cli->command->run(cli, error);
}

static hwv_status dispatch(hwv_cli *cli, int count, char **words, hwv_error *error)
{
    if (count < 2) {
        fputs("halfwave: a command is missing\n", stderr);
        hwv_text text = {0};
        hwv_cli_usage(&text, NULL, 0, (size_t)cli->talk.width);
        fputs(text.failed ? "" : text.data, stderr);
        hwv_text_free(&text);
        cli->finding = HWV_EXIT_USAGE;
        return HWV_OK;
    }
    if (strcmp(words[1], "--version") == 0) {
        hwv_text_puts(&cli->out, "halfwave " HALFWAVE_VERSION "\n");
        return HWV_OK;
    }
    if (strcmp(words[1], "--help") == 0 || strcmp(words[1], "-h") == 0) {
        hwv_cli_usage(&cli->out, NULL, 0, (size_t)cli->screen.width);
        return HWV_OK;
    }
    if (words[1][0] == '-')
        return hwv_fail(error, HWV_ERR_ARGUMENT,
                        "'%.60s' stands before the command; write halfwave COMMAND [options]\n"
                        "without a command there are --help and --version",
                        words[1]);
    cli->word_count = count;
    cli->words = words;
    HWV_TRY(hwv_cli_command_find(&cli->command, &cli->bit, words[1], error));
    cli->given = hwv_calloc(hwv_cli_option_count(), sizeof cli->given[0]);
    cli->operands = hwv_calloc((size_t)count, sizeof cli->operands[0]);
    if (cli->given == NULL || cli->operands == NULL)
        return hwv_fail(error, HWV_ERR_MEMORY, "out of memory at the start");
    HWV_TRY(hwv_cli_parse(cli, count - 2, words + 2, error));
    return run_command(cli, error);
}

int main(int count, char **words)
{
    hwv_cli_streams();
    hwv_cli cli = {.options = hwv_cli_options_initial()};
    hwv_error error = {HWV_OK, ""}, late = {HWV_OK, ""};
    hwv_status status = open_screens(&cli, NULL, &error);
    if (status == HWV_OK)
        status = dispatch(&cli, count, words, &error);
    hwv_progress_end(&cli.progress);

    /* Results first: a run that diverged has some too. */
    hwv_status written = hwv_cli_flush(&cli, &late);
    if (status != HWV_OK) {
        error.status = status;
        if (error.text[0] == '\0')
            hwv_fail(&error, status, "%s", hwv_status_sentence(status));
        hwv_cli_complain(&cli, &error);
    }
    if (written != HWV_OK)
        hwv_cli_complain(&cli, &late);
    if (status == HWV_OK)
        status = written;

    hwv_pool_destroy(cli.pool);
    hwv_free(cli.given);
    hwv_free(cli.operands);
    return status != HWV_OK ? hwv_cli_exit_code(status) : cli.finding;
}
