#include "partita/comm/work_queue.hpp"

#include "partita/comm/mpi_error.hpp"

#include <algorithm>
#include <exception>

#include <mpi.h>

namespace partita {

/// Eight bytes on rank 0, open to all ranks for as long as it lives.
struct WorkQueue::Window {
    explicit Window(MPI_Comm comm) {
        int rank = 0;
        MPI_Comm_rank(comm, &rank);
        check_mpi(MPI_Win_allocate(rank == 0 ? sizeof(std::int64_t) : 0, sizeof(std::int64_t),
                                   MPI_INFO_NULL, comm, &counter, &handle),
                  "MPI_Win_allocate");
        check_mpi(MPI_Win_lock_all(0, handle), "MPI_Win_lock_all");
    }
    ~Window() {
        if (std::uncaught_exceptions() > exceptions) return;
        MPI_Win_unlock_all(handle);
        MPI_Win_free(&handle);
    }
    Window(Window const&) = delete;
    Window& operator=(Window const&) = delete;

    std::int64_t change(std::int64_t value, MPI_Op how) const {
        std::int64_t before = 0;
        check_mpi(MPI_Fetch_and_op(&value, &before, MPI_INT64_T, 0, 0, how, handle),
                  "MPI_Fetch_and_op");
        check_mpi(MPI_Win_flush(0, handle), "MPI_Win_flush");
        return before;
    }

    std::int64_t* counter = nullptr;
    MPI_Win handle = MPI_WIN_NULL;
    int exceptions = std::uncaught_exceptions();
};

WorkQueue::WorkQueue(Communicator const& comm) : comm_(comm) {
    if (comm.size() > 1) window_ = std::make_unique<Window>(comm.handle());
}

WorkQueue::~WorkQueue() = default;

void WorkQueue::start(std::int64_t first, std::int64_t last) {
    seen_ = first;
    last_ = last;
    if (!window_) return;
    comm_.barrier();  // nobody takes from what was before
    if (comm_.is_root()) window_->change(first, MPI_REPLACE);
    comm_.barrier();
}

RowRange WorkQueue::take(std::int64_t least, std::int64_t most) {
    // A slow rank last asked long ago: what is left by now decides, or it would take too much.
    if (window_) seen_ = std::min(window_->change(0, MPI_NO_OP), last_);
    std::int64_t const part = (last_ - seen_) / (4 * std::int64_t{comm_.size()});
    std::int64_t const wanted = std::max(std::min(part, most), std::min(least, most));
    if (seen_ >= last_) return {last_, last_};
    std::int64_t const first = std::min(window_ ? window_->change(wanted, MPI_SUM) : seen_, last_);
    seen_ = std::min(first + wanted, last_);
    return {first, seen_};
}

void WorkQueue::serve() const {
    if (!window_) return;
    int any = 0;
    MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, comm_.handle(), &any, MPI_STATUS_IGNORE);
}

std::int64_t WorkQueue::finish() {
    if (window_) {
        comm_.barrier();
        std::int64_t taken = comm_.is_root() ? window_->change(0, MPI_NO_OP) : 0;
        seen_ = comm_.broadcast(taken);
    }
    seen_ = std::min(seen_, last_);
    return seen_;
}

}  // namespace partita
