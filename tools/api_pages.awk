# SPDX-License-Identifier: MIT
# Copyright (c) 2026 the halfwave authors
#
# Manual pages of section 3 from the comments of public headers: awk -v out=FOLDER -v date=DATE -f tools/api_pages.awk HEADER...
#
# A comment of the form
#     /* ==== halfwave-masks: one bit an element ====
#      * What the group is about. */
# begins a page, or goes on with one; what stands before the first one of a header is in no page, but for the comment
# at its top, which begins the description. A comment that is followed at once by declarations says what they do; one
# that is not is text of the group. In comments an empty line parts paragraphs, and lines that are indented by four or
# more stay as they are.

function fail(what)
{
    print FILENAME ":" FNR ": " what > "/dev/stderr"
    failed = 1
    exit 1
}

# Characters that mdoc would take for its own.
function escape(line, literal)
{
    gsub(/\\/, "\\e", line)
    gsub(/`/, "\\(ga", line)
    gsub(/\^/, "\\(ha", line)
    gsub(/~/, "\\(ti", line)
    if (literal)
        gsub(/-/, "\\-", line)
    return line ~ /^[.']/ ? "\\&" line : line
}

function add(line)
{
    body[page] = body[page] line "\n"
}

# Literal lines between .Bd and .Ed.
function literal_begin()
{
    paragraph_end()
    if (!literal)
        add(".Bd -literal -offset indent")
    literal = 1
}

function literal_end()
{
    if (literal)
        add(".Ed")
    literal = 0
}

# A word of running text: *emphasis* is plain, and () is no markup for a linter.
function plain(word)
{
    if (word ~ /^[("]*\*[a-z]+\*[.,;:)"]*$/)
        gsub(/\*/, "", word)
    word = escape(word, 0)
    gsub(/\(\)/, "(\\\\\\&)", word)
    return word
}

# Running text: a sentence begins a line, as mdoc wants it, and lines are short.
function paragraph_end(    count, words, i, line, word)
{
    if (running == "")
        return
    if (parted)
        add(".Pp")
    parted = 1
    count = split(running, words, " ")
    line = ""
    for (i = 1; i <= count; i++) {
        word = plain(words[i])
        if (line != "" && length(line) + 1 + length(word) > 78) {
            add(line)
            line = ""
        }
        line = line == "" ? word : line " " word
        if (words[i] ~ /[]A-Za-z0-9)"'`][.?!]\)?$/ && words[i] !~ /\.\./) {
            add(line)
            line = ""
        }
    }
    if (line != "")
        add(line)
    running = ""
}

# The text of a comment, line by line: in `text`, 1 to `lines`.
function paragraphs(    i)
{
    literal = parted = 0
    running = ""
    for (i = 1; i <= lines; i++) {
        if (text[i] ~ /^[ \t]*$/) {
            paragraph_end()
            if (literal && text[i + 1] ~ /^    / && i < lines)
                add("")
        } else if (text[i] ~ /^    /) {
            literal_begin()
            add(escape(substr(text[i], 5), 1))
        } else {
            if (literal)
                parted = 1
            literal_end()
            running = running " " text[i]
        }
    }
    paragraph_end()
    literal_end()
}

# A prototype in lines of at most 76 characters.
function wrapped(declaration,    result, line, part, at)
{
    gsub(/[ \t\n]+/, " ", declaration)
    gsub(/^ | $/, "", declaration)
    result = ""
    line = ""
    while (declaration != "") {
        at = index(declaration, ", ")
        part = at > 0 ? substr(declaration, 1, at) : declaration
        declaration = at > 0 ? substr(declaration, at + 2) : ""
        if (line != "" && length(line) + 1 + length(part) > 76) {
            result = result escape(line, 1) "\n"
            line = "    " part
        } else
            line = line == "" ? part : line " " part
    }
    return result escape(line, 1) "\n"
}

