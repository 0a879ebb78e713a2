#include "comm/limits.hpp"

#include "partita/comm/communicator.hpp"
#include "partita/comm/mpi_error.hpp"

#include <algorithm>

namespace partita {

namespace {

template <class T>
MPI_Datatype mpi_type() {
    if constexpr (std::is_same_v<T, double>) return MPI_DOUBLE;
    if constexpr (std::is_same_v<T, float>) return MPI_FLOAT;
    if constexpr (std::is_same_v<T, std::int32_t>) return MPI_INT32_T;
    if constexpr (std::is_same_v<T, std::uint32_t>) return MPI_UINT32_T;
    if constexpr (std::is_same_v<T, std::int64_t>) return MPI_INT64_T;
    if constexpr (std::is_same_v<T, std::uint64_t>) return MPI_UINT64_T;
}

MPI_Op mpi_operation(Reduce how) {
    switch (how) {
        case Reduce::min:
            return MPI_MIN;
        case Reduce::max:
            return MPI_MAX;
        case Reduce::sum:
            break;
    }
    return MPI_SUM;
}

/// Call `transfer(first element, count)` for pieces of `values` that an MPI count can hold.
template <class T, class Transfer>
void for_each_piece(std::span<T> values, Transfer transfer) {
    auto const piece = static_cast<std::size_t>(std::max<std::int64_t>(
        1, comm_limits::piece_bytes() / static_cast<std::int64_t>(sizeof(T))));
    for (std::size_t done = 0; done < values.size(); done += piece)
        transfer(values.data() + done, static_cast<int>(std::min(piece, values.size() - done)));
}

}  // namespace

template <Reducible T>
void Communicator::all_reduce(std::span<T> values, Reduce how) const {
    if (size() == 1) return;
    for_each_piece(values, [&](T* first, int count) {
        check_mpi(
            MPI_Allreduce(MPI_IN_PLACE, first, count, mpi_type<T>(), mpi_operation(how), handle()),
            "MPI_Allreduce");
    });
}

template <Reducible T>
void Communicator::exclusive_sum(std::span<T> values) const {
    if (size() == 1) {
        std::fill(values.begin(), values.end(), T{});
        return;
    }
    for_each_piece(values, [&](T* first, int count) {
        check_mpi(MPI_Exscan(MPI_IN_PLACE, first, count, mpi_type<T>(), MPI_SUM, handle()),
                  "MPI_Exscan");
    });
    // MPI leaves rank 0's result undefined.
    if (rank() == 0) std::fill(values.begin(), values.end(), T{0});
}

template void Communicator::all_reduce(std::span<double>, Reduce) const;
template void Communicator::all_reduce(std::span<float>, Reduce) const;
template void Communicator::all_reduce(std::span<std::int32_t>, Reduce) const;
template void Communicator::all_reduce(std::span<std::uint32_t>, Reduce) const;
template void Communicator::all_reduce(std::span<std::int64_t>, Reduce) const;
template void Communicator::all_reduce(std::span<std::uint64_t>, Reduce) const;

template void Communicator::exclusive_sum(std::span<double>) const;
template void Communicator::exclusive_sum(std::span<float>) const;
template void Communicator::exclusive_sum(std::span<std::int32_t>) const;
template void Communicator::exclusive_sum(std::span<std::uint32_t>) const;
template void Communicator::exclusive_sum(std::span<std::int64_t>) const;
template void Communicator::exclusive_sum(std::span<std::uint64_t>) const;

}  // namespace partita
