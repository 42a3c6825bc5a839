/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What holds for every page. Included by the tests of this folder behind cmocka.h. */
#ifndef TESTS_REPORT_DOCUMENT_H
#define TESTS_REPORT_DOCUMENT_H

#include <string.h>

#include "report/page.h"
#include "wellformed.h"

static size_t count_of(const char *text, const char *what)
{
    size_t count = 0;
    for (; (text = strstr(text, what)) != NULL; text += strlen(what))
        count++;
    return count;
}

/* Everything that holds for every page. */
static void check_document(const hwv_text *text, const char *name)
{
    static const char doctype[] = "<!DOCTYPE html>\n";
    assert_int_equal(strncmp(text->data, doctype, strlen(doctype)), 0);
    const char *wrong = malformed(text->data + strlen(doctype), "meta");
    if (wrong != NULL)
        fail_msg("%s: %s\n%s", name, wrong, text->data);
    /* Whatever could ask for something outside of the file; the only references are to anchors in it. */
    static const char *const forbidden[] = {"://",   "src=",    "url(",    "@import", "<script", "<link",
                                            "<base", "<iframe", "<object", "<embed",  "<img",    "<use",
                                            "<form", "xlink",   " on",     "nan\"",   "\"nan",   "inf\""};
    for (size_t i = 0; i < sizeof forbidden / sizeof forbidden[0]; i++) {
        const char *found = strstr(text->data, forbidden[i]);
        /* " on" as the beginning of an attribute, not of a word in a sentence. */
        while (found != NULL && strcmp(forbidden[i], " on") == 0 && found[3 + strcspn(found + 3, " =<>\n")] != '=')
            found = strstr(found + 1, forbidden[i]);
        if (found != NULL)
            fail_msg("%s contains %s: %.60s", name, forbidden[i], found);
    }
    assert_int_equal(count_of(text->data, "href="), count_of(text->data, "href=\"#"));
    static const char *const wanted[] = {"<html lang=\"en\">",
                                         "name=\"viewport\"",
                                         "default-src 'none'",
                                         "charset=\"utf-8\"",
                                         "prefers-color-scheme:dark",
                                         "@media print",
                                         "<h1>",
                                         "color-scheme"};
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        if (strstr(text->data, wanted[i]) == NULL)
            fail_msg("%s lacks %s", name, wanted[i]);
    assert_true(text->length < HWV_PAGE_LIMIT);
}

#endif
