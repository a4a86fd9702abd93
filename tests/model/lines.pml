/* The lines of short collectives (collectives/lines.c) between two ranks, with few sets and a report at
 * every meeting: what a rank reads is what was shown at that meeting, whole, whoever is ahead of
 * whom, and nobody waits for ever. All series of meetings are tried in which the one, the other or
 * both show something.
 *
 * Names and conditions are those of lines.c. Each step below is one access to shared memory; a store
 * that shows late is a writer that is slow.
 *
 *   NO_ROOM   a line is written without a look at who may still read it. There must be an error. */
#define SETS     2
#define MEETINGS 6

byte seq[4], first[4], second[4]; /* of rank r at r * SETS + set */
byte report[2];
byte kind[MEETINGS + 1]; /* who shows: 0, 1, or 2 for both */

#define AT(r, s) ((r) * SETS + (s) % SETS)
#define SHOWS(r, s) (kind[s] == r || kind[s] == 2)
#define AWAITS(r, s) (kind[s] != r)

proctype rank(byte me)
{
    byte s, left, other = 1 - me;
    do
    :: s < MEETINGS ->
        s++;
        report[me] = s - 1;
        if
        :: SHOWS(me, s) ->
#ifndef NO_ROOM
            if
            :: s - left > SETS ->
                s - report[other] <= SETS;
                left = (report[other] < s -> report[other] : s - 1)
            :: else
            fi;
#endif
            first[AT(me, s)] = s;
            second[AT(me, s)] = s;
            seq[AT(me, s)] = s
        :: else
        fi;
        if
        :: AWAITS(me, s) ->
            seq[AT(other, s)] == s;
            assert(first[AT(other, s)] == s);
            assert(second[AT(other, s)] == s);
            left = (kind[s] == 2 -> s - 1 : left)
        :: else
        fi
    :: else -> break
    od
}

init {
    byte s;
    for (s : 1 .. MEETINGS) {
        if
        :: kind[s] = 0
        :: kind[s] = 1
        :: kind[s] = 2
        fi
    }
    atomic { run rank(0); run rank(1) }
}
