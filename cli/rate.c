/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * --lr auto: a learning rate picked on short runs, with talk. */
#include "training.h"

#include <math.h>

#include "report/number.h"

typedef struct watcher {
    hwv_cli *cli;
    const hwv_cli_run *run;
} watcher;

static void at_step(void *self, double rate, double done)
{
    const watcher *w = self;
    size_t runs = w->run->of > 0 ? w->run->of : 1;
    hwv_cli_progress(w->cli, (double)w->run->number / (double)runs, "%s: trying rate %s, %.0f %%",
                     hwv_cli_run_name(w->run), hwv_number_plain(rate).text, 100 * done);
}

static void say_trials(hwv_cli *cli, const char *name, const hwv_rate_search *search)
{
    hwv_text text = {0};
    for (size_t i = 0; i < search->trial_count; i++) {
        const hwv_rate_trial *trial = &search->trials[i];
        hwv_text_printf(&text, "%s%s: %s", i > 0 ? ", " : "", hwv_number_plain(trial->rate).text,
                        isfinite(trial->loss) ? hwv_number_plain(trial->loss).text : "diverged");
    }
    hwv_cli_say(cli, "%s: rate %s%s; loss at each rate tried, after %zu steps, median of %d seeds: %s", name,
                hwv_number_plain(search->rate).text, search->learned ? "" : ", as none learned anything", search->steps,
                HWV_RATE_SEEDS, text.failed ? "" : text.data);
    hwv_text_free(&text);
}

hwv_status hwv_cli_rate_pick(hwv_cli *cli, hwv_cli_run *run, hwv_error *error)
{
    watcher watch = {.cli = cli, .run = run};
    hwv_rate_search search;
    hwv_status status = hwv_rate_pick(&search, &run->model, run->data, &run->options, at_step, &watch, error);
    if (status != HWV_OK && status != HWV_ERR_NUMERIC)
        return status;
    say_trials(cli, hwv_cli_run_name(run), &search);
    run->options.optimizer.lr = search.rate;
    return HWV_OK;
}
