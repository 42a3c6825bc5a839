/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What leaves the tool: results, talk, errors, exit codes, files, JSON; and the signals and streams around it. */
#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "halfwave/clock.h"

void hwv_cli_streams(void)
{
    /* A closed stdout is opened for reading: writing to it fails and is reported, as it should be. */
    static const int flags[3] = {O_RDONLY, O_RDONLY, O_WRONLY};
    for (int stream = 0; stream < 3; stream++)
        if (fcntl(stream, F_GETFD) < 0 && errno == EBADF && open("/dev/null", flags[stream]) != stream)
            _exit(HWV_EXIT_INTERNAL);
    /* A reader that went away shall be an error of the write, not the end of a training run; a file that may not grow
     * further, too, so that what was written of it is taken away. */
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
}

int hwv_cli_exit_code(hwv_status status)
{
    switch (status) {
    case HWV_OK:
        return HWV_EXIT_DONE;
    case HWV_ERR_ARGUMENT:
    case HWV_ERR_NAME:
    case HWV_ERR_SHAPE:
        return HWV_EXIT_USAGE;
    case HWV_ERR_IO:
    case HWV_ERR_FORMAT:
    case HWV_ERR_UNSUPPORTED:
    case HWV_ERR_MISMATCH:
        return HWV_EXIT_INPUT;
    case HWV_ERR_NUMERIC:
        return HWV_EXIT_FINDING;
    case HWV_ERR_INTERRUPTED:
        return HWV_EXIT_INTERRUPTED;
    case HWV_ERR_MEMORY:
    case HWV_ERR_INTERNAL:
        break;
    }
    return HWV_EXIT_INTERNAL;
}

hwv_status hwv_cli_flush(hwv_cli *cli, hwv_error *error)
{
    if (cli->out.failed)
        return hwv_fail(error, HWV_ERR_MEMORY, "out of memory while the result was written");
    errno = 0;
    size_t length = cli->out.length;
    bool written = length == 0 || fwrite(cli->out.data, 1, length, stdout) == length;
    written = fflush(stdout) == 0 && written;
    int reason = errno;
    hwv_text_free(&cli->out);
    if (!written)
        return hwv_fail(error, HWV_ERR_IO, "cannot write to standard output: %s",
                        reason != 0 ? strerror(reason) : "unknown error");
    return HWV_OK;
}

size_t hwv_cli_talk_width(const hwv_cli *cli)
{
    return cli->talk.tty ? (size_t)cli->talk.width : SIZE_MAX;
}

void hwv_cli_complain(hwv_cli *cli, const hwv_error *error)
{
    hwv_text text = {0};
    size_t width = hwv_cli_talk_width(cli);
    const char *name = cli->command != NULL ? cli->command->name : NULL;
    const char *line = error->text;
    for (size_t column = 0; *line != '\0'; column = 2) {
        size_t length = strcspn(line, "\n");
        hwv_text part = {0};
        if (column == 0)
            hwv_text_printf(&part, "halfwave%s%s: ", name != NULL ? " " : "", name != NULL ? name : "");
        hwv_text_add(&part, line, length);
        hwv_text_printf(&text, "%*s", (int)column, "");
        hwv_cli_wrap(&text, width, column, 2, part.failed ? hwv_status_sentence(error->status) : part.data);
        hwv_text_free(&part);
        line += length;
        line += *line != '\0';
    }
    if (hwv_cli_exit_code(error->status) == HWV_EXIT_USAGE)
        hwv_text_printf(&text, "try 'halfwave%s%s --help'\n", name != NULL ? " " : "", name != NULL ? name : "");
    hwv_progress_end(&cli->progress);
    if (text.failed)
        fprintf(stderr, "halfwave: %s\n", error->text);
    for (line = text.failed ? "" : text.data; *line != '\0'; line += *line != '\0') {
        size_t length = strcspn(line, "\n");
        hwv_text part = {0}, shown = {0};
        hwv_text_add(&part, line, length);
        hwv_term_puts(&shown, &cli->talk, HWV_STYLE_PLAIN, part.data != NULL ? part.data : "");
        fprintf(stderr, "%s\n", shown.data != NULL ? shown.data : "");
        hwv_text_free(&part);
        hwv_text_free(&shown);
        line += length;
    }
    hwv_text_free(&text);
}

