/* The ring of shared memory (runtime/transport/ring.h) with few entries and a short lap: every
 * message arrives once, in order and whole, and neither side waits for ever.
 *
 * Names and conditions are those of ring.h; counters wrap as there, but at 256. A message of size 0
 * lies in its entry; a fragment is at most a quarter of the payload, as there. Each step below is
 * one access to shared memory. Stores are seen in their order (release): the producer's delay in
 * showing them is the same as the producer being slow.
 *
 *   EARLY_SEQ  the entry is published before its payload is written. There must be an error. */
#define ENTRIES  2
#define PAYLOAD  8
#define LARGEST  2
#define MESSAGES 8

byte seq[ENTRIES], length[ENTRIES], at[ENTRIES], end[ENTRIES], number[ENTRIES];
byte payload[PAYLOAD]; /* each byte holds the number of its message */
byte taken, freed;

active proctype producer()
{
    byte next, known_taken, known_freed, pos;
    byte size, off, gap, i, want;
    do
    :: next < MESSAGES ->
        /* has_entry */
        do
        :: next - known_taken < ENTRIES -> break
        :: else -> known_taken = taken
        od;
        size = 0;
        do
        :: size < LARGEST -> size++
        :: break
        od;
        if
        :: size > 0 ->
            off = pos % PAYLOAD;
            gap = (off + size > PAYLOAD -> PAYLOAD - off : 0);
            want = pos + gap + size;
            /* has_bytes; the difference is one of bytes that wrap */
            do
            :: ((want - known_freed) & 255) <= PAYLOAD -> break
            :: else -> known_freed = freed
            od;
            pos = want;
            at[next % ENTRIES] = (gap > 0 -> 0 : off);
            end[next % ENTRIES] = pos;
#ifdef EARLY_SEQ
            length[next % ENTRIES] = size;
            number[next % ENTRIES] = next;
            seq[next % ENTRIES] = next + 1;
#endif
            i = 0;
            do
            :: i < size ->
                payload[at[next % ENTRIES] + i] = next;
                i++
            :: else -> break
            od
        :: else
        fi;
        length[next % ENTRIES] = size;
        number[next % ENTRIES] = next;
        seq[next % ENTRIES] = next + 1;
        next++
    :: else -> break
    od
}

active proctype consumer()
{
    byte next, i, slot;
    do
    :: next < MESSAGES ->
        slot = next % ENTRIES;
        seq[slot] == next + 1;
        assert(number[slot] == next);
        i = 0;
        do
        :: i < length[slot] ->
            assert(payload[at[slot] + i] == next);
            i++
        :: else -> break
        od;
        if
        :: length[slot] > 0 -> freed = end[slot]
        :: else
        fi;
        next++;
        taken = next
    :: else -> break
    od
}
