/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The tool: commands, options, and what they share. Results go to cli->out and from there to stdout in
 * one piece; talk goes to stderr. Only this folder reads the environment. */
#ifndef HWV_CLI_CLI_H
#define HWV_CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "halfwave/json.h"
#include "halfwave/pool.h"
#include "halfwave/status.h"
#include "halfwave/text.h"
#include "halfwave/train.h"
#include "report/page.h"
#include "report/progress.h"
#include "report/term.h"

enum {
    HWV_EXIT_DONE = 0,
    HWV_EXIT_FINDING = 1, /* a failed gradient check, a run that diverged */
    HWV_EXIT_USAGE = 2,
    HWV_EXIT_INPUT = 3,    /* unreadable, damaged, unsupported */
    HWV_EXIT_INTERNAL = 4, /* out of memory too */
    HWV_EXIT_CANNOT_TELL = 5,
    HWV_EXIT_INTERRUPTED = 130
};

/* The `schema` of every JSON object; raised when a key changes its meaning or goes away. */
#define HWV_CLI_SCHEMA 1

enum {
#define HWV_COMMAND(NAME, name) HWV_CLI_INDEX_##NAME,
#include "commands.def"
#undef HWV_COMMAND
    HWV_CLI_COMMANDS
};
/* Bits, for the options that a command takes. */
enum {
#define HWV_COMMAND(NAME, name) HWV_CLI_##NAME = 1 << HWV_CLI_INDEX_##NAME,
#include "commands.def"
#undef HWV_COMMAND
    HWV_CLI_ALL = (1 << HWV_CLI_COMMANDS) - 1
};

#define HWV_CLI_REPEATS 8

/* An option that may be given several times. */
typedef struct hwv_cli_texts {
    const char *text[HWV_CLI_REPEATS];
    size_t count;
} hwv_cli_texts;

/* The values of all options of all commands. */
typedef struct hwv_cli_options {
    hwv_train_options train;
    const char *data, *model, *act, *acts, *cures, *norms, *lrs, *resume;
    hwv_norm norm;
    size_t seeds, block, sample_every, sample_tokens;
    double smoothing;
    int part;
    bool derivative, normalize;
    const char *svg, *pictures, *html;
    bool all;
    hwv_cli_texts param;
    const char *in, *grad, *mask;
    int tier;
    bool list;
    double from, to;
    const char *plant;
    int dtype, pass;
    const char *bytes;
    size_t rounds;
    bool man, completion, operators;
    const char *milestones;
    hwv_cli_texts samples, shape;
    const char *labels, *input, *mean, *std, *unit, *save_stats;
    size_t group;
    double bound, fail_over, unit_axis;
    bool unscaled, watch, explain;
    bool prune, recycle, prelu, insert_norm, dry_run, no_treatments;
    double leaky, bias_shift, keep_margin;
    const char *layers, *report, *prompt;
    size_t tokens, top_k;
    double temperature, top_p;
    bool no_skip;
    bool json, quiet, verbose, help;
    size_t threads;
    const char *isa;
    int color;
} hwv_cli_options;

typedef enum hwv_cli_kind {
    HWV_CLI_FLAG,   /* bool */
    HWV_CLI_SIZE,   /* size_t */
    HWV_CLI_SEED,   /* uint64_t */
    HWV_CLI_NUMBER, /* double */
    HWV_CLI_SHARE,  /* double; "25%" or "0.25" */
    HWV_CLI_TEXT,   /* const char * */
    HWV_CLI_TEXTS,  /* hwv_cli_texts */
    HWV_CLI_FILE,   /* const char *, completed as a file name */
    HWV_CLI_CHOICE  /* int or enum: position in `names` */
} hwv_cli_kind;

/* A list of names: the i-th, NULL at the end. */
typedef const char *hwv_cli_names(size_t i);

/* A row of the table of options. */
typedef struct hwv_cli_option {
    const char *group; /* heading in the help */
    const char *name;  /* without the dashes */
    char letter;       /* -q; 0: none */
    hwv_cli_kind kind;
    size_t field;             /* offset in hwv_cli_options */
    const char *value;        /* what stands for the value in the help; NULL for flags */
    double low, high;         /* range of sizes and numbers */
    bool open_low, open_high; /* the end itself is outside */
    const char *word;         /* NUMBER: taken too, and kept as NAN; NULL: none */
    hwv_cli_names *names;     /* CHOICE: all values; TEXT: some, for completion */
    const char *initial;      /* what the help says of the default when the value does not; "" for nothing */
    const char *help;
    unsigned commands;
} hwv_cli_option;

typedef struct hwv_cli hwv_cli;

/* Text in the notation of usage.c: paragraphs; lines that begin with two spaces stay as they are. */
typedef struct hwv_cli_section {
    const char *heading, *body;
} hwv_cli_section;

typedef struct hwv_cli_example {
    const char *line, *what;
} hwv_cli_example;

#define HWV_CLI_PARTS 5

