#!/bin/bash
# Settings from environment and files, --info, and the completion of bash. Time limit: 120 s.
. "${IPCRUN_TEST_SRC:-.}/tests/launcher/lib.sh"

export XDG_CONFIG_HOME=$work/config
file=$XDG_CONFIG_HOME/ipcrun/settings
mkdir -p "${file%/*}"
for name in $(env | sed -n 's/^\(IPCRUN_[A-Z_]*\)=.*/\1/p'); do
    case $name in IPCRUN_TEST_*) ;; *) unset "$name" ;; esac
done

# ---- where a value comes from ----
expect "--settings" 0 --settings
same "... has defaults" "$(grep -c '^IPCRUN_EAGER=-1  (default)$' out)" 1
same "... and says that there is no file" "$(grep -c "^file of the user: $file: No such file" out)" 1
printf '# a comment\n\n  spin = 20  \nIPCRUN_TRANSPORT=unix,tcp\ncoll_bcast = chain\n' >"$file"
expect "settings from a file" 0 --settings
same "... name it and the line" "$(grep '^IPCRUN_SPIN' out)" "IPCRUN_SPIN=20  ($file, line 3)"
same "... with the prefix or without" "$(grep '^IPCRUN_TRANSPORT' out)" \
    "IPCRUN_TRANSPORT=unix,tcp  ($file, line 4)"
same "... also of a collective" "$(grep '^IPCRUN_COLL_BCAST' out)" \
    "IPCRUN_COLL_BCAST=chain  ($file, line 5)"
IPCRUN_SPIN=7 expect "the environment" 0 --settings
same "... wins" "$(grep '^IPCRUN_SPIN' out)" "IPCRUN_SPIN=7  (environment)"
expect "ranks" 0 -n 2 sh -c 'echo $IPCRUN_SPIN $IPCRUN_COLL_BCAST'
same "... get them" "$(sort -u out)" "20 chain"
expect "ranks of other hosts" 0 --ssh ./fakessh -H a,b sh -c 'echo $IPCRUN_SPIN $IPCRUN_COLL_BCAST'
same "... get them, too" "$(sort -u out)" "20 chain"
expect "--map" 0 --map -n 2 true
same "... knows the transport of the file" "$(grep -c '^ranks of one host: unix' out)" 1
unset XDG_CONFIG_HOME
HOME=$work expect "without XDG_CONFIG_HOME" 0 --settings
same "... ~/.config is meant" "$(grep -c "^file of the user: $work/.config/ipcrun/settings" out)" 1
(unset HOME && "$ipcrun" --settings) >out
same "without HOME there is no file of the user" "$(grep '^file of the user' out)" \
    "file of the user: none without HOME"
export XDG_CONFIG_HOME=$work/config

# The system's file lies in the tree that ipcrun is installed in, wherever that is now.
if grep -q '^sysconfdir = ${prefix}/etc' "$build/Makefile"; then
    mkdir -p tree/bin tree/etc
    cp "$ipcrun" tree/bin/
    printf 'spin = 1\neager = 4k\n' >tree/etc/ipcrun.conf
    tree/bin/ipcrun --settings >out
    same "the system's file is read" "$(grep '^IPCRUN_EAGER' out)" \
        "IPCRUN_EAGER=4k  ($work/tree/etc/ipcrun.conf, line 2)"
    same "... behind the user's" "$(grep '^IPCRUN_SPIN' out)" "IPCRUN_SPIN=20  ($file, line 3)"
else
    skip "the system's file" "configured to lie elsewhere"
fi

# ---- mistakes ----
wrong_line() { # wrong_line TEXT PATTERN
    printf '# one\n%s\n' "$1" >"$file"
    run -n 1 echo started
    same "'$1' is a mistake" "$status $(wc -l <err) $(wc -c <out)" "2 1 0"
    says "... of line 2" "^ipcrun: $file, line 2: $2"
}
wrong_line 'spin 3' 'expected NAME = VALUE'
wrong_line 'spinn = 3' "there is no setting 'spinn'"
wrong_line 'eager = 3x' "eager is '3x'; it must be a number"
wrong_line '= 3' "there is no setting ''"
rm "$file"
mkdir "$file"
run -n 1 echo started
same "a folder in its place is said" "$status $(grep -c "$file: Is a directory" err)" "2 1"
rmdir "$file"

# ---- --info ----
expect "--info" 0 --info
same "... tries every transport" "$(sed -n '/^transports/,/^$/p' out | grep -cE '^  [a-z]+ ')" \
    "$(grep -c '^    &ipcr_transport_' "$src/runtime/transports.c")"
same "... of which these work everywhere" \
    "$(sed -n '/^transports/,/^$/p' out | grep -E '^  (self|shm|tcp) ' | grep -c 'works$')" 3
(ulimit -n 100 && "$ipcrun" --info) >out
same "... and tells limits" "$(grep -c 'open files  *100, at most 100$' out)" 1

# ---- completion: words as bash would hand them over ----
eval "$("$ipcrun" --completion)"
complete_words() {
    COMP_WORDS=("$@")
    COMP_CWORD=$(($# - 1))
    _ipcrun
    echo "${COMPREPLY[*]}"
}
: >host.list
same "an option is completed" "$(complete_words ipcrun --tim)" "--timestamp-output --timeout"
same "... and the words of its value" "$(complete_words ipcrun -n 2 --rank-by n)" "node"
same "... or a file" "$(complete_words ipcrun -f host)" "host.list"
same "... also behind an equals sign" "$(complete_words ipcrun --stdin = no)" "none"
same "the program's words are files" "$(complete_words ipcrun -n = 2 ./app hos)" "host.list"
same "... even like options" "$(complete_words ipcrun -n 2 ./app --tim)" ""
same "behind a colon, options again" "$(complete_words ipcrun -n 1 ./a : --wd)" "--wdir"
nothing_left "nothing is left of all these"
finish
