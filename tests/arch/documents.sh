#!/bin/sh
# The documents name what is there: every option of the launcher and every setting of the library
# stands in ipcrun(1), every wrapper option in mpicc(1), and what the README names exists.
. "${IPCRUN_TEST_SRC:-.}/tests/tap.sh"
cd "$src" || exit 99

# The text of a man page as a reader sees its words: \- is a dash, fonts are nothing.
plain() {
    sed 's/\\f[A-Z]//g; s/\\-/-/g; s/\\&//g' "$1"
}
plain launcher/ipcrun.1 >"$work/ipcrun.1"
plain launcher/mpicc.1 >"$work/mpicc.1"

# missing FILE WORD...: the words that do not stand in it, as whole words.
missing() {
    file=$1
    shift
    for word; do
        awk -v word="$word" '
            { text = " " $0 " "
              while ((at = index(text, word)) > 0) {
                  before = substr(text, at - 1, 1); after = substr(text, at + length(word), 1)
                  if (before !~ /[A-Za-z0-9_-]/ && after !~ /[A-Za-z0-9_-]/) { found = 1; exit }
                  text = substr(text, at + 1)
              } }
            END { exit !found }' "$file" || echo "$word"
    done
}

options=$("$build/ipcrun" --help 2>&1 | grep -oE '(^|[ ,/])--?[a-zA-Z][a-z-]*' | tr -d ' ,/' | sort -u)
[ "$(echo "$options" | wc -l)" -ge 10 ] && pass "ipcrun --help lists options" ||
    fail "ipcrun --help lists options" "$options"
empty "ipcrun(1) lists every option of --help" "$(missing "$work/ipcrun.1" $options)"

empty "the completion of bash has every option of --help" "$(
    eval "$("$build/ipcrun" --completion | sed -n 's/.*compgen -W "\(-n [^"]*\)".*/known=" \1 "/p')"
    for option in $("$build/ipcrun" --help | sed -n 's/^  -/-/p' | grep -oE '(^|[ ,])--?[a-zA-Z][a-z-]*' |
        tr -d ' ,'); do
        case $known in *" $option "*) ;; *) echo "$option" ;; esac
    done)"

settings=$(sed -n 's/^IPCR_ENV_[A-Z]*(\([a-z_]*\),.*/\1/p' runtime/env.def | tr a-z A-Z |
    sed 's/^/IPCRUN_/')
shown=$("$build/ipcrun" --settings | sed -n 's/^\(IPCRUN_[A-Z]*\)=.*/\1/p')
empty "--settings shows every setting of env.def" "$(for name in $settings; do
    echo "$shown" | grep -qx "$name" || echo "$name"
done)"
[ -n "$settings" ] && pass "env.def has settings" || fail "env.def has settings"
empty "ipcrun(1) lists every setting of env.def" "$(missing "$work/ipcrun.1" $settings)"

# What ranks are told by the launcher is no setting.
empty "--settings knows every variable that is read" "$(
    cat launcher/*.c runtime/*.c runtime/transport/*.c | grep -oE '"IPCRUN_[A-Z_]*[A-Z]"' |
        tr -d '"' | sort -u | grep -vE '^IPCRUN_(BOOT|RANK|SIZE|LOCAL_RANK|LOCAL_SIZE|NODE|NODES|JOB)$' |
        while read -r name; do echo "$shown" | grep -qx "$name" || echo "$name"; done)"

wrapper_options=$("$build/mpicc" -showme:help | grep -oE '^  -[a-z-]*' | tr -d ' ')
empty "mpicc(1) lists every option of the wrapper" "$(missing "$work/mpicc.1" $wrapper_options)"

for page in ipcrun.1 mpicc.1; do
    if command -v man >/dev/null; then
        empty "$page is clean" "$(man --warnings -E UTF-8 -l -Tutf8 -Z "launcher/$page" 2>&1 >/dev/null)"
    else
        skip "$page is clean" "no man here"
    fi
done

# Links of the form [text](path), from the folder of the file; and examples by name.
dead_links() {
    for document in README.md CHANGELOG.md */README.md */*/README.md doc/*.md; do
        [ -e "$document" ] || continue
        grep -oE '\]\([^)#]+' "$document" | sed 's/^](//' | while read -r path; do
            case $path in
            http* | mailto:*) ;;
            *) [ -e "$(dirname "$document")/$path" ] || echo "$document -> $path" ;;
            esac
        done
    done
}
empty "links in the documents lead somewhere" "$(dead_links)"
empty "every example named in a README exists" "$(
    grep -ohE '\./examples/[a-z0-9_]+' README.md examples/README.md | sort -u |
        while read -r program; do
            [ -e "$program.c" ] || [ -e "$program" ] || echo "$program"
        done)"
empty "every example has its place in examples/README.md" "$(
    for file in examples/*.c; do
        name=$(basename "$file" .c)
        grep -q '^int main' "$file" || continue
        grep -qw "$name" examples/README.md || echo "$name"
    done)"
finish
