/* A script for bash: options, words of an option's value, and then the program and its files. */
#include "completion.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "optable.h"

/* Text that only people need is NULL for options that only other launchers' users type. */
static const struct ipcr_option_row *shown(int *i)
{
    const struct ipcr_option_row *row;
    while ((row = ipcr_optable_row((*i)++)) != NULL &&
           (!row->text || strcmp(row->group, IPCR_OTHERS) == 0))
        ;
    return row;
}

static void print_names(const struct ipcr_option_row *row, const char *between)
{
    for (int k = 0; k < IPCR_OPTION_NAMES && row->names[k]; k++)
        printf("%s%s", k ? between : "", row->names[k]);
}

/* Of "slot|node|ppr:N:node" the words that can be typed as they stand. */
static void print_words(const char *arg)
{
    for (const char *at = arg; *at; at += *at == '|') {
        size_t n = strcspn(at, "|"), plain = 0;
        while (plain < n && (islower((unsigned char)at[plain]) ||
                             isdigit((unsigned char)at[plain]) || at[plain] == '-'))
            plain++;
        if (plain == n)
            printf(" %.*s", (int)n, at);
        at += n;
    }
}

static void print_value(const struct ipcr_option_row *row)
{
    printf("    ");
    print_names(row, " | ");
    printf(") COMPREPLY=(");
    if (strchr(row->arg, '|')) {
        printf("$(compgen -W \"");
        print_words(row->arg);
        printf("\" -- \"$word\")");
    } else if (strcmp(row->arg, "FILE") == 0) {
        printf("$(compgen -f -- \"$word\")");
    } else if (strcmp(row->arg, "DIR") == 0) {
        printf("$(compgen -d -- \"$word\")");
    } else if (strcmp(row->arg, "COMMAND") == 0) {
        printf("$(compgen -c -- \"$word\")");
    }
    printf(") ;;\n");
}

/* A pattern of all names that so many words follow. Those that the help leaves out count, too. */
static void print_pattern(int words)
{
    const struct ipcr_option_row *row;
    const char *between = "";
    for (int i = 0; (row = ipcr_optable_row(i)) != NULL; i++) {
        if (row->words != words)
            continue;
        printf("%s", between);
        print_names(row, " | ");
        between = " | ";
    }
}

void ipcr_completion_print(void)
{
    const struct ipcr_option_row *row;
    printf("# bash completion for ipcrun, made from its table of options.\n"
           "_ipcrun_value()\n{\n    case $1 in\n");
    for (int i = 0; (row = shown(&i)) != NULL;)
        if (row->words == 1)
            print_value(row);
    printf("    esac\n}\n\n"
           "_ipcrun()\n{\n"
           "    local word=${COMP_WORDS[COMP_CWORD]} at=1 i before=\n"
           "    COMPREPLY=()\n"
           "    for ((i = 1; i < COMP_CWORD; i++)); do # a program of its own behind each colon\n"
           "        [[ ${COMP_WORDS[i]} != : ]] || at=$((i + 1))\n"
           "    done\n"
           "    while ((at < COMP_CWORD)); do\n"
           "        before=${COMP_WORDS[at]}\n"
           "        case $before in\n        ");
    print_pattern(1);
    printf(") ((at += 2))\n"
           "            [[ ${COMP_WORDS[at - 1]} != = ]] || ((at++)) ;; # bash splits -n=4 there\n"
           "        ");
    print_pattern(2);
    printf(") ((at += 3)) ;;\n"
           "        -*) ((at++)) ;;\n"
           "        *) COMPREPLY=($(compgen -f -- \"$word\")); return ;; # words of the program\n"
           "        esac\n"
           "    done\n"
           "    if ((at > COMP_CWORD)); then\n"
           "        _ipcrun_value \"$before\"\n"
           "    elif [[ $word == -* ]]; then\n"
           "        COMPREPLY=($(compgen -W \"");
    for (int i = 0; (row = shown(&i)) != NULL;) {
        print_names(row, " ");
        printf(" ");
    }
    printf("\" -- \"$word\"))\n"
           "    else\n"
           "        COMPREPLY=($(compgen -c -- \"$word\") $(compgen -f -- \"$word\"))\n"
           "    fi\n}\n"
           "complete -o filenames -F _ipcrun ipcrun mpiexec mpirun\n");
}
