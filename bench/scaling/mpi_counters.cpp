#include "mpi_counters.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <numeric>

#include <mpi.h>

namespace {

PartitaMpiCounts counts{};

/// Adds the time of a call.
class Timed {
  public:
    ~Timed() { counts.seconds += PMPI_Wtime() - start_; }

  private:
    double start_ = PMPI_Wtime();
};

std::int64_t bytes_of(int count, MPI_Datatype type) {
    int size = 0;
    PMPI_Type_size(type, &size);
    return std::int64_t{count} * size;
}

int size_of(MPI_Comm comm) {
    int size = 1;
    PMPI_Comm_size(comm, &size);
    return size;
}

std::int64_t bytes_of(int const* each, MPI_Comm comm, MPI_Datatype type) {
    if (each == nullptr) return 0;
    std::int64_t const count = std::accumulate(each, each + size_of(comm), std::int64_t{0});
    int size = 0;
    PMPI_Type_size(type, &size);
    return count * size;
}

void sent(std::int64_t bytes) {
    ++counts.messages;
    counts.message_bytes += bytes;
}
void together(std::int64_t bytes) {
    ++counts.collectives;
    counts.collective_bytes += bytes;
}

/// Sums and maxima over the ranks, as a JSON line.
void write_counts(char const* path) {
    int rank = 0, ranks = 1;
    PMPI_Comm_rank(MPI_COMM_WORLD, &rank);
    PMPI_Comm_size(MPI_COMM_WORLD, &ranks);
    std::int64_t const own[] = {counts.messages, counts.message_bytes, counts.collectives,
                                counts.collective_bytes};
    std::int64_t most[4], sum[4];
    double seconds = 0;
    PMPI_Reduce(own, most, 4, MPI_INT64_T, MPI_MAX, 0, MPI_COMM_WORLD);
    PMPI_Reduce(own, sum, 4, MPI_INT64_T, MPI_SUM, 0, MPI_COMM_WORLD);
    PMPI_Reduce(&counts.seconds, &seconds, 1, MPI_DOUBLE, MPI_SUM, 0, MPI_COMM_WORLD);
    if (rank != 0) return;
    std::FILE* const file = std::fopen(path, "w");
    if (!file) return;
    auto const number = [](std::int64_t value) { return static_cast<long long>(value); };
    std::fprintf(file,
                 "{\"ranks\":%d,\"messages\":%lld,\"message_bytes\":%lld,\"collectives\":%lld,"
                 "\"collective_bytes\":%lld,\"all_messages\":%lld,\"all_message_bytes\":%lld,"
                 "\"mpi_seconds\":%.6f}\n",
                 ranks, number(most[0]), number(most[1]), number(most[2]), number(most[3]),
                 number(sum[0]), number(sum[1]), seconds / ranks);
    std::fclose(file);
}

}  // namespace