typedef struct hwv_cli_command {
    const char *name;
    const char *sentence; /* one line, for lists */
    const char *operands; /* "MODEL", "[OP...]", or "" */
    size_t operand_min, operand_max;
    hwv_cli_names *operand_names; /* for completion; NULL: files when there are operands */
    hwv_cli_example examples[HWV_CLI_PARTS];
    const char *description;
    hwv_cli_section sections[HWV_CLI_PARTS];
    hwv_status (*run)(hwv_cli *cli, hwv_error *error);
} hwv_cli_command;

struct hwv_cli {
    const hwv_cli_command *command; /* NULL until it is known */
    unsigned bit;                   /* of the command */
    hwv_cli_options options;
    bool *given; /* by row of the table of options */
    const char **operands;
    size_t operand_count;
    int word_count; /* of main */
    char **words;
    hwv_term screen;       /* stdout */
    hwv_term talk;         /* stderr */
    hwv_progress progress; /* stderr; silent with -q */
    hwv_text out;          /* written to stdout at the end, whatever happened */
    int finding;           /* exit code of a run that worked: DONE, FINDING, CANNOT_TELL */
    hwv_pool *pool;
    const hwv_executor *executor;
};

/* The characters of `part`, "" when there are none. A shortage of memory is passed on to `whole`, so that no
 * output lacks a part and looks complete. */
static inline const char *hwv_cli_part(hwv_text *whole, const hwv_text *part)
{
    whole->failed = whole->failed || part->failed;
    return part->failed || part->data == NULL ? "" : part->data;
}

/* ---- commands (table in main.c) ---- */
const hwv_cli_command *hwv_cli_command_get(size_t i); /* NULL behind the last */
const char *hwv_cli_command_name(size_t i);
/* HWV_ERR_NAME names the nearest and the list. */
hwv_status hwv_cli_command_find(const hwv_cli_command **command, unsigned *bit, const char *name, hwv_error *error);

/* ---- options.c, value.c, parse.c, defaults.c ---- */
size_t hwv_cli_option_count(void);
const hwv_cli_option *hwv_cli_option_get(size_t i);
hwv_cli_options hwv_cli_options_initial(void);
/* Whether the option --name was given. */
bool hwv_cli_given(const hwv_cli *cli, const char *name);

hwv_status hwv_cli_value_parse(const hwv_cli_option *option, hwv_cli_options *options, const char *text,
                               hwv_error *error);
void hwv_cli_value_copy(const hwv_cli_option *option, hwv_cli_options *to, const hwv_cli_options *from);
/* The value for people; "" for a text that is not set. */
void hwv_cli_value_print(const hwv_cli_option *option, const hwv_cli_options *options, hwv_text *text);
void hwv_cli_value_json(const hwv_cli_option *option, const hwv_cli_options *options, hwv_json_writer *json);
/* The option's help, with the names of a choice behind it. */
void hwv_cli_option_help(const hwv_cli_option *option, hwv_text *text);
/* What holds when it is not given: "sgd; adamw with attention or for text". */
void hwv_cli_default_text(const hwv_cli_option *option, hwv_text *text);
/* "a whole number from 1 to 65536" */
void hwv_cli_value_range(const hwv_cli_option *option, hwv_text *text);
/* [+-]digits[.digits][e[+-]digits], nothing around it; false otherwise, or when it is not finite. */
bool hwv_cli_number(const char *text, size_t length, double *value);
/* Digits only; false when there are others or too many. */
bool hwv_cli_whole(const char *text, size_t length, uint64_t *value);
/* Bytes: "32768", "512KiB", "8MiB", "1GiB". */
bool hwv_cli_bytes(const char *text, size_t length, size_t *bytes);

/* Reads the words after the command. */
hwv_status hwv_cli_parse(hwv_cli *cli, int count, char **words, hwv_error *error);

/* The next entry of a list "a,b(c,d),e" at *at: its length, with the spaces around it cut off; *at moves behind
 * it and is NULL after the last. */
size_t hwv_cli_list_next(const char **at, const char **entry);

/* ---- params.c ---- */
/* --param NAME=NUMBER,...: each for all of acts[count] that have it, and at least one must; then checked. */
hwv_status hwv_cli_params(const hwv_cli *cli, hwv_act *acts, size_t count, hwv_error *error);

/* ---- page.c ---- */
/* A word as a shell takes it, quoted where it must be. */
void hwv_cli_shell_word(hwv_text *text, const char *word);
/* own[count] first, then the machine and the version. */
void hwv_cli_page_facts(hwv_page *page, const hwv_page_fact *own, size_t count);
/* The command's options but for files, folded; those that were given stand out. */
void hwv_cli_page_options(const hwv_cli *cli, hwv_page *page);
/* The last section: the command that makes the page again. */
void hwv_cli_page_closing(const hwv_cli *cli, hwv_page *page);
/* Writes the file of --html and says so on stderr. */
hwv_status hwv_cli_page_save(hwv_cli *cli, const hwv_page *page, const hwv_page_head *head, hwv_error *error);