# What a declaration declares.
function name_of(declaration,    name)
{
    if (declaration ~ /^(static inline|HWV_API)/) {
        match(declaration, /hwv_[a-z0-9_]+\(/)
        return substr(declaration, RSTART, RLENGTH - 1)
    }
    if (declaration ~ /^typedef/ && match(declaration, /hwv_[a-z0-9_]+(\(.*\))?;[ \t\n]*(\/\*.*)?$/)) {
        name = substr(declaration, RSTART, RLENGTH)
        sub(/[(;].*/, "", name)
        return name
    }
    return ""
}

# The declarations that a comment stood before, with it.
function flush(    i, names, name, prototype)
{
    if (page != "" && (declared > 0 || lines > 0)) {
        names = ""
        for (i = 1; i <= declared; i++) {
            name = name_of(declaration[i])
            if (name == "")
                continue
            names = names (names == "" ? "" : " , ") name
            if (declaration[i] ~ /^(static inline|HWV_API)/) {
                prototype = declaration[i]
                sub(/^HWV_API /, "", prototype)
                sub(/\) HWV_PRINTF\([0-9, ]*\);/, ");", prototype)
                synopsis[page] = synopsis[page] wrapped(prototype)
            }
        }
        if (names != "")
            add(".Ss " names)
        else if (text[1] ~ /^ *--- .* ---$/) {
            gsub(/^ *--- | ---$/, "", text[1])
            add(".Ss " text[1])
            text[1] = ""
        } else if (lines > 0 && body[page] != "")
            add(".Pp")
        paragraphs()
        for (i = 1; i <= declared; i++)
            if (declaration[i] !~ /^(static inline|HWV_API)/) {
                literal = 0
                literal_begin()
                split_literal(declaration[i])
                literal_end()
            }
    }
    lines = declared = 0
}

function add_macro(    name)
{
    name = macro
    sub(/^#define /, "", name)
    sub(/[^A-Z0-9_](.|\n)*/, "", name)
    if (page == "")
        return
    add(".Ss " name)
    paragraphs()
    if (macro !~ /do [{]/) {
        gsub(/[ \t]*\\\n/, "\n", macro)
        literal = 0
        literal_begin()
        split_literal(macro)
        literal_end()
    }
    lines = 0
}

function split_literal(whole,    part, count, i)
{
    count = split(whole, part, "\n")
    for (i = 1; i <= count; i++)
        if (part[i] != "")
            add(escape(part[i], 1))
}

function open_page(line)
{
    sub(/^\/\* ==== */, "", line)
    sub(/ *==== *(\*\/)?$/, "", line)
    page = line
    sub(/:.*/, "", page)
    sub(/^[^:]*: */, "", line)
    if (page !~ /^halfwave-[a-z]+$/)
        fail("a page's name is expected")
    if (!(page in title)) {
        title[page] = ""
        order[++pages] = page
    }
    if (line != page)
        title[page] = line
    if (top > 0) {
        lines = top
        for (i = 1; i <= top; i++)
            text[i] = top_text[i]
        paragraphs()
        lines = top = 0
    }
}

# A line of a comment without its frame.
function comment_line(line)
{
    if (!sub(/^\/\*/, "", line))
        sub(/^ \*/, "", line)
    sub(/ *\*\/ *$/, "", line)
    sub(/^ /, "", line)
    return line
}

FNR == 1 {
    flush()
    page = ""
    top = 0
    in_comment = in_declaration = first_done = 0
}

# A macro that a comment stands right before is shown, unless it is code.
in_macro || /^#/ {
    if (!in_macro && !in_comment && !in_declaration) {
        shown = /^#define HWV_/ && lines > 0 && declared == 0
        macro = ""
    }
    if (shown)
        macro = macro $0 "\n"
    in_macro = /\\$/
    if (!in_macro && !in_comment && !in_declaration) {
        if (shown)
            add_macro()
        flush()
        shown = 0
    }
    next
}

in_comment || /^\/\*/ {
    if (!in_comment) {
        flush()
        if ($0 ~ /^\/\* ====/) {
            open_page($0)
            in_comment = $0 !~ /\*\/ *$/
            next
        }
    }
    in_comment = $0 !~ /\*\/ *$/
    text[++lines] = comment_line($0)
    if (!in_comment && !first_done) {
        # The top of the file, without the two lines of the licence.
        first_done = 1
        for (i = 3; i <= lines; i++)
            top_text[++top] = text[i]
        lines = 0
    }
    next
}

/^$/ {
    if (!in_declaration)
        flush()
    next
}

/^HWV_(BEGIN|END)$/ { next }

{
    if (!in_declaration) {
        declaration[++declared] = ""
        depth = 0
        in_body = 0
    }
    if (!in_body) {
        line = $0
        if (declaration[declared] ~ /^static inline/ && line ~ /^[{]/) {
            in_body = 1
            sub(/[ \n]*$/, ";", declaration[declared])
        } else
            declaration[declared] = declaration[declared] line "\n"
    }
    opened = gsub(/[{]/, "{", $0)
    closed = gsub(/[}]/, "}", $0)
    depth += opened - closed
    code = $0
    sub(/ *\/\*.*\*\/ *$/, "", code)
    in_declaration = depth > 0 || !(code ~ /;$/ || (in_body && code ~ /[}]$/))
}

END {
    if (failed)
        exit 1
    flush()
    for (i = 1; i <= pages; i++) {
        for (k = i; k > 1 && sorted[k - 1] > order[i]; k--)
            sorted[k] = sorted[k - 1]
        sorted[k] = order[i]
    }
    for (i = 1; i <= pages; i++) {
        page = order[i]
        if (title[page] == "")
            fail(page " has no title")
        file = out "/" page ".3"
        printf ".\\\" SPDX-License-Identifier: MIT\n.\\\" Written by tools/generated.sh from the headers.\n" > file
        printf ".Dd %s\n.Dt %s 3\n.Os\n.Sh NAME\n.Nm %s\n.Nd %s\n", date, toupper(page), page, title[page] > file
        printf ".Sh LIBRARY\nlibhalfwave (cc ... $(pkg\\-config \\-\\-cflags \\-\\-libs halfwave))\n" > file
        printf ".Sh SYNOPSIS\n.In halfwave.h\n.Bd -literal\n%s.Ed\n.Sh DESCRIPTION\n%s", synopsis[page], body[page] > file
        printf ".Sh SEE ALSO\n.Xr halfwave 1" > file
        for (k = 1; k <= pages; k++)
            if (sorted[k] != page)
                printf " ,\n.Xr %s 3", sorted[k] > file
        printf "\n" > file
        close(file)
    }
}