extern "C" {

void partita_mpi_counts(PartitaMpiCounts* out) { *out = counts; }

int MPI_Finalize() {
    if (char const* const path = std::getenv("PARTITA_MPI_COUNTS")) write_counts(path);
    return PMPI_Finalize();
}

int MPI_Send(void const* data, int count, MPI_Datatype type, int to, int tag, MPI_Comm comm) {
    Timed const timed;
    sent(bytes_of(count, type));
    return PMPI_Send(data, count, type, to, tag, comm);
}
int MPI_Isend(void const* data, int count, MPI_Datatype type, int to, int tag, MPI_Comm comm,
              MPI_Request* request) {
    Timed const timed;
    sent(bytes_of(count, type));
    return PMPI_Isend(data, count, type, to, tag, comm, request);
}
int MPI_Sendrecv(void const* data, int count, MPI_Datatype type, int to, int tag, void* in,
                 int in_count, MPI_Datatype in_type, int from, int in_tag, MPI_Comm comm,
                 MPI_Status* status) {
    Timed const timed;
    sent(bytes_of(count, type));
    return PMPI_Sendrecv(data, count, type, to, tag, in, in_count, in_type, from, in_tag, comm,
                         status);
}
int MPI_Recv(void* data, int count, MPI_Datatype type, int from, int tag, MPI_Comm comm,
             MPI_Status* status) {
    Timed const timed;
    return PMPI_Recv(data, count, type, from, tag, comm, status);
}
int MPI_Irecv(void* data, int count, MPI_Datatype type, int from, int tag, MPI_Comm comm,
              MPI_Request* request) {
    Timed const timed;
    return PMPI_Irecv(data, count, type, from, tag, comm, request);
}
int MPI_Probe(int from, int tag, MPI_Comm comm, MPI_Status* status) {
    Timed const timed;
    return PMPI_Probe(from, tag, comm, status);
}
int MPI_Wait(MPI_Request* request, MPI_Status* status) {
    Timed const timed;
    return PMPI_Wait(request, status);
}
int MPI_Waitall(int count, MPI_Request* requests, MPI_Status* statuses) {
    Timed const timed;
    return PMPI_Waitall(count, requests, statuses);
}
int MPI_Waitsome(int count, MPI_Request* requests, int* done, int* indices, MPI_Status* statuses) {
    Timed const timed;
    return PMPI_Waitsome(count, requests, done, indices, statuses);
}
int MPI_Test(MPI_Request* request, int* flag, MPI_Status* status) {
    Timed const timed;
    return PMPI_Test(request, flag, status);
}
int MPI_Testall(int count, MPI_Request* requests, int* flag, MPI_Status* statuses) {
    Timed const timed;
    return PMPI_Testall(count, requests, flag, statuses);
}

int MPI_Barrier(MPI_Comm comm) {
    Timed const timed;
    together(0);
    return PMPI_Barrier(comm);
}
int MPI_Bcast(void* data, int count, MPI_Datatype type, int root, MPI_Comm comm) {
    Timed const timed;
    together(bytes_of(count, type));
    return PMPI_Bcast(data, count, type, root, comm);
}
int MPI_Reduce(void const* in, void* out, int count, MPI_Datatype type, MPI_Op op, int root,
               MPI_Comm comm) {
    Timed const timed;
    together(bytes_of(count, type));
    return PMPI_Reduce(in, out, count, type, op, root, comm);
}
int MPI_Allreduce(void const* in, void* out, int count, MPI_Datatype type, MPI_Op op,
                  MPI_Comm comm) {
    Timed const timed;
    together(bytes_of(count, type));
    return PMPI_Allreduce(in, out, count, type, op, comm);
}
int MPI_Exscan(void const* in, void* out, int count, MPI_Datatype type, MPI_Op op, MPI_Comm comm) {
    Timed const timed;
    together(bytes_of(count, type));
    return PMPI_Exscan(in, out, count, type, op, comm);
}
int MPI_Gather(void const* in, int in_count, MPI_Datatype in_type, void* out, int count,
               MPI_Datatype type, int root, MPI_Comm comm) {
    Timed const timed;
    together(bytes_of(in_count, in_type) * size_of(comm));
    return PMPI_Gather(in, in_count, in_type, out, count, type, root, comm);
}
int MPI_Allgather(void const* in, int in_count, MPI_Datatype in_type, void* out, int count,
                  MPI_Datatype type, MPI_Comm comm) {
    Timed const timed;
    together(bytes_of(count, type) * size_of(comm));
    return PMPI_Allgather(in, in_count, in_type, out, count, type, comm);
}
int MPI_Allgatherv(void const* in, int in_count, MPI_Datatype in_type, void* out,
                   int const* out_counts, int const* places, MPI_Datatype type, MPI_Comm comm) {
    Timed const timed;
    together(bytes_of(out_counts, comm, type));
    return PMPI_Allgatherv(in, in_count, in_type, out, out_counts, places, type, comm);
}
int MPI_Alltoall(void const* in, int in_count, MPI_Datatype in_type, void* out, int count,
                 MPI_Datatype type, MPI_Comm comm) {
    Timed const timed;
    together(bytes_of(count, type) * size_of(comm));
    return PMPI_Alltoall(in, in_count, in_type, out, count, type, comm);
}
int MPI_Alltoallv(void const* in, int const* in_counts, int const* in_places, MPI_Datatype in_type,
                  void* out, int const* out_counts, int const* places, MPI_Datatype type,
                  MPI_Comm comm) {
    Timed const timed;
    together(std::max(bytes_of(in_counts, comm, in_type), bytes_of(out_counts, comm, type)));
    return PMPI_Alltoallv(in, in_counts, in_places, in_type, out, out_counts, places, type, comm);
}
}
