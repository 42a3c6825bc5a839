/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Help on the terminal: examples first, then what the command does, then its options. */
#include "cli.h"

#include <string.h>

#define OPTION_INDENT 26

const hwv_cli_section hwv_cli_exit_codes = {
    "Exit status", "  0    done\n"
                   "  1    done, with a finding: a sick model, a run that diverged, a wrong gradient\n"
                   "  2    wrong usage: a command, an option, a name or a notation\n"
                   "  3    a file that cannot be read or written, is damaged or not supported\n"
                   "  4    out of memory, or a fault of halfwave itself\n"
                   "  5    cannot tell\n"
                   "  130  interrupted\n"};

const hwv_cli_section hwv_cli_environment = {
    "Environment", "  HALFWAVE_ISA            instruction set, as --isa (which wins)\n"
                   "  NO_COLOR                when not empty: no colour, unless --color always\n"
                   "  TERM                    dumb: no colour, no progress bar\n"
                   "  COLUMNS, LINES          size of the screen\n"
                   "  LC_ALL, LC_CTYPE, LANG  UTF-8 or not: what pictures are drawn with\n"};

const hwv_cli_section hwv_cli_numbers = {
    "Values", "An option is written --name value or --name=value. Shares are written 0.05 or 5%. A word -- ends the "
              "options. Results go to stdout, everything else to stderr.\n"};

void hwv_cli_wrap(hwv_text *text, size_t width, size_t column, size_t indent, const char *string)
{
    bool first = true;
    while (*string != '\0') {
        size_t length = strcspn(string, " \n");
        if (!first && column + 1 + length > width) {
            hwv_text_printf(text, "\n%*s", (int)indent, "");
            column = indent;
        } else if (!first) {
            hwv_text_puts(text, " ");
            column++;
        }
        hwv_text_add(text, string, length);
        column += length;
        first = length == 0 && first;
        string += length;
        string += *string != '\0';
    }
    hwv_text_puts(text, "\n");
}

/* Lines that begin with two spaces as they are, others wrapped. */
static void body(hwv_text *text, size_t width, const char *string)
{
    while (*string != '\0') {
        size_t length = strcspn(string, "\n");
        hwv_text line = {0};
        hwv_text_add(&line, string, length);
        if (length == 0)
            hwv_text_puts(text, "\n");
        else if (strncmp(string, "  ", 2) == 0)
            hwv_text_printf(text, "%s\n", hwv_cli_part(text, &line));
        else
            hwv_cli_wrap(text, width, 0, 0, hwv_cli_part(text, &line));
        hwv_text_free(&line);
        string += length;
        string += *string != '\0';
    }
}

static void section(hwv_text *text, size_t width, const hwv_cli_section *part)
{
    if (part->heading == NULL)
        return;
    hwv_text_printf(text, "\n%s:\n", part->heading);
    body(text, width, part->body);
}

static void examples(hwv_text *text, size_t width, const hwv_cli_example *list)
{
    hwv_text_puts(text, list[1].line != NULL ? "Examples:\n" : "Example:\n");
    for (size_t i = 0; i < HWV_CLI_PARTS && list[i].line != NULL; i++) {
        hwv_text_printf(text, "  %s\n      ", list[i].line);
        hwv_cli_wrap(text, width, 6, 6, list[i].what);
    }
}

static void option_help(hwv_text *text, size_t width, const hwv_cli_option *option)
{
    hwv_text line = {0}, words = {0};
    if (option->letter != 0)
        hwv_text_printf(&line, "  -%c, --%s", option->letter, option->name);
    else
        hwv_text_printf(&line, "  --%s", option->name);
    if (option->value != NULL)
        hwv_text_printf(&line, " %s", option->value);

    hwv_cli_option_help(option, &words);
    if (option->kind != HWV_CLI_FLAG && (option->initial == NULL || option->initial[0] != '\0')) {
        hwv_text_puts(&words, " [");
        hwv_cli_default_text(option, &words);
        hwv_text_puts(&words, "]");
    }
    text->failed = text->failed || line.failed || words.failed;
    if (!text->failed) {
        hwv_text_puts(text, line.data);
        if (line.length + 2 > OPTION_INDENT)
            hwv_text_printf(text, "\n%*s", OPTION_INDENT, "");
        else
            hwv_text_printf(text, "%*s", (int)(OPTION_INDENT - line.length), "");
        hwv_cli_wrap(text, width, OPTION_INDENT, OPTION_INDENT, words.data);
    }
    hwv_text_free(&line);
    hwv_text_free(&words);
}

static void tool_help(hwv_text *text, size_t width)
{
    static const hwv_cli_example list[HWV_CLI_PARTS] = {
        {"halfwave demo", "what ReLU does, measured on this machine in under a minute"},
        {"halfwave train --act relu", "trains a small network on the built-in handwritten digits"},
        {"halfwave compare --acts relu,tanh,sigmoid", "the same network with three activations, three seeds each"},
        {"halfwave plot leaky_relu -d", "draws a function and its derivative"},
    };
    examples(text, width, list);
    hwv_text_puts(text, "\nUsage: halfwave COMMAND [options]\n\nCommands:\n");
    for (size_t i = 0; i < HWV_CLI_COMMANDS; i++) {
        const hwv_cli_command *command = hwv_cli_command_get(i);
        hwv_text_printf(text, "  %-10s  ", command->name);
        hwv_cli_wrap(text, width, 14, 14, command->sentence);
    }
    hwv_text_puts(text, "\n");
    hwv_cli_wrap(text, width, 0, 0,
                 "`halfwave COMMAND --help` explains a command, `halfwave --version` tells the version.");
    hwv_text_puts(text, "\n");
    hwv_cli_wrap(text, width, 0, 0,
                 "Exit status: 0 done, 1 a finding (sick model, failed gradient check, diverged run), 2 wrong "
                 "usage, 3 unreadable or unsupported input, 4 internal or out of memory, "
                 "130 interrupted. More in man halfwave.");
}

void hwv_cli_usage(hwv_text *text, const hwv_cli_command *command, unsigned bit, size_t width)
{
    if (width > 80)
        width = 80;
    if (command == NULL) {
        tool_help(text, width);
        return;
    }
    examples(text, width, command->examples);
    hwv_text_printf(text, "\nUsage: halfwave %s%s%s [options]\n\n", command->name, command->operands[0] ? " " : "",
                    command->operands);
    body(text, width, command->description);
    for (size_t i = 0; i < HWV_CLI_PARTS; i++)
        section(text, width, &command->sections[i]);
    const char *group = "";
    for (size_t i = 0; i < hwv_cli_option_count(); i++) {
        const hwv_cli_option *option = hwv_cli_option_get(i);
        if (!(option->commands & bit))
            continue;
        if (strcmp(group, option->group) != 0)
            hwv_text_printf(text, "\n%s:\n", option->group);
        group = option->group;
        option_help(text, width, option);
    }
}
