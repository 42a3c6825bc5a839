/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What the pages of all commands share: where and how the figures were made; and showing one result on the screen
 * and in a page. */
#include "cli.h"

#include <assert.h>
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

void hwv_cli_page_facts(hwv_page *page, const hwv_page_fact *own, size_t count)
{
    enum { MOST = 10, SHARED = 2 };
    char cpu[200], machine[600];
    struct utsname system;
    cpu_name(cpu, sizeof cpu);
    if (uname(&system) < 0)
        memset(&system, 0, sizeof system);
    snprintf(machine, sizeof machine, "%s%.60s %.60s", cpu, system.sysname, system.machine);
    hwv_page_fact facts[MOST + SHARED];
    assert(count <= MOST);
    for (size_t i = 0; i < count; i++)
        facts[i] = own[i];
    facts[count] = (hwv_page_fact){.name = "machine", .value = machine};
    facts[count + 1] = (hwv_page_fact){.name = "made with", .value = "halfwave " HALFWAVE_VERSION};
    hwv_page_facts(page, facts, count + SHARED);
}

void hwv_cli_page_options(const hwv_cli *cli, hwv_page *page)
{
    static const hwv_column columns[] = {{"option", HWV_LEFT}, {"value", HWV_LEFT}};
    hwv_table table = {.caption = {.note = "In bold: given, not by default."},
                       .columns = columns,
                       .column_count = sizeof columns / sizeof columns[0]};
    for (size_t i = 0; i < hwv_cli_option_count(); i++) {
        const hwv_cli_option *option = hwv_cli_option_get(i);
        bool common = option->commands == HWV_CLI_ALL || strcmp(option->name, "json") == 0;
        if (!(option->commands & cli->bit) || common || option->kind == HWV_CLI_FILE)
            continue;
        hwv_text value = {0};
        hwv_cli_value_print(option, &cli->options, &value);
        hwv_style style = cli->given[i] ? HWV_STYLE_STRONG : HWV_STYLE_PLAIN;
        hwv_table_cell(&table, style, "--%s", option->name);
        const char *shown = hwv_cli_part(&page->body, &value);
        const char *otherwise = option->initial != NULL && option->initial[0] != '\0' ? option->initial : "none";
        hwv_table_cell(&table, style, "%s", shown[0] != '\0' ? shown : otherwise);
        hwv_text_free(&value);
    }
    hwv_page_table(page, &table, "Options");
    hwv_table_free(&table);
}

void hwv_cli_shell_word(hwv_text *text, const char *word)
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
        hwv_cli_shell_word(&line, cli->words[i]);
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
    HWV_TRY(hwv_page_save(page, head, cli->options.html, error));
    hwv_cli_say(cli, "wrote %s", cli->options.html);
    return HWV_OK;
}

void hwv_cli_show_table(hwv_cli *cli, hwv_page *page, const hwv_table *table)
{
    if (!cli->options.json)
        hwv_table_text(table, &cli->screen, &cli->out);
    if (page != NULL)
        hwv_page_table(page, table, NULL);
}

void hwv_cli_show_plot(hwv_cli *cli, hwv_page *page, const hwv_plot *plot)
{
    if (!cli->options.json)
        hwv_plot_text(plot, &cli->screen, &cli->out);
    if (page != NULL)
        hwv_page_plot(page, plot);
}

void hwv_cli_show_gap(hwv_cli *cli)
{
    if (!cli->options.json)
        hwv_text_puts(&cli->out, "\n");
}
