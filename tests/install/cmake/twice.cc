// The same in C++.
#include <iostream>
#include <mpi.h>
#include <vector>

int main(int argc, char **argv)
{
    MPI_Init(&argc, &argv);
    int rank, size;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    std::vector<long> mine(1, 2L * rank), sum(1, -1);
    MPI_Allreduce(mine.data(), sum.data(), 1, MPI_LONG, MPI_SUM, MPI_COMM_WORLD);
    if (rank == 0)
        std::cout << size << " ranks, sum " << sum[0] << std::endl;
    MPI_Finalize();
    return size == 4 && sum[0] == 12 ? 0 : 1;
}
