/* MPI calls that turn handles into integers and back. MPI 5.0 section 20.4. They report no errors:
 * an integer that names nothing becomes the null handle. */
#include "handle.h"
#include "lock.h"

#define CONVERSIONS(kind, type, null)              \
    int PMPI_##kind##_toint(type handle)           \
    {                                              \
        return ipcr_handle_toint(handle);          \
    }                                              \
    IPCR_ALIAS(kind##_toint);                      \
    type PMPI_##kind##_fromint(int number)         \
    {                                              \
        type handle = ipcr_handle_fromint(number); \
        return handle ? handle : null;             \
    }                                              \
    IPCR_ALIAS(kind##_fromint)

CONVERSIONS(Comm, MPI_Comm, MPI_COMM_NULL);
CONVERSIONS(Errhandler, MPI_Errhandler, MPI_ERRHANDLER_NULL);
CONVERSIONS(Group, MPI_Group, MPI_GROUP_NULL);
CONVERSIONS(Info, MPI_Info, MPI_INFO_NULL);
CONVERSIONS(Message, MPI_Message, MPI_MESSAGE_NULL);
CONVERSIONS(Op, MPI_Op, MPI_OP_NULL);
CONVERSIONS(Request, MPI_Request, MPI_REQUEST_NULL);
CONVERSIONS(Session, MPI_Session, MPI_SESSION_NULL);
CONVERSIONS(Type, MPI_Datatype, MPI_DATATYPE_NULL);
