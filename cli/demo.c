/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * halfwave demo: the claims of the study from top to bottom, each shown as soon as it is measured, then all of
 * them as a page. */
#include "cli.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "report/file.h"
#include "study/study.h"

#define CLAIMS 32

typedef struct demo {
    hwv_cli *cli;
    const hwv_claim *claims[CLAIMS];
    hwv_finding findings[CLAIMS];
    size_t count, done;
} demo;

static const char *claim_name(size_t i)
{
    return i < hwv_claim_count() ? hwv_claim_get(i)->name : NULL;
}

static void progress(void *self, const char *what, double done)
{
    demo *d = self;
    hwv_cli_progress(d->cli, ((double)d->done + done) / (double)d->count, "%s: %s", d->claims[d->done]->name, what);
}

static hwv_status pick(demo *d, hwv_error *error)
{
    const hwv_cli *cli = d->cli;
    if (cli->options.all && cli->operand_count > 0)
        return hwv_fail(error, HWV_ERR_ARGUMENT, "--all shows all claims: there is no use for naming some");
    for (size_t i = 0; cli->operand_count == 0 && i < hwv_claim_count(); i++)
        if (cli->options.all || hwv_claim_get(i)->quick)
            d->claims[d->count++] = hwv_claim_get(i);
    for (size_t i = 0; i < cli->operand_count; i++) {
        HWV_TRY(hwv_claim_find(&d->claims[d->count++], cli->operands[i], error));
        for (size_t k = 0; k < i; k++)
            if (d->claims[k] == d->claims[i])
                return hwv_fail(error, HWV_ERR_ARGUMENT, "'%s' is named twice", d->claims[i]->name);
    }
    return HWV_OK;
}

static hwv_status save_pictures(hwv_cli *cli, const hwv_finding *finding, hwv_error *error)
{
    for (size_t i = 0; i < finding->picture_count; i++) {
        hwv_text path = {0};
        hwv_text_printf(&path, "%s/%s.svg", cli->options.pictures, finding->pictures[i].name);
        hwv_status status = path.failed ? hwv_fail(error, HWV_ERR_MEMORY, "out of memory")
                                        : hwv_report_save(path.data, &finding->pictures[i].svg, error);
        if (status == HWV_OK)
            hwv_cli_say(cli, "wrote %s", path.data);
        hwv_text_free(&path);
        HWV_TRY(status);
    }
    return HWV_OK;
}

static hwv_status run_claims(demo *d, const hwv_study *study, hwv_error *error)
{
    hwv_cli *cli = d->cli;
    for (; d->done < d->count; d->done++) {
        hwv_finding *finding = &d->findings[d->done];
        HWV_TRY(hwv_claim_run(d->claims[d->done], study, finding, error));
        hwv_progress_end(&cli->progress);
        if (!cli->options.json) {
            hwv_text_add(&cli->out, finding->screen.data, finding->screen.length);
            HWV_TRY(hwv_cli_flush(cli, error)); /* the reader need not wait for the rest */
        }
        if (cli->options.pictures != NULL)
            HWV_TRY(save_pictures(cli, finding, error));
    }
    return HWV_OK;
}

/* "2 hold, 1 holds in part." */
static void count_verdicts(const demo *d, hwv_text *text)
{
    size_t counts[HWV_CLAIM_CONTRADICTED + 1] = {0};
    for (size_t i = 0; i < d->count; i++)
        counts[d->findings[i].verdict]++;
    static const struct {
        hwv_claim_verdict verdict;
        const char *one, *many;
    } words[] = {{HWV_CLAIM_HOLDS, "holds", "hold"},
                 {HWV_CLAIM_PARTLY, "holds in part", "hold in part"},
                 {HWV_CLAIM_CONTRADICTED, "is contradicted", "are contradicted"}};
    const char *before = " ";
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        size_t n = counts[words[i].verdict];
        if (n == 0)
            continue;
        hwv_text_printf(text, "%s%zu %s", before, n, n == 1 ? words[i].one : words[i].many);
        before = ", ";
    }
    hwv_text_puts(text, ".");
}

static void page_facts(const hwv_cli *cli, hwv_page *page)
{
    char kernels[80], seed[40];
    snprintf(kernels, sizeof kernels, "%s, %zu thread%s", hwv_isa_name(hwv_isa_current()), cli->options.threads,
             cli->options.threads == 1 ? "" : "s");
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)cli->options.train.seed);
    const hwv_page_fact facts[] = {{.name = "kernels", .value = kernels}, {.name = "seed", .value = seed}};
    hwv_cli_page_facts(page, facts, sizeof facts / sizeof facts[0]);
}

