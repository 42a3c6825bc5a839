/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * --param: parameters of activations by name. */
#include "cli.h"

#include <string.h>

#include "halfwave/act.h"

/* Of all activations together. */
typedef struct names {
    const char *name[32];
    size_t count;
} names;

static void collect(names *all, const hwv_op_info *row)
{
    for (size_t p = 0; p < HWV_ACT_PARAMS && row->param[p].name != NULL; p++) {
        size_t i = 0;
        while (i < all->count && strcmp(all->name[i], row->param[p].name) != 0)
            i++;
        if (i == all->count && i < sizeof all->name / sizeof all->name[0])
            all->name[all->count++] = row->param[p].name;
    }
}

static hwv_status refuse(const char *name, size_t length, const hwv_act *acts, size_t count, hwv_error *error)
{
    names all = {0};
    char copy[61] = "";
    memcpy(copy, name, length < 60 ? length : 60);
    for (size_t i = 0; i < count; i++)
        collect(&all, hwv_op_row(acts[i].op));
    const char *whose = count == 1 ? hwv_op_row(acts[0].op)->name : "none of the activations";
    if (all.count == 0)
        return hwv_fail(error, HWV_ERR_NAME, "--param: %s has %sparameter%s, '%s' was given", whose,
                        count == 1 ? "no " : "a ", count == 1 ? "s" : "", copy);
    hwv_text known = {0};
    for (size_t i = 0; i < all.count; i++)
        hwv_text_printf(&known, "%s%s", i > 0 ? ", " : "", all.name[i]);
    hwv_fail(error, HWV_ERR_NAME, "--param: %s has %sparameter '%s'%s; known: %s", whose, count == 1 ? "no " : "a ",
             copy, hwv_name_hint(copy, all.name, all.count).text, known.failed ? "" : known.data);
    hwv_text_free(&known);
    return HWV_ERR_NAME;
}

/* True when the activation has it. */
static bool set(hwv_act *act, const char *name, size_t length, float value)
{
    const hwv_op_info *row = hwv_op_row(act->op);
    for (size_t p = 0; p < HWV_ACT_PARAMS && row->param[p].name != NULL; p++)
        if (strlen(row->param[p].name) == length && memcmp(row->param[p].name, name, length) == 0) {
            act->param[p] = value;
            return true;
        }
    return false;
}

static hwv_status set_list(const char *list, hwv_act *acts, size_t count, hwv_error *error)
{
    for (const char *at = list, *entry; at != NULL;) {
        size_t length = hwv_cli_list_next(&at, &entry), name = strcspn(entry, "=,");
        double value;
        if (name >= length || !hwv_cli_number(entry + name + 1, length - name - 1, &value))
            return hwv_fail(error, HWV_ERR_ARGUMENT, "--param: '%.*s' is not NAME=NUMBER, such as slope=0.2",
                            (int)(length < 60 ? length : 60), entry);
        bool used = false;
        for (size_t i = 0; i < count; i++)
            used = set(&acts[i], entry, name, (float)value) || used;
        if (!used)
            return refuse(entry, name, acts, count, error);
    }
    return HWV_OK;
}

hwv_status hwv_cli_params(const hwv_cli *cli, hwv_act *acts, size_t count, hwv_error *error)
{
    for (size_t i = 0; i < cli->options.param.count; i++)
        HWV_TRY(set_list(cli->options.param.text[i], acts, count, error));
    /* All of them are set before any is checked: one bound may depend on the other. */
    for (size_t i = 0; i < count; i++)
        HWV_TRY(hwv_act_check(&acts[i], error));
    return HWV_OK;
}
