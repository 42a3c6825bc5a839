/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Is a text well-formed? Included by the tests of this folder. */
#ifndef TESTS_REPORT_WELLFORMED_H
#define TESTS_REPORT_WELLFORMED_H

#include <stdbool.h>
#include <string.h>

#include "report/utf8.h"

static bool is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == ':';
}

/* The entities that are used; NULL for anything else. */
static const char *skip_entity(const char *at)
{
    static const char *const known[] = {"&amp;", "&lt;", "&gt;", "&quot;"};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strncmp(at, known[i], strlen(known[i])) == 0)
            return at + strlen(known[i]);
    return NULL;
}

/* A well-formedness checker for the XML and the HTML that we write: elements, attributes in double quotes, text.
 * `empty_name`: the element that has no end ("meta"), or NULL. NULL when all is well, else what is wrong. */
static const char *malformed(const char *at, const char *empty_name)
{
    const char *open[32];
    size_t lengths[32], depth = 0;
    for (const char *c = at; *c != '\0';) {
        uint32_t code = hwv_utf8_next(&c);
        if ((code == 0xFFFD && memcmp(c - 3, "\xEF\xBF\xBD", 3) != 0) || (code < 0x20 && code != '\n'))
            return "a byte that XML forbids";
    }
    while (*at != '\0') {
        if (*at == '&') {
            at = skip_entity(at);
            if (at == NULL)
                return "an unknown entity";
            continue;
        }
        if (*at != '<') {
            if (*at == '>')
                return "a bare '>'";
            if (depth == 0 && *at != '\n')
                return "text outside of the root";
            at++;
            continue;
        }
        bool closing = at[1] == '/';
        at += closing ? 2 : 1;
        const char *name = at;
        while (is_name(*at))
            at++;
        size_t length = (size_t)(at - name);
        if (length == 0)
            return "an element without name";
        if (closing) {
            if (depth == 0 || lengths[depth - 1] != length || strncmp(open[depth - 1], name, length) != 0 || *at != '>')
                return "an end tag that closes nothing";
            depth--;
            at++;
            continue;
        }
        while (*at == ' ') {
            at++;
            const char *attribute = at;
            while (is_name(*at))
                at++;
            if (at == attribute || at[0] != '=' || at[1] != '"')
                return "an attribute without value";
            for (at += 2; *at != '"'; at++)
                if (*at == '\0' || *at == '<' || (*at == '&' && skip_entity(at) == NULL))
                    return "a damaged attribute";
            at++;
        }
        bool empty = empty_name != NULL && strlen(empty_name) == length && strncmp(empty_name, name, length) == 0;
        if (*at == '/') {
            empty = true;
            at++;
        }
        if (*at++ != '>')
            return "a tag that does not end";
        if (!empty) {
            if (depth == 32)
                return "too deep";
            open[depth] = name;
            lengths[depth++] = length;
        }
    }
    return depth == 0 ? NULL : "an element that is not closed";
}

#endif
