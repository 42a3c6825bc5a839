/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Completion for bash, from the table of options. */
#include "cli.h"

#include <string.h>

#include "halfwave/act.h"

/* Within single quotes. The tool is asked for activations, so that a new one changes no file. */
static void add_names(hwv_text *text, hwv_cli_names *names)
{
    size_t i = 0;
    if (names == hwv_cli_name_operator || names == hwv_cli_name_applicable) {
        hwv_text_puts(text, "'$(\"${COMP_WORDS[0]}\" help --operators 2>/dev/null)'");
        i = hwv_op_count();
    }
    for (; names(i) != NULL; i++)
        hwv_text_printf(text, "%s%s", i > 0 ? " " : "", names(i));
}

/* What may follow an option, for all commands: an option means the same in each. */
static void add_values(hwv_text *text)
{
    hwv_text_puts(text, "    case $before in\n");
    for (size_t i = 0; i < hwv_cli_option_count(); i++) {
        const hwv_cli_option *option = hwv_cli_option_get(i);
        if (option->kind == HWV_CLI_FLAG)
            continue;
        hwv_text_printf(text, "    --%s) ", option->name);
        if (option->names != NULL) {
            hwv_text_puts(text, "names='");
            add_names(text, option->names);
            hwv_text_puts(text, "'");
        }
        /* Data can be a path as well as a name. */
        if (option->kind == HWV_CLI_FILE || strcmp(option->name, "data") == 0)
            hwv_text_printf(text, "%sfiles=1", option->names != NULL ? " " : "");
        else if (option->names == NULL)
            hwv_text_puts(text, "return");
        hwv_text_puts(text, " ;;\n");
    }
    hwv_text_puts(text, "    *)\n        case ${COMP_WORDS[1]} in\n");
}

static void add_commands(hwv_text *text)
{
    for (size_t c = 0; c < HWV_CLI_COMMANDS; c++) {
        const hwv_cli_command *command = hwv_cli_command_get(c);
        hwv_text_printf(text, "        %s) names='", command->name);
        if (command->operand_names != NULL) {
            add_names(text, command->operand_names);
            hwv_text_puts(text, " ");
        }
        bool first = true;
        for (size_t i = 0; i < hwv_cli_option_count(); i++) {
            const hwv_cli_option *option = hwv_cli_option_get(i);
            if (option->commands & (1u << c)) {
                hwv_text_printf(text, "%s--%s", first ? "" : " ", option->name);
                first = false;
            }
        }
        hwv_text_puts(text, "'");
        if (command->operand_max > 0 && command->operand_names == NULL)
            hwv_text_puts(text, " files=1");
        hwv_text_puts(text, " ;;\n");
    }
}

void hwv_cli_completion(hwv_text *text)
{
    hwv_text_puts(text,
                  "# SPDX-License-Identifier: MIT\n"
                  "# Completion of halfwave for bash. Written by `halfwave help --completion`.\n"
                  "_halfwave()\n{\n"
                  "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} names='' files=''\n"
                  "    COMPREPLY=()\n"
                  "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
                  "        mapfile -t COMPREPLY < <(compgen -W '");
    add_names(text, hwv_cli_name_command);
    hwv_text_puts(text, " --help --version' -- \"$word\")\n        return\n    fi\n");
    add_values(text);
    add_commands(text);
    hwv_text_puts(text, "        esac ;;\n    esac\n"
                        "    mapfile -t COMPREPLY < <(compgen -W \"$names\" -- \"$word\")\n"
                        "    if [ -n \"$files\" ] && [ \"${word#-}\" = \"$word\" ]; then\n"
                        "        mapfile -t -O \"${#COMPREPLY[@]}\" COMPREPLY < <(compgen -f -- \"$word\")\n"
                        "        compopt -o filenames 2>/dev/null\n"
                        "    fi\n}\n"
                        "complete -F _halfwave halfwave\n");
}
