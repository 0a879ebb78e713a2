// What run_app_test.cpp runs under mpirun: each first argument is one way that a program can end.

#include "partita/comm/collectively.hpp"
#include "partita/comm/mpi_error.hpp"
#include "partita/comm/run_app.hpp"
#include "partita/comm/stop.hpp"
#include "partita/core/cpu.hpp"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string>

#include <omp.h>

namespace {

using partita::Communicator;

/// Whether PMIx has mapped its memory that is shared with mpirun: see prepare_launch.
bool shares_lock_with_launcher() {
    std::ifstream maps("/proc/self/maps");
    for (std::string line; std::getline(maps, line);)
        if (line.find("smlockseg") != std::string::npos) return true;
    return false;
}

int body(Communicator const& world, std::string const& how) {
    bool const last = world.rank() == world.size() - 1;
    if (how == "collective")
        partita::collectively(world, "work",
                              [&] { partita::check(!last, "the last rank failed"); });
    if (how == "lonely" && last) throw std::runtime_error("nobody knows");
    if (how == "foreign" && last) throw 42;
    if (how == "mpi" && last) throw partita::MpiError("MPI_Send: broken");
    if (how == "seven") return 7;
    if (how == "stop" || how == "stop twice") {
        partita::StopSignals const signals;
        if (last) std::raise(how == "stop" ? SIGUSR1 : SIGTERM);
        if (last && how == "stop twice") std::raise(SIGTERM);
        if (partita::stop_agreed(world)) throw partita::Stopped("stopped");
    }
    if (how == "no stop" && last) std::raise(SIGUSR1);
    if (how == "locks" && shares_lock_with_launcher()) std::puts("shares a lock");
    if (how == "where")
        std::printf("cores %d threads %d yield %s copy %s pml %s\n", partita::available_cores(),
                    omp_get_max_threads(), std::getenv("OMPI_MCA_mpi_yield_when_idle"),
                    std::getenv("OMPI_MCA_btl_vader_single_copy_mechanism"),
                    std::getenv("OMPI_MCA_pml"));
    world.barrier();
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    std::string const how = argc > 1 ? argv[1] : "";
    return partita::run_app(argc, argv,
                            [&](Communicator const& world) { return body(world, how); });
}
