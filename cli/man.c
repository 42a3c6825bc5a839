/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Manual pages in mdoc, from the same tables as the help. */
#include "cli.h"

#include <ctype.h>
#include <string.h>

/* Raised with the version, so that a page does not change by being written again. */
#define PAGE_DATE "November 23, 2026"

/* Text of one line; `literal`: dashes stay what they are. What begins a word is made safe for the beginning of a
 * line, so that the result may be wrapped. */
static void escape(hwv_text *text, const char *string, size_t length, bool literal)
{
    bool dashes = true; /* in front of an option */
    for (size_t i = 0; i < length; i++) {
        char c = string[i];
        bool begins = i == 0 || string[i - 1] == ' ';
        dashes = c == '-' && (begins || dashes);
        if (begins && (c == '.' || c == '\''))
            hwv_text_puts(text, "\\&");
        const char *special = c == '\\'                         ? "\\e"
                              : c == '`'                        ? "\\(ga"
                              : c == '^'                        ? "\\(ha"
                              : c == '~'                        ? "\\(ti"
                              : (literal || dashes) && c == '-' ? "\\-"
                                                                : NULL;
        if (special != NULL)
            hwv_text_puts(text, special);
        else
            hwv_text_add(text, &c, 1);
    }
}

/* A sentence of running text. */
static void sentence(hwv_text *text, const char *string, size_t length)
{
    hwv_text line = {0};
    escape(&line, string, length, false);
    hwv_cli_wrap(text, 78, 0, 0, hwv_cli_part(text, &line));
    hwv_text_free(&line);
}

/* A paragraph, a sentence a line, as mdoc wants it. */
static void paragraph(hwv_text *text, const char *string, size_t length)
{
    while (length > 0) {
        size_t end = 0;
        while (end < length && !(strchr(".?!", string[end]) != NULL && end + 1 < length && string[end + 1] == ' '))
            end++;
        end += end < length;
        sentence(text, string, end);
        string += end;
        length -= end;
        while (length > 0 && *string == ' ') {
            string++;
            length--;
        }
    }
}

static void body(hwv_text *text, const char *string)
{
    bool literal = false, first = true;
    while (*string != '\0') {
        size_t length = strcspn(string, "\n");
        bool is_literal = strncmp(string, "  ", 2) == 0;
        if (is_literal && !literal)
            hwv_text_puts(text, ".Bd -literal\n");
        if (!is_literal && literal)
            hwv_text_puts(text, ".Ed\n");
        if (!is_literal && length > 0 && !first)
            hwv_text_puts(text, ".Pp\n");
        literal = is_literal;
        if (is_literal) {
            escape(text, string + 2, length - 2, true);
            hwv_text_puts(text, "\n");
        } else {
            paragraph(text, string, length);
        }
        first = first && length == 0;
        string += length;
        string += *string != '\0';
    }
    if (literal)
        hwv_text_puts(text, ".Ed\n");
}

static void heading(hwv_text *text, const char *string)
{
    hwv_text_puts(text, ".Sh ");
    for (; *string != '\0'; string++) {
        char upper = (char)toupper((unsigned char)*string);
        hwv_text_add(text, &upper, 1);
    }
    hwv_text_puts(text, "\n");
}

static void section(hwv_text *text, const hwv_cli_section *part)
{
    if (part->heading == NULL)
        return;
    heading(text, part->heading);
    body(text, part->body);
}

static void examples(hwv_text *text, const hwv_cli_example *list)
{
    if (list[0].line == NULL)
        return;
    hwv_text_puts(text, ".Sh EXAMPLES\n");
    for (size_t i = 0; i < HWV_CLI_PARTS && list[i].line != NULL; i++) {
        hwv_text_puts(text, i > 0 ? ".Pp\n.Bd -literal -compact\n" : ".Bd -literal -compact\n");
        escape(text, list[i].line, strlen(list[i].line), true);
        hwv_text_puts(text, "\n.Ed\n.Bd -filled -offset indent -compact\n");
        paragraph(text, list[i].what, strlen(list[i].what));
        hwv_text_puts(text, ".Ed\n");
    }
}

static void option_entry(hwv_text *text, const hwv_cli_option *option)
{
    hwv_text_puts(text, ".It ");
    if (option->letter != 0)
        hwv_text_printf(text, "Fl %c , ", option->letter);
    hwv_text_printf(text, "Fl Fl %s", option->name);
    if (option->value != NULL) {
        hwv_text_puts(text, " Ar ");
        escape(text, option->value, strlen(option->value), false);
    }
    hwv_text_puts(text, "\n");
    hwv_text line = {0};
    hwv_cli_option_help(option, &line);
    hwv_text_puts(&line, ".");
    if (option->kind == HWV_CLI_SIZE || option->kind == HWV_CLI_NUMBER || option->kind == HWV_CLI_SHARE ||
        option->kind == HWV_CLI_SEED) {
        hwv_text_puts(&line, " Takes ");
        hwv_cli_value_range(option, &line);
        hwv_text_puts(&line, ".");
    }
    if (option->kind != HWV_CLI_FLAG && (option->initial == NULL || option->initial[0] != '\0')) {
        hwv_text_puts(&line, " Default: ");
        hwv_cli_default_text(option, &line);
        hwv_text_puts(&line, ".");
    }
    paragraph(text, hwv_cli_part(text, &line), line.length);
    hwv_text_free(&line);
}

