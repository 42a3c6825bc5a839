/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Lists of names, and the message about one that is in none. */
#include "cli.h"

#include <stdio.h>

#include "halfwave/act.h"
#include "halfwave/gated.h"

const char *hwv_cli_name_operator(size_t i)
{
    return i < hwv_op_count() ? hwv_op_get(i)->name : NULL;
}

/* Activations, then gated pairs. */
const char *hwv_cli_name_applicable(size_t i)
{
    if (i < hwv_op_count())
        return hwv_op_get(i)->name;
    const hwv_gate_info *pair = hwv_gate_get(i - hwv_op_count());
    return pair != NULL ? pair->name : NULL;
}

const char *hwv_cli_name_data(size_t i)
{
    return i < hwv_data_name_count() ? hwv_data_name(i) : NULL;
}

const char *hwv_cli_name_zoo(size_t i)
{
    return i < hwv_zoo_count() ? hwv_zoo_name(i) : NULL;
}

const char *hwv_cli_name_optimizer(size_t i)
{
    return i < HWV_OPTIMIZER_COUNT ? hwv_optimizer_name((hwv_optimizer)i) : NULL;
}

const char *hwv_cli_name_cure(size_t i)
{
    return i < HWV_CURE_COUNT ? hwv_cure_name((hwv_cure)i) : NULL;
}

const char *hwv_cli_name_norm(size_t i)
{
    return i < HWV_NORM_COUNT ? hwv_norm_name((hwv_norm)i) : NULL;
}

const char *hwv_cli_name_convolution(size_t i)
{
    return i < HWV_CONVOLUTION_COUNT ? hwv_convolution_name((hwv_convolution)i) : NULL;
}

const char *hwv_cli_name_schedule(size_t i)
{
    return i < HWV_SCHEDULE_COUNT ? hwv_schedule_name((hwv_schedule)i) : NULL;
}

const char *hwv_cli_name_init(size_t i)
{
    return i < HWV_INIT_COUNT ? hwv_init_name((hwv_init)i) : NULL;
}

const char *hwv_cli_name_color(size_t i)
{
    static const char *const names[] = {"auto", "always", "never"};
    return i < 3 ? names[i] : NULL;
}

const char *hwv_cli_name_part(size_t i)
{
    static const char *const names[] = {"test", "train"};
    return i < 2 ? names[i] : NULL;
}

const char *hwv_cli_name_dtype(size_t i)
{
    return i == 0 ? "f32" : NULL;
}

const char *hwv_cli_name_pass(size_t i)
{
    static const char *const names[] = {"forward", "backward", "both"};
    return i < 3 ? names[i] : NULL;
}

const char *hwv_cli_name_tier(size_t i)
{
    static const char *const names[] = {[HWV_ACCURATE] = "accurate", [HWV_FAST] = "fast"};
    return i < 2 ? names[i] : NULL;
}

/* All sets that exist, so that help and completion do not depend on the machine that wrote them. */
const char *hwv_cli_name_isa(size_t i)
{
    return i < HWV_ISA_COUNT ? hwv_isa_name((hwv_isa)i) : NULL;
}

const char *hwv_cli_name_command(size_t i)
{
    return hwv_cli_command_name(i);
}

hwv_status hwv_cli_unknown_in(hwv_error *error, const char *what, const char *name, const char *const *list,
                              size_t count, const char *prefix)
{
    char hint[100] = "";
    size_t near = hwv_name_nearest(name, list, count);
    if (near < count)
        snprintf(hint, sizeof hint, " (did you mean '%s%s'?)", prefix, list[near]);
    /* What a command takes is more than an error holds, and --help has it with what it means. */
    if (prefix[0] != '\0')
        return hwv_fail(error, HWV_ERR_NAME, "unknown %s '%s%.60s'%s", what, prefix, name, hint);
    hwv_text known = {0};
    for (size_t i = 0; i < count; i++)
        hwv_text_printf(&known, "%s%s%s", i > 0 ? ", " : "", prefix, list[i]);
    hwv_fail(error, HWV_ERR_NAME, "unknown %s '%s%.60s'%s\nknown: %s", what, prefix, name, hint,
             known.failed || known.data == NULL ? "" : known.data);
    hwv_text_free(&known);
    return HWV_ERR_NAME;
}

hwv_status hwv_cli_unknown(hwv_error *error, const char *what, const char *name, hwv_cli_names *names)
{
    const char *list[64];
    size_t count = 0;
    for (; count < sizeof list / sizeof list[0] && names(count) != NULL; count++)
        list[count] = names(count);
    return hwv_cli_unknown_in(error, what, name, list, count, "");
}

void hwv_cli_act_text(const hwv_act *act, hwv_text *text)
{
    const hwv_op_info *row = hwv_op_row(act->op);
    hwv_text_puts(text, row->name);
    size_t p = 0;
    for (; p < HWV_ACT_PARAMS && row->param[p].name != NULL; p++)
        hwv_text_printf(text, "%s%s=%g", p > 0 ? ", " : "(", row->param[p].name, (double)act->param[p]);
    hwv_text_puts(text, p > 0 ? ")" : "");
}

void hwv_cli_model_act_text(const hwv_model_act *act, hwv_text *text)
{
    if (act->gated)
        hwv_text_puts(text, hwv_model_act_name(act));
    else
        hwv_cli_act_text(&act->act, text);
}
