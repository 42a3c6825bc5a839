/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Reads the words of a command: --name value, --name=value, -q, operands, and `--`, behind which all
 * words are operands. Names are written in full, and each at most once. */
#include "cli.h"

#include <stdio.h>
#include <string.h>

bool hwv_cli_given(const hwv_cli *cli, const char *name)
{
    for (size_t i = 0; i < hwv_cli_option_count(); i++)
        if ((hwv_cli_option_get(i)->commands & cli->bit) && strcmp(hwv_cli_option_get(i)->name, name) == 0)
            return cli->given[i];
    return false;
}

static hwv_status find_long(const hwv_cli *cli, const char *name, size_t length, size_t *found, hwv_error *error)
{
    for (size_t i = 0; i < hwv_cli_option_count(); i++) {
        const hwv_cli_option *option = hwv_cli_option_get(i);
        if ((option->commands & cli->bit) && strlen(option->name) == length &&
            memcmp(option->name, name, length) == 0) {
            *found = i;
            return HWV_OK;
        }
    }
    char copy[64] = "";
    memcpy(copy, name, length < sizeof copy - 1 ? length : sizeof copy - 1);
    const char *list[96];
    size_t taken = 0;
    for (size_t i = 0; i < hwv_cli_option_count() && taken < sizeof list / sizeof list[0]; i++)
        if (hwv_cli_option_get(i)->commands & cli->bit)
            list[taken++] = hwv_cli_option_get(i)->name;
    return hwv_cli_unknown_in(error, "option", copy, list, taken, "--");
}

static hwv_status find_letter(const hwv_cli *cli, const char *word, size_t *found, hwv_error *error)
{
    for (size_t i = 0; i < hwv_cli_option_count(); i++) {
        const hwv_cli_option *option = hwv_cli_option_get(i);
        if ((option->commands & cli->bit) && option->letter != 0 && word[1] == option->letter && word[2] == '\0') {
            *found = i;
            return HWV_OK;
        }
    }
    /* "-data" and "-lr=1" miss a dash. */
    size_t length = strcspn(word + 1, "=");
    if (length > 1 && find_long(cli, word + 1, length, found, NULL) == HWV_OK)
        return hwv_fail(error, HWV_ERR_NAME, "unknown option '%.60s' (did you mean '-%.60s'?)", word, word);
    char letters[60] = "";
    for (size_t i = 0, at = 0; i < hwv_cli_option_count() && at + 8 < sizeof letters; i++) {
        const hwv_cli_option *option = hwv_cli_option_get(i);
        if ((option->commands & cli->bit) && option->letter != 0)
            at += (size_t)snprintf(letters + at, sizeof letters - at, "%s-%c", at > 0 ? ", " : "", option->letter);
    }
    return hwv_fail(error, HWV_ERR_NAME, "unknown option '%.60s'; the short ones are %s", word, letters);
}

static hwv_status value_of(const hwv_cli_option *option, const char *joined, int count, char **words, int *at,
                           const char **value, hwv_error *error)
{
    *value = joined;
    if (option->kind == HWV_CLI_FLAG)
        return joined == NULL ? HWV_OK
                              : hwv_fail(error, HWV_ERR_ARGUMENT, "--%s takes no value, but '%.60s' was given",
                                         option->name, joined);
    if (joined != NULL)
        return HWV_OK;
    /* What looks like the next option is no value; "--name=--text" still says it. */
    if (*at + 1 >= count || strncmp(words[*at + 1], "--", 2) == 0)
        return hwv_fail(error, HWV_ERR_ARGUMENT, "--%s needs a value: --%s %s", option->name, option->name,
                        option->value);
    *value = words[++*at];
    return HWV_OK;
}

static hwv_status operand(hwv_cli *cli, const char *word, hwv_error *error)
{
    if (cli->operand_count < cli->command->operand_max) {
        cli->operands[cli->operand_count++] = word;
        return HWV_OK;
    }
    if (cli->command->operand_max == 0)
        return hwv_fail(error, HWV_ERR_ARGUMENT, "unexpected word '%.60s': %s takes options only, such as --data %s",
                        word, cli->command->name, "digits");
    return hwv_fail(error, HWV_ERR_ARGUMENT, "unexpected word '%.60s'; usage: halfwave %s %s [options]", word,
                    cli->command->name, cli->command->operands);
}

hwv_status hwv_cli_parse(hwv_cli *cli, int count, char **words, hwv_error *error)
{
    bool only_operands = false;
    for (int at = 0; at < count; at++) {
        const char *word = words[at], *joined = NULL, *value;
        size_t found;
        if (only_operands || word[0] != '-' || word[1] == '\0') {
            HWV_TRY(operand(cli, word, error));
            continue;
        }
        if (strcmp(word, "--") == 0) {
            only_operands = true;
            continue;
        }
        if (word[1] == '-') {
            size_t length = strcspn(word + 2, "=");
            HWV_TRY(find_long(cli, word + 2, length, &found, error));
            if (word[2 + length] == '=')
                joined = word + 2 + length + 1;
        } else {
            HWV_TRY(find_letter(cli, word, &found, error));
        }
        const hwv_cli_option *option = hwv_cli_option_get(found);
        if (cli->given[found] && option->kind != HWV_CLI_TEXTS)
            return hwv_fail(error, HWV_ERR_ARGUMENT, "--%s is given twice", option->name);
        HWV_TRY(value_of(option, joined, count, words, &at, &value, error));
        HWV_TRY(hwv_cli_value_parse(option, &cli->options, value, error));
        cli->given[found] = true;
    }
    if (!cli->options.help && cli->operand_count < cli->command->operand_min)
        return hwv_fail(error, HWV_ERR_ARGUMENT, "something is missing; usage: halfwave %s %s [options]",
                        cli->command->name, cli->command->operands);
    return HWV_OK;
}
