/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Defaults of training that depend on what is trained: the model by the data, everything else by the model. The
 * figures are the library's recipes. */
#include "training.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static hwv_cli_options options_by(hwv_recipe recipe)
{
    hwv_cli_options options = hwv_cli_options_initial();
    options.train = hwv_recipe_options(recipe);
    return options;
}

static bool of_training(const hwv_cli_option *option)
{
    const size_t first = offsetof(hwv_cli_options, train);
    return option->field >= first && option->field < first + sizeof(hwv_train_options);
}

void hwv_cli_model_settle(hwv_cli *cli, const hwv_data *data)
{
    if (data->block > 0 && !hwv_cli_given(cli, "model") && cli->options.resume == NULL)
        cli->options.model = "char-gpt";
}

void hwv_cli_defaults_settle(hwv_cli *cli, const hwv_model *model)
{
    hwv_train_options *train = &cli->options.train;
    const hwv_cli_options by_model = options_by(hwv_recipe_of(model));
    if (cli->options.resume != NULL) /* what was not given is the checkpoint's */
        return;
    for (size_t i = 0; i < hwv_cli_option_count(); i++) {
        const hwv_cli_option *option = hwv_cli_option_get(i);
        if (!cli->given[i] && (option->commands & cli->bit) && of_training(option) && option->kind != HWV_CLI_FILE)
            hwv_cli_value_copy(option, &cli->options, &by_model);
    }
    /* One of them alone says how long; together they are two limits, and schedules are made for the epochs. */
    if (hwv_cli_given(cli, "max-steps") && !hwv_cli_given(cli, "epochs"))
        train->epochs = 0;
    if (hwv_cli_given(cli, "epochs") && !hwv_cli_given(cli, "max-steps"))
        train->max_steps = 0;
}

/* ---- help ---- */

static const char *const whose[HWV_RECIPE_COUNT] = {
    [HWV_RECIPE_ATTENTION] = "with attention", [HWV_RECIPE_TEXT] = "for text"};

/* What the recipe says, "" where that is what holds without it. Lengths of 0 are those that the other one gives. */
static void value_by(const hwv_cli_option *option, hwv_recipe recipe, hwv_text *text)
{
    const hwv_cli_options usual = options_by(HWV_RECIPE_PLAIN), here = options_by(recipe);
    hwv_text without = {0};
    hwv_cli_value_print(option, &usual, &without);
    hwv_cli_value_print(option, &here, text);
    const char *value = hwv_cli_part(text, &without);
    if (text->length > 0 &&
        (strcmp(text->data, value) == 0 || (option->initial != NULL && strcmp(text->data, "0") == 0)))
        text->data[text->length = 0] = '\0';
    hwv_text_free(&without);
}

void hwv_cli_default_text(const hwv_cli_option *option, hwv_text *text)
{
    const hwv_cli_options initial = hwv_cli_options_initial();
    hwv_text attention = {0}, tokens = {0};
    if (option->initial != NULL)
        hwv_text_puts(text, option->initial);
    else
        hwv_cli_value_print(option, &initial, text);
    if (!of_training(option) || option->kind == HWV_CLI_FILE)
        return;
    value_by(option, HWV_RECIPE_ATTENTION, &attention);
    value_by(option, HWV_RECIPE_TEXT, &tokens);
    const char *first = hwv_cli_part(text, &attention), *second = hwv_cli_part(text, &tokens);
    if (first[0] != '\0' && strcmp(first, second) == 0)
        hwv_text_printf(text, "; %s %s or %s", first, whose[HWV_RECIPE_ATTENTION], whose[HWV_RECIPE_TEXT]);
    else {
        if (first[0] != '\0')
            hwv_text_printf(text, "; %s %s", first, whose[HWV_RECIPE_ATTENTION]);
        if (second[0] != '\0')
            hwv_text_printf(text, "; %s %s", second, whose[HWV_RECIPE_TEXT]);
    }
    hwv_text_free(&attention);
    hwv_text_free(&tokens);
}
