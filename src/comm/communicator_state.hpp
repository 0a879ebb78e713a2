#pragma once

#include "partita/comm/communicator.hpp"
#include "partita/comm/mpi_error.hpp"

#include <utility>

#include <boost/mpi/communicator.hpp>

namespace partita {

struct Communicator::State {
    /// MPI reports failures of this communicator by return codes from now on.
    explicit State(boost::mpi::communicator communicator)
        : boost(std::move(communicator)), rank(boost.rank()), size(boost.size()) {
        check_mpi(MPI_Comm_set_errhandler(boost, MPI_ERRORS_RETURN), "MPI_Comm_set_errhandler");
    }

    boost::mpi::communicator boost;
    int rank;
    int size;
};

}  // namespace partita
