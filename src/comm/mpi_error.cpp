#include "partita/comm/mpi_error.hpp"

#include <string>

#include <mpi.h>

namespace partita {

void check_mpi(int code, char const* function) {
    if (code == MPI_SUCCESS) return;
    char text[MPI_MAX_ERROR_STRING];
    int length = 0;
    if (MPI_Error_string(code, text, &length) != MPI_SUCCESS) length = 0;
    throw MpiError(std::string(function) + ": " +
                   std::string(text, static_cast<std::size_t>(length)));
}

}  // namespace partita