void hwv_cli_say(hwv_cli *cli, const char *format, ...)
{
    char line[1000];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    hwv_text text = {0};
    hwv_term_puts(&text, &cli->talk, HWV_STYLE_PLAIN, line);
    if (!text.failed)
        hwv_progress_line(&cli->progress, text.data != NULL ? text.data : "");
    hwv_text_free(&text);
}

void hwv_cli_progress(hwv_cli *cli, double share, const char *format, ...)
{
    double now = hwv_clock_seconds();
    if (!cli->progress.term.tty || now - cli->progress.drawn < 0.1)
        return; /* not even the text is made: a training step may take less time than that */
    char line[200];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    hwv_progress_step(&cli->progress, share, line);
}

hwv_status hwv_cli_check_writable(const char *option, const char *path, hwv_error *error)
{
    struct stat entry;
    bool exists = stat(path, &entry) == 0;
    if (exists && S_ISDIR(entry.st_mode))
        return hwv_fail(error, HWV_ERR_IO, "--%s: '%.200s' is a folder", option, path);
    char folder[1000] = ".";
    const char *slash = strrchr(path, '/');
    if (slash != NULL) {
        size_t length = slash == path ? 1 : (size_t)(slash - path);
        if (length >= sizeof folder)
            return hwv_fail(error, HWV_ERR_IO, "--%s: '%.60s...' is too long", option, path);
        memcpy(folder, path, length);
        folder[length] = '\0';
    }
    if (access(folder, W_OK) != 0 && !(exists && access(path, W_OK) == 0))
        return hwv_fail(error, HWV_ERR_IO, "--%s: cannot write into '%.200s': %s", option, folder, strerror(errno));
    return HWV_OK;
}

hwv_json_writer hwv_cli_json_begin_in(const hwv_cli *cli, hwv_text *text)
{
    hwv_json_writer json = hwv_json_writer_make(text, 2);
    hwv_json_begin_object(&json);
    hwv_cli_json_count(&json, "schema", HWV_CLI_SCHEMA);
    hwv_cli_json_text(&json, "command", cli->command->name);
    return json;
}

hwv_json_writer hwv_cli_json_begin(hwv_cli *cli)
{
    return hwv_cli_json_begin_in(cli, &cli->out);
}

hwv_status hwv_cli_json_end(hwv_json_writer *json, hwv_error *error)
{
    hwv_json_end(json);
    return hwv_json_finish(json, error);
}

void hwv_cli_json_options(const hwv_cli *cli, hwv_json_writer *json)
{
    hwv_json_key(json, "options");
    hwv_json_begin_object(json);
    for (size_t i = 0; i < hwv_cli_option_count(); i++) {
        const hwv_cli_option *option = hwv_cli_option_get(i);
        if (!(option->commands & cli->bit) || option->commands == HWV_CLI_ALL || strcmp(option->name, "json") == 0)
            continue;
        char key[40] = "";
        for (size_t k = 0; option->name[k] != '\0' && k + 1 < sizeof key; k++)
            key[k] = option->name[k] == '-' ? '_' : option->name[k];
        hwv_json_key(json, key);
        hwv_cli_value_json(option, &cli->options, json);
    }
    hwv_json_end(json);
}

void hwv_cli_json_text(hwv_json_writer *json, const char *key, const char *value)
{
    hwv_json_key(json, key);
    hwv_json_string(json, value);
}

void hwv_cli_json_number(hwv_json_writer *json, const char *key, double value)
{
    hwv_json_key(json, key);
    hwv_json_number(json, value);
}

void hwv_cli_json_count(hwv_json_writer *json, const char *key, size_t value)
{
    hwv_json_key(json, key);
    hwv_json_integer(json, (int64_t)value);
}

void hwv_cli_json_bool(hwv_json_writer *json, const char *key, bool value)
{
    hwv_json_key(json, key);
    hwv_json_bool(json, value);
}

static volatile int interrupted;

static void on_interrupt(int number)
{
    (void)number;
    interrupted = 1;
}

void hwv_cli_hold_interrupts(bool hold)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigprocmask(hold ? SIG_BLOCK : SIG_UNBLOCK, &set, NULL);
}

const volatile int *hwv_cli_catch_interrupt(void)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_interrupt;
    /* The second one acts as if nobody had asked for it: nobody has to wait for a slow step. */
    action.sa_flags = (int)SA_RESETHAND;
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    return &interrupted;
}
