/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Status codes and messages. 0 is success. A function that can fail returns an hwv_status and takes
 * an hwv_error, which may be NULL, into which it writes one sentence: what, where, what would be
 * accepted. Nothing here prints or exits. */
#ifndef HALFWAVE_STATUS_H
#define HALFWAVE_STATUS_H

#include <stdarg.h>

#include "halfwave/export.h"

HWV_BEGIN

/* ==== halfwave-status: status codes and messages ==== */

/* Names, codes and sentences; codes are never renumbered. */
#define HWV_STATUS_LIST(X)                                                                                             \
    X(HWV_OK, 0, "success")                                                                                            \
    X(HWV_ERR_ARGUMENT, 1, "an argument or option is wrong")                                                           \
    X(HWV_ERR_NAME, 2, "a name is not known")                                                                          \
    X(HWV_ERR_SHAPE, 3, "shapes do not fit together")                                                                  \
    X(HWV_ERR_IO, 4, "a file cannot be opened, read or written")                                                       \
    X(HWV_ERR_FORMAT, 5, "a file is damaged or not in the expected format")                                            \
    X(HWV_ERR_UNSUPPORTED, 6, "valid, but not supported")                                                              \
    X(HWV_ERR_MISMATCH, 7, "a file belongs to another model or version")                                               \
    X(HWV_ERR_NUMERIC, 8, "a number stopped being finite")                                                             \
    X(HWV_ERR_MEMORY, 9, "out of memory")                                                                              \
    X(HWV_ERR_INTERRUPTED, 10, "interrupted")                                                                          \
    X(HWV_ERR_INTERNAL, 11, "an internal promise was broken: please report it")

typedef enum hwv_status {
#define HWV_STATUS_ENUM(name, code, sentence) name = (code),
    HWV_STATUS_LIST(HWV_STATUS_ENUM)
#undef HWV_STATUS_ENUM
} hwv_status;

/* A failure's message. Owned by the caller, no clean-up needed; `text` is always terminated. */
typedef struct hwv_error {
    hwv_status status;
    char text[500];
} hwv_error;

/* "HWV_ERR_SHAPE"; "unknown status" for a value outside the list. Static storage. */
HWV_API const char *hwv_status_name(hwv_status status);
/* The list's sentence. Static storage. */
HWV_API const char *hwv_status_sentence(hwv_status status);

/* Records `status` and the formatted message in *error (which may be NULL) and returns `status`:
 *     return hwv_fail(error, HWV_ERR_SHAPE, "%s: 3 dimensions, 2 expected", name);  */
HWV_API hwv_status hwv_fail(hwv_error *error, hwv_status status, const char *format, ...) HWV_PRINTF(3, 4);

/* Puts formatted text in front of an existing message ("model.onnx: " + text); returns its status.
 * With error == NULL returns `status` unchanged. */
HWV_API hwv_status hwv_fail_prefix(hwv_error *error, hwv_status status, const char *format, ...) HWV_PRINTF(3, 4);

/* HWV_TRY(call) passes a failure of the call up: the function that says it returns the status. */
#define HWV_TRY(call)                                                                                                  \
    do {                                                                                                               \
        hwv_status hwv_try_status_ = (call);                                                                           \
        if (hwv_try_status_ != HWV_OK)                                                                                 \
            return hwv_try_status_;                                                                                    \
    } while (0)

HWV_END

#endif