static void options_of(hwv_text *text, unsigned bit)
{
    const char *group = NULL;
    heading(text, "options");
    for (size_t i = 0; i < hwv_cli_option_count(); i++) {
        const hwv_cli_option *option = hwv_cli_option_get(i);
        if (!(option->commands & bit))
            continue;
        if (group == NULL || strcmp(group, option->group) != 0)
            hwv_text_printf(text, "%s.Ss %s\n.Bl -tag -width Ds\n", group != NULL ? ".El\n" : "", option->group);
        group = option->group;
        option_entry(text, option);
    }
    hwv_text_puts(text, ".El\n");
    section(text, &hwv_cli_numbers);
}

static void head(hwv_text *text, const char *command)
{
    hwv_text_puts(text, ".\\\" SPDX-License-Identifier: MIT\n"
                        ".\\\" Copyright (c) 2026 the halfwave authors\n"
                        ".\\\" Written by `halfwave help --man");
    hwv_text_printf(text, "%s%s`.\n.Dd " PAGE_DATE "\n.Dt HALFWAVE", command[0] ? " " : "", command);
    for (const char *c = command; *c != '\0'; c++)
        hwv_text_printf(text, "%s%c", c == command ? "-" : "", toupper((unsigned char)*c));
    hwv_text_printf(text, " 1\n.Os\n.Sh NAME\n.Nm halfwave%s%s\n", command[0] ? "-" : "", command);
}

static void tool_page(hwv_text *text)
{
    head(text, "");
    hwv_text_puts(text, ".Nd the ReLU family: kernels, training and what it does to units\n"
                        ".Sh SYNOPSIS\n.Nm\n.Ar command\n.Op Ar options\n.Nm\n.Fl Fl help | Fl Fl version\n"
                        ".Sh DESCRIPTION\n"
                        "Trains small networks on the processor, compares activation functions, draws\n"
                        "and times them, and counts units that never fire.\n"
                        "Each command has a page of its own.\n"
                        ".Bl -tag -width gradcheck\n");
    for (size_t i = 0; i < HWV_CLI_COMMANDS; i++) {
        const hwv_cli_command *command = hwv_cli_command_get(i);
        hwv_text_printf(text, ".It Cm %s\n", command->name);
        sentence(text, command->sentence, strlen(command->sentence));
    }
    hwv_text_puts(text, ".El\n");
    section(text, &hwv_cli_numbers);
    section(text, &hwv_cli_environment);
    section(text, &hwv_cli_exit_codes);
    hwv_text_puts(text, ".Sh EXAMPLES\n.Dl halfwave train \\-\\-act relu\n.Sh SEE ALSO\n");
    const char *sorted[HWV_CLI_COMMANDS];
    for (size_t i = 0; i < HWV_CLI_COMMANDS; i++) {
        size_t at = i;
        for (; at > 0 && strcmp(sorted[at - 1], hwv_cli_command_name(i)) > 0; at--)
            sorted[at] = sorted[at - 1];
        sorted[at] = hwv_cli_command_name(i);
    }
    for (size_t i = 0; i < HWV_CLI_COMMANDS; i++)
        hwv_text_printf(text, ".Xr halfwave-%s 1%s\n", sorted[i], i + 1 < HWV_CLI_COMMANDS ? " ," : "");
}

void hwv_cli_man(hwv_text *text, const hwv_cli_command *command, unsigned bit)
{
    if (command == NULL) {
        tool_page(text);
        return;
    }
    head(text, command->name);
    hwv_text_printf(text, ".Nd %s\n.Sh SYNOPSIS\n.Nm halfwave %s\n", command->sentence, command->name);
    if (command->operands[0] != '\0')
        hwv_text_printf(text, ".Ar %s\n", command->operands);
    hwv_text_puts(text, ".Op Ar options\n.Sh DESCRIPTION\n");
    body(text, command->description);
    for (size_t i = 0; i < HWV_CLI_PARTS; i++)
        section(text, &command->sections[i]);
    options_of(text, bit);
    section(text, &hwv_cli_environment);
    section(text, &hwv_cli_exit_codes);
    examples(text, command->examples);
    hwv_text_puts(text, ".Sh SEE ALSO\n.Xr halfwave 1\n");
}
