/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * json-get PATH...: reads one strict JSON document from stdin and prints what stands at each path, a line
 * each: strings and numbers as they are, "null", "true", "object 3", "array 2". A path is keys and
 * positions with dots between them: layers.0.dead; with .* behind it the numbers of an array stand in one line.
 * Status 1: no JSON, or nothing there. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "halfwave/json.h"

static bool read_all(hwv_text *text)
{
    char block[65536];
    size_t got;
    while ((got = fread(block, 1, sizeof block, stdin)) > 0)
        hwv_text_add(text, block, got);
    return !text->failed && !ferror(stdin);
}

static const hwv_json_value *child(const hwv_json_value *value, const char *key)
{
    if (value->type == HWV_JSON_OBJECT)
        return hwv_json_get(value, key);
    if (value->type != HWV_JSON_ARRAY)
        return NULL;
    long position = strtol(key, NULL, 10);
    for (value = value->first; value != NULL && position > 0; position--)
        value = value->next;
    return value;
}

static void print(const hwv_json_value *value)
{
    switch (value->type) {
    case HWV_JSON_NULL:
        puts("null");
        break;
    case HWV_JSON_BOOL:
        puts(value->boolean ? "true" : "false");
        break;
    case HWV_JSON_NUMBER:
        printf("%.17g\n", value->number);
        break;
    case HWV_JSON_STRING:
        puts(value->string);
        break;
    case HWV_JSON_ARRAY:
    case HWV_JSON_OBJECT:
        printf("%s %zu\n", hwv_json_type_name(value->type), value->count);
        break;
    }
}

static void print_numbers(const hwv_json_value *array)
{
    for (const hwv_json_value *value = array->first; value != NULL; value = value->next)
        printf("%s%.17g", value == array->first ? "" : " ", value->number);
    puts("");
}

int main(int count, char **paths)
{
    hwv_text text = {0};
    hwv_json_value *root = NULL;
    hwv_error error = {HWV_OK, ""};
    int status = 0;
    if (!read_all(&text) || hwv_json_parse(&root, text.data != NULL ? text.data : "", text.length, &error) != HWV_OK) {
        fprintf(stderr, "json-get: %s\n", error.text);
        status = 1;
    }
    for (int i = 1; root != NULL && i < count; i++) {
        char path[200], *at = path, *key;
        snprintf(path, sizeof path, "%s", paths[i]);
        const hwv_json_value *value = root;
        char *all = strstr(path, ".*");
        if (all != NULL)
            *all = '\0';
        for (key = strtok_r(path, ".", &at); key != NULL && value != NULL; key = strtok_r(NULL, ".", &at))
            value = child(value, key);
        if (value != NULL && all != NULL && value->type == HWV_JSON_ARRAY) {
            print_numbers(value);
        } else if (value != NULL) {
            print(value);
        } else {
            fprintf(stderr, "json-get: nothing at %s\n", paths[i]);
            status = 1;
        }
    }
    hwv_json_free(root);
    hwv_text_free(&text);
    return status;
}
