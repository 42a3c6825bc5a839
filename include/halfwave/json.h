/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * JSON (RFC 8259): a strict reader into a tree that lives in one block, and a writer into a text.
 * Numbers do not depend on the locale and survive a round trip. */
#ifndef HALFWAVE_JSON_H
#define HALFWAVE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "halfwave/status.h"
#include "halfwave/text.h"

HWV_BEGIN

/* Deepest nesting of arrays and objects, read or written. */
#define HWV_JSON_DEPTH 64

/* --- Reading --- */

typedef enum hwv_json_type {
    HWV_JSON_NULL,
    HWV_JSON_BOOL,
    HWV_JSON_NUMBER,
    HWV_JSON_STRING,
    HWV_JSON_ARRAY,
    HWV_JSON_OBJECT
} hwv_json_type;

/* One value of a document; owned by the document. Fields of other types are 0. */
typedef struct hwv_json_value hwv_json_value;
struct hwv_json_value {
    hwv_json_type type;
    bool boolean;
    bool integral; /* number written without fraction or exponent that fits `integer` */
    double number; /* nearest double, always finite */
    int64_t integer;
    const char *string;          /* UTF-8, ends with a NUL and has none inside */
    size_t count;                /* bytes of a string, elements of an array, members of an object */
    const hwv_json_value *first; /* first element or member, then along `next` */
    const hwv_json_value *next;
    const char *key; /* a member's name, else NULL */
    size_t offset;   /* of the value's first byte in the source */
};

/* Reads one document from bytes[length] (no NUL needed; nothing but white space around it). The source
 * may go away afterwards. Refused with HWV_ERR_FORMAT and the byte offset: whatever the grammar does not
 * have, bad UTF-8, lone surrogates, a member's name twice, a number beyond the range of double, more
 * than HWV_JSON_DEPTH levels. HWV_ERR_UNSUPPORTED: "\u0000". HWV_ERR_MEMORY. On failure *root is NULL.
 * Free with hwv_json_free. */
HWV_API hwv_status hwv_json_parse(hwv_json_value **root, const char *bytes, size_t length, hwv_error *error);
/* Frees a document by its root; NULL is accepted. */
HWV_API void hwv_json_free(hwv_json_value *root);
/* The member `key` of an object; NULL when there is none, or `object` is NULL or no object. */
HWV_API const hwv_json_value *hwv_json_get(const hwv_json_value *object, const char *key);
/* "number", "object", ... for messages. Static storage. */
HWV_API const char *hwv_json_type_name(hwv_json_type type);

/* --- Writing --- */

/* Appends one document to a text:
 *
 *     hwv_text text = {0};
 *     hwv_json_writer w = hwv_json_writer_make(&text, 2);
 *     hwv_json_begin_object(&w);
 *     hwv_json_key(&w, "test_error");
 *     hwv_json_number(&w, 0.031);
 *     hwv_json_end(&w);
 *     HWV_TRY(hwv_json_finish(&w, error));
 *
 * Failures are remembered: nothing more is written, hwv_json_finish reports. The text is the caller's. */
typedef struct hwv_json_writer {
    hwv_text *text;
    int indent;         /* spaces per level; 0: all on one line, as JSON lines need it */
    const char *misuse; /* what was called out of order, else NULL */
    size_t depth;
    bool in_object[HWV_JSON_DEPTH];
    bool filled[HWV_JSON_DEPTH]; /* something was written at this level */
    bool broken[HWV_JSON_DEPTH]; /* its last element began a line of its own */
    bool keyed;                  /* a key waits for its value */
    bool done;                   /* the document is complete */
} hwv_json_writer;

/* A writer that appends to `text`. With indent > 0 members stand on lines of their own; scalars in an
 * array share one. */
HWV_API hwv_json_writer hwv_json_writer_make(hwv_text *text, int indent);
HWV_API void hwv_json_begin_object(hwv_json_writer *writer);
HWV_API void hwv_json_begin_array(hwv_json_writer *writer);
/* Ends the innermost open object or array. */
HWV_API void hwv_json_end(hwv_json_writer *writer);
/* The name of the next value; in objects only. Keys are not checked for being written twice. */
HWV_API void hwv_json_key(hwv_json_writer *writer, const char *key);
/* UTF-8; bytes that are not become U+FFFD. NULL gives null. */
HWV_API void hwv_json_string(hwv_json_writer *writer, const char *string);
/* The same for `length` bytes; one of 0, which strings of many readers cannot hold, becomes U+FFFD too. */
HWV_API void hwv_json_bytes(hwv_json_writer *writer, const char *bytes, size_t length);
/* The shortest digits that read back as the same double; NaN and infinities become null. */
HWV_API void hwv_json_number(hwv_json_writer *writer, double value);
/* The same for a float: 0.1f gives 0.1. */
HWV_API void hwv_json_float(hwv_json_writer *writer, float value);
HWV_API void hwv_json_integer(hwv_json_writer *writer, int64_t value);
HWV_API void hwv_json_bool(hwv_json_writer *writer, bool value);
HWV_API void hwv_json_null(hwv_json_writer *writer);
/* Ends the document with a line feed. HWV_ERR_MEMORY; HWV_ERR_INTERNAL when calls came out of order (a
 * value without a key, an end too many or too few), with which. */
HWV_API hwv_status hwv_json_finish(hwv_json_writer *writer, hwv_error *error);

HWV_END

#endif
