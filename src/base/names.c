/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The nearest name, for "did you mean". */
#include "halfwave/text.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Longer words are never suggested, so that no memory is needed. */
#define WORD_MAX 48

static char fold(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Optimal string alignment: insertions, deletions, replacements and swaps of neighbours cost one each;
 * the case of ASCII letters costs nothing. Three rows of the usual table suffice. */
static size_t distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
    size_t rows[3][WORD_MAX + 1];
    for (size_t j = 0; j <= b_length; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a_length; i++) {
        size_t *row = rows[i % 3], *above = rows[(i + 2) % 3], *two_above = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            char x = fold(a[i - 1]), y = fold(b[j - 1]);
            size_t best = smaller(above[j], row[j - 1]) + 1;
            best = smaller(best, above[j - 1] + (x != y));
            if (i > 1 && j > 1 && x == fold(b[j - 2]) && y == fold(a[i - 2]))
                best = smaller(best, two_above[j - 2] + 1);
            row[j] = best;
        }
    }
    return rows[a_length % 3][b_length];
}

static int starts_with(const char *text, const char *start, size_t start_length)
{
    for (size_t i = 0; i < start_length; i++)
        if (fold(text[i]) != fold(start[i]))
            return 0;
    return 1;
}

size_t hwv_name_nearest(const char *name, const char *const *names, size_t count)
{
    size_t length = strlen(name), best = count, best_cost = SIZE_MAX;
    if (length == 0 || length > WORD_MAX)
        return count;
    for (size_t i = 0; i < count; i++) {
        size_t other = strlen(names[i]);
        if (other == 0 || other > WORD_MAX)
            continue;
        /* A third of the word may be wrong, at least one letter, but never all of it. */
        size_t longest = length > other ? length : other;
        size_t allowed = longest / 3 > 0 ? longest / 3 : 1;
        size_t cost = distance(name, length, names[i], other);
        if (cost > allowed || cost >= longest) {
            /* Else the beginning of a name, the shortest such name first. */
            if (length < 2 || other < length || !starts_with(names[i], name, length))
                continue;
            cost = WORD_MAX + other;
        }
        if (cost < best_cost) {
            best_cost = cost;
            best = i;
        }
    }
    return best;
}

hwv_hint hwv_name_hint(const char *name, const char *const *names, size_t count)
{
    hwv_hint hint = {""};
    size_t nearest = hwv_name_nearest(name, names, count);
    if (nearest < count)
        snprintf(hint.text, sizeof hint.text, " (did you mean '%.55s'?)", names[nearest]);
    return hint;
}

hwv_status hwv_name_find(size_t *position, const char *what, const char *name, const char *const *names, size_t count,
                         hwv_error *error)
{
    char list[400] = "";
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(name, names[i]) == 0) {
            *position = i;
            return HWV_OK;
        }
        if (used < sizeof list)
            used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i > 0 ? ", " : "", names[i]);
    }
    return hwv_fail(error, HWV_ERR_NAME, "unknown %s '%.60s'%s; known: %s", what, name,
                    hwv_name_hint(name, names, count).text, list);
}
