/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The log of a run. */
#include "train/log.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "halfwave/json.h"
#include "halfwave/memory.h"

/* Bytes gathered before they are written, and more than a line can have. */
enum { BUFFER = 1 << 16, LINE = 2048 };

static hwv_status failed(const hwv_log *log, const char *what, hwv_error *error)
{
    return hwv_fail(error, HWV_ERR_IO, "%s: cannot %s the log: %s", log->path, what, strerror(errno));
}

/* Cuts off a line that was not written to its end, as after a power failure, so that every line stays valid. */
static bool cut_partial_line(FILE *file)
{
    struct stat about;
    char bytes[LINE];
    if (fstat(fileno(file), &about) != 0)
        return false;
    if (!S_ISREG(about.st_mode) || about.st_size == 0)
        return true;
    off_t end = about.st_size;
    while (end > 0) {
        size_t n = end < (off_t)sizeof bytes ? (size_t)end : sizeof bytes;
        if (fseeko(file, end - (off_t)n, SEEK_SET) != 0 || fread(bytes, 1, n, file) != n)
            return false;
        while (n > 0 && bytes[n - 1] != '\n') {
            n--;
            end--;
        }
        if (n > 0)
            break;
    }
    return end == about.st_size || ftruncate(fileno(file), end) == 0;
}

hwv_status hwv_log_open(hwv_log *log, const char *path, bool append, hwv_error *error)
{
    *log = (hwv_log){.path = path};
    if (path == NULL)
        return HWV_OK;
    log->lines = (hwv_text){.data = hwv_calloc(BUFFER, 1), .capacity = BUFFER};
    if (log->lines.data == NULL) {
        memset(log, 0, sizeof *log);
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory for the log");
    }
    if (append) {
        log->file = fopen(path, "r+b");
        if (log->file != NULL && !cut_partial_line(log->file)) {
            hwv_status status = failed(log, "append to", error);
            fclose(log->file);
            hwv_text_free(&log->lines);
            memset(log, 0, sizeof *log);
            return status;
        }
        if (log->file != NULL)
            fclose(log->file);
    }
    log->file = fopen(path, append ? "ab" : "wb");
    if (log->file == NULL) {
        hwv_status status = failed(log, "open", error);
        hwv_text_free(&log->lines);
        memset(log, 0, sizeof *log);
        return status;
    }
    return HWV_OK;
}

hwv_status hwv_log_flush(hwv_log *log, hwv_error *error)
{
    if (log->file == NULL || log->lines.length == 0)
        return HWV_OK;
    size_t length = log->lines.length;
    log->lines.length = 0;
    if (fwrite(log->lines.data, 1, length, log->file) != length || fflush(log->file) != 0)
        return failed(log, "write", error);
    return HWV_OK;
}

hwv_status hwv_log_close(hwv_log *log, hwv_error *error)
{
    hwv_status status = hwv_log_flush(log, error);
    if (log->file != NULL && fclose(log->file) != 0 && status == HWV_OK)
        status = failed(log, "write", error);
    hwv_text_free(&log->lines);
    memset(log, 0, sizeof *log);
    return status;
}

static void member(hwv_json_writer *json, const char *key, double value)
{
    hwv_json_key(json, key);
    hwv_json_number(json, value);
}

static void count(hwv_json_writer *json, const char *key, size_t value)
{
    hwv_json_key(json, key);
    hwv_json_integer(json, (int64_t)value);
}

static hwv_json_writer line_begin(hwv_log *log, const char *event)
{
    hwv_json_writer json = hwv_json_writer_make(&log->lines, 0);
    hwv_json_begin_object(&json);
    hwv_json_key(&json, "event");
    hwv_json_string(&json, event);
    return json;
}

static hwv_status line_end(hwv_log *log, hwv_json_writer *json, hwv_error *error)
{
    hwv_json_end(json);
    HWV_TRY(hwv_json_finish(json, error));
    return log->lines.length > BUFFER - LINE ? hwv_log_flush(log, error) : HWV_OK;
}

hwv_status hwv_log_step(hwv_log *log, const hwv_step *step, hwv_error *error)
{
    if (log->file == NULL)
        return HWV_OK;
    hwv_json_writer json = line_begin(log, "step");
    count(&json, "step", step->step);
    count(&json, "epoch", step->epoch);
    member(&json, "loss", step->loss);
    member(&json, "error", step->error);
    member(&json, "lr", step->lr);
    member(&json, "grad_norm", step->grad_norm);
    return line_end(log, &json, error);
}

static double bits(double loss)
{
    return loss / log(2);
}

hwv_status hwv_log_epoch(hwv_log *log, const hwv_epoch_stats *epoch, bool text, hwv_error *error)
{
    if (log->file == NULL)
        return HWV_OK;
    hwv_json_writer json = line_begin(log, "epoch");
    count(&json, "epoch", epoch->epoch);
    count(&json, "steps", epoch->steps);
    member(&json, "train_loss", epoch->train_loss);
    member(&json, "train_error", epoch->train_error);
    member(&json, "test_loss", epoch->test_loss);
    member(&json, "test_error", epoch->test_error);
    if (text) {
        member(&json, "test_perplexity", exp(epoch->test_loss));
        member(&json, "test_bits", bits(epoch->test_loss));
    }
    member(&json, "lr", epoch->lr);
    member(&json, "grad_norm", epoch->grad_norm);
    count(&json, "dead", epoch->dead);
    count(&json, "units", epoch->units);
    member(&json, "seconds", epoch->seconds);
    HWV_TRY(line_end(log, &json, error));
    return hwv_log_flush(log, error);
}

hwv_status hwv_log_line(hwv_log *log, const char *line, size_t length, hwv_error *error)
{
    if (log->file == NULL)
        return HWV_OK;
    if (length > 1000)
        return hwv_fail(error, HWV_ERR_ARGUMENT, "%s: a line of %zu bytes, at most 1000 are accepted", log->path,
                        length);
    while (length > 0 && line[length - 1] == '\n')
        length--;
    hwv_text_add(&log->lines, line, length);
    hwv_text_puts(&log->lines, "\n");
    return log->lines.length > BUFFER - LINE ? hwv_log_flush(log, error) : HWV_OK;
}