/* A result on the screen, unless --json is on, and in the page where one is made; page NULL: none. */
void hwv_cli_show_table(hwv_cli *cli, hwv_page *page, const hwv_table *table);
void hwv_cli_show_plot(hwv_cli *cli, hwv_page *page, const hwv_plot *plot);
/* An empty line on the screen. */
void hwv_cli_show_gap(hwv_cli *cli);

/* ---- names.c ---- */
hwv_cli_names hwv_cli_name_operator, hwv_cli_name_data, hwv_cli_name_zoo, hwv_cli_name_optimizer, hwv_cli_name_schedule,
    hwv_cli_name_init, hwv_cli_name_cure, hwv_cli_name_norm, hwv_cli_name_convolution, hwv_cli_name_color,
    hwv_cli_name_part, hwv_cli_name_dtype, hwv_cli_name_pass, hwv_cli_name_isa, hwv_cli_name_command, hwv_cli_name_tier,
    hwv_cli_name_applicable;
/* HWV_ERR_NAME: "unknown <what> '<name>' (did you mean 'x'?); known: a, b, c". */
hwv_status hwv_cli_unknown(hwv_error *error, const char *what, const char *name, hwv_cli_names *names);
/* The same for list[count]; with a `prefix` ("--") before every name, and then without the list. */
hwv_status hwv_cli_unknown_in(hwv_error *error, const char *what, const char *name, const char *const *list,
                              size_t count, const char *prefix);

/* "relu", "leaky_relu(slope=0.2)" */
void hwv_cli_act_text(const hwv_act *act, hwv_text *text);
void hwv_cli_model_act_text(const hwv_model_act *act, hwv_text *text);

/* ---- usage.c, man.c, completion.c ---- */
/* Words wrapped to `width`; the line is at `column` already, further lines are indented by `indent`. */
void hwv_cli_wrap(hwv_text *text, size_t width, size_t column, size_t indent, const char *string);
void hwv_cli_usage(hwv_text *text, const hwv_cli_command *command, unsigned bit, size_t width); /* NULL: the tool's */
void hwv_cli_man(hwv_text *text, const hwv_cli_command *command, unsigned bit);
void hwv_cli_completion(hwv_text *text);
extern const hwv_cli_section hwv_cli_exit_codes, hwv_cli_environment, hwv_cli_numbers;

/* ---- output.c ---- */
/* Opens stdin, stdout and stderr where the caller closed them, so that no file lands there. */
void hwv_cli_streams(void);
int hwv_cli_exit_code(hwv_status status);
/* Writes and empties cli->out. HWV_ERR_IO, HWV_ERR_MEMORY. */
hwv_status hwv_cli_flush(hwv_cli *cli, hwv_error *error);
/* "halfwave train: message", wrapped, and for usage errors where help is. */
void hwv_cli_complain(hwv_cli *cli, const hwv_error *error);
/* Where talk is wrapped: a terminal's width; nowhere in a file, which is searched rather than read. */
size_t hwv_cli_talk_width(const hwv_cli *cli);
/* A line of talk; nothing with -q. */
void hwv_cli_say(hwv_cli *cli, const char *format, ...) HWV_PRINTF(2, 3);
/* How much is done (0..1) and what: a bar on a terminal, at most ten times a second. */
void hwv_cli_progress(hwv_cli *cli, double share, const char *format, ...) HWV_PRINTF(3, 4);
/* The token that a text without a beginning is written behind: a line's end, or what comes first in the vocabulary
 * (generate.c). */
int32_t hwv_cli_text_start(const hwv_vocabulary *vocabulary);
/* A file that cannot be written is found before hours of training, not after. `option`: its name. */
hwv_status hwv_cli_check_writable(const char *option, const char *path, hwv_error *error);
/* A JSON object with `schema` and `command` in it already. */
hwv_json_writer hwv_cli_json_begin(hwv_cli *cli);
/* The same in a text of its own. */
hwv_json_writer hwv_cli_json_begin_in(const hwv_cli *cli, hwv_text *text);
/* Ends the object. */
hwv_status hwv_cli_json_end(hwv_json_writer *json, hwv_error *error);
/* "options": {...}: what was given or holds by default, except the common options. */
void hwv_cli_json_options(const hwv_cli *cli, hwv_json_writer *json);
void hwv_cli_json_text(hwv_json_writer *json, const char *key, const char *value);
void hwv_cli_json_number(hwv_json_writer *json, const char *key, double value);
void hwv_cli_json_count(hwv_json_writer *json, const char *key, size_t value);
void hwv_cli_json_bool(hwv_json_writer *json, const char *key, bool value);

/* Not 0 after Ctrl-C, from hwv_cli_catch_interrupt on; a second Ctrl-C ends the program at once. */
const volatile int *hwv_cli_catch_interrupt(void);
/* Ctrl-C waits while a file is written, so that nothing of it is left half-written. */
void hwv_cli_hold_interrupts(bool hold);

#endif
