/* The header that every fragment carries, on rings and sockets alike, and the bodies of control
 * messages. Both ends run the same build of the library (boot.h checks the version), so fields are
 * in host order; whatever comes from a socket is still checked before it is believed.
 *
 *   kind   who sends it          payload                     answer
 *   EAGER  sender                the whole message           none (ACK if SYNC is set)
 *   RTS    sender                struct ipcr_rts             CTS or FIN
 *   CTS    receiver              nothing                     DATA ... DATA
 *   DATA   sender                next bytes of the message   none: the receiver counts
 *   FIN    receiver              nothing                     none: it has pulled the message itself
 *   ACK    receiver              nothing                     none: a SYNC eager message was matched
 *   CREDIT receiver              u64: bytes of eager messages consumed since the last report
 *   CANCEL sender                nothing                     GONE if no receive has matched, else
 * none GONE   receiver              nothing                     none: the message will not be
 * received
 *
 * Fragments between two ranks arrive in the order they were sent; matching order and DATA
 * positions rest on that. */
#ifndef IPCR_WIRE_H
#define IPCR_WIRE_H

#include <stdint.h>

#define IPCR_WIRE_VERSION 2u

enum ipcr_wire_kind {
    IPCR_EAGER = 1,
    IPCR_RTS,
    IPCR_CTS,
    IPCR_DATA,
    IPCR_FIN,
    IPCR_ACK,
    IPCR_CREDIT,
    IPCR_CANCEL,
    IPCR_GONE,
    IPCR_WIRE_KINDS
};

enum ipcr_wire_flag {
    IPCR_WIRE_SYNC = 1,  /* EAGER: the sender waits for ACK */
    IPCR_WIRE_STREAM = 2 /* RTS: the sender stays in the library until the message is out, and to
                          * ask for it is quicker than to pull it */
};

struct ipcr_wire {
    uint8_t kind;
    uint8_t flags;
    uint16_t mark;   /* EAGER, RTS: of a tool (observe.h), else 0 */
    uint32_t ctx;    /* context id of the communicator (EAGER, RTS, CANCEL) */
    int32_t tag;     /* EAGER, RTS, CANCEL */
    int32_t src;     /* sender's rank in that communicator (EAGER, RTS, CANCEL) */
    uint64_t cookie; /* EAGER+SYNC, RTS, CANCEL: names the sender's request; others: the
                      * addressee's; the payload of ACK may name more of these */
};
_Static_assert(sizeof(struct ipcr_wire) == 24, "a ring entry has 32 bytes left for payload");

struct ipcr_rts {
    uint64_t size; /* bytes of the whole message */
    uint64_t addr; /* where they lie in the sender, if they are contiguous there; else 0 */
};

struct ipcr_cts {
    uint64_t cookie; /* names the receiver's request, for the DATA fragments */
};

#endif