static hwv_status write_page(demo *d, hwv_error *error)
{
    hwv_cli *cli = d->cli;
    hwv_page page = {0};
    hwv_text lead = {0};
    if (d->count == 1)
        hwv_text_puts(&lead, "One claim about ReLU, tested by an experiment on the machine that made this page.");
    else
        hwv_text_printf(
            &lead, "%zu claims about ReLU, each tested by an experiment on the machine that made this page:", d->count);
    if (d->count > 1)
        count_verdicts(d, &lead);
    page_facts(cli, &page);
    hwv_study_page(d->claims, d->findings, d->count, &page);
    hwv_cli_page_closing(cli, &page);
    hwv_page_head head = {.kind = "demo", .title = "What ReLU does, measured", .lead = hwv_cli_part(&page.body, &lead)};
    hwv_status status = hwv_page_save(&page, &head, cli->options.html, error);
    hwv_text_free(&lead);
    hwv_page_free(&page);
    return status;
}

static hwv_status report(demo *d, hwv_error *error)
{
    hwv_cli *cli = d->cli;
    HWV_TRY(write_page(d, error));
    if (!cli->options.json) {
        if (d->count > 1)
            HWV_TRY(hwv_study_summary(d->claims, d->findings, d->count, &cli->screen, &cli->out));
        /* Alone on the last line, for scripts. */
        hwv_text_printf(&cli->out, "%s%s\n", d->count > 1 ? "\n" : "", cli->options.html);
        return HWV_OK;
    }
    hwv_json_writer json = hwv_cli_json_begin(cli);
    hwv_json_key(&json, "claims");
    hwv_json_begin_array(&json);
    for (size_t i = 0; i < d->count; i++)
        hwv_finding_json(d->claims[i], &d->findings[i], &json);
    hwv_json_end(&json);
    hwv_cli_json_text(&json, "page", cli->options.html);
    hwv_cli_json_text(&json, "isa", hwv_isa_name(hwv_isa_current()));
    hwv_cli_json_options(cli, &json);
    return hwv_cli_json_end(&json, error);
}

static hwv_status run(hwv_cli *cli, hwv_error *error)
{
    static demo d;
    d.cli = cli;
    HWV_TRY(pick(&d, error));
    if (cli->options.html == NULL)
        cli->options.html = "halfwave-demo.html";
    HWV_TRY(hwv_cli_check_writable("html", cli->options.html, error));
    if (cli->options.pictures != NULL && mkdir(cli->options.pictures, 0777) != 0 && errno != EEXIST)
        return hwv_fail(error, HWV_ERR_IO, "--pictures: cannot make the folder '%.200s': %s", cli->options.pictures,
                        strerror(errno));
    hwv_data data = {0};
    HWV_TRY(hwv_data_open(&data, "digits", error));
    hwv_study study = {.term = &cli->screen,
                       .data = &data,
                       .executor = cli->executor,
                       .seed = cli->options.train.seed,
                       .interrupt = hwv_cli_catch_interrupt(),
                       .progress = progress,
                       .progress_self = &d};
    hwv_status status = run_claims(&d, &study, error);
    if (status == HWV_OK)
        status = report(&d, error);
    for (size_t i = 0; i < d.count; i++)
        hwv_finding_free(&d.findings[i]);
    hwv_data_close(&data);
    return status;
}

const hwv_cli_command hwv_cli_demo = {
    .name = "demo",
    .sentence = "what ReLU does, measured on this machine in under a minute",
    .operands = "[CLAIM...]",
    .operand_max = CLAIMS,
    .operand_names = claim_name,
    .examples = {{"halfwave demo", "six claims about ReLU, each with its experiment and a verdict from the figures"},
                 {"halfwave demo death --pictures shots", "one of them, and its pictures as SVG files in a folder"},
                 {"halfwave demo --all", "those too that take a minute: a transformer"},
                 {"halfwave demo --html relu.html", "another place for the page"}},
    .description =
        "Measures what ReLU costs beside sigmoid and tanh, how it carries gradients through depth, how fast "
        "networks of dense layers, of convolutions and of attention learn with it, how its units die at a large "
        "learning "
        "rate, and what norms change about that, on this machine and on handwritten digits that are built "
        "in. Every verdict is computed from the figures; where they contradict what is usually said, the text says "
        "so.\n"
        "All of it goes into one HTML file too, to be read on any screen, printed or mailed: it loads nothing and "
        "needs no scripts, and behind each figure is a table. Its path is the last line of the output.\n",
    .run = run,
};
