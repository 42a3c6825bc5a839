/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What the pages of all commands share: where and how the figures were made. */
#include "cli.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "halfwave/isa.h"

/* The CPU's own name, as Linux tells it; "" where it does not. */
static void cpu_name(char *name, size_t size)
{
    name[0] = '\0';
    FILE *file = fopen("/proc/cpuinfo", "r");
    char line[300];
    while (file != NULL && name[0] == '\0' && fgets(line, sizeof line, file) != NULL) {
        const char *colon = strchr(line, ':');
        if (strncmp(line, "model name", 10) != 0 || colon == NULL)
            continue;
        colon += strspn(colon, ": \t");
        snprintf(name, size, "%.*s, ", (int)strcspn(colon, "\n"), colon);
    }
    if (file != NULL)
        fclose(file);
}

void hwv_cli_page_facts(const hwv_cli *cli, hwv_page *page)
{
    char cpu[200], machine[600], kernels[80], seed[40];
    struct utsname system;
    cpu_name(cpu, sizeof cpu);
    if (uname(&system) < 0)
        memset(&system, 0, sizeof system);
    snprintf(machine, sizeof machine, "%s%.60s %.60s", cpu, system.sysname, system.machine);
    snprintf(kernels, sizeof kernels, "%s, %zu thread%s", hwv_isa_name(hwv_isa_current()), cli->options.threads,
             cli->options.threads == 1 ? "" : "s");
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)cli->options.train.seed);
    const hwv_page_fact facts[] = {{.name = "machine", .value = machine},
                                   {.name = "kernels", .value = kernels},
                                   {.name = "seed", .value = seed},
                                   {.name = "made with", .value = "halfwave " HALFWAVE_VERSION}};
    hwv_page_facts(page, facts, sizeof facts / sizeof facts[0]);
}

/* A word as a shell takes it. */
static void add_word(hwv_text *text, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-";
    if (word[0] != '\0' && word[strspn(word, plain)] == '\0') {
        hwv_text_puts(text, word);
        return;
    }
    hwv_text_puts(text, "'");
    for (; *word != '\0'; word++) {
        if (*word == '\'')
            hwv_text_puts(text, "'\\''");
        else
            hwv_text_add(text, word, 1);
    }
    hwv_text_puts(text, "'");
}

void hwv_cli_page_closing(const hwv_cli *cli, hwv_page *page)
{
    hwv_text line = {0};
    hwv_text_puts(&line, "halfwave");
    for (int i = 1; i < cli->word_count; i++) {
        /* Where the page went is nobody else's business. */
        if (strcmp(cli->words[i], "--html") == 0) {
            i++;
            continue;
        }
        if (strncmp(cli->words[i], "--html=", 7) == 0)
            continue;
        hwv_text_puts(&line, " ");
        add_word(&line, cli->words[i]);
    }
    hwv_page_section(page, "again", "Do it again");
    hwv_page_code(page, line.failed ? "" : line.data);
    page->body.failed = page->body.failed || line.failed;
    hwv_page_paragraph(page, HWV_STYLE_FAINT,
                       "The same seed gives the same bits on the same instruction set, for any number of threads. "
                       "Times are this machine's, and differ from run to run.");
    hwv_text_free(&line);
}

hwv_status hwv_cli_page_save(hwv_cli *cli, const hwv_page *page, const hwv_page_head *head, hwv_error *error)
{
    return hwv_page_save(page, head, cli->options.html, error);
}
