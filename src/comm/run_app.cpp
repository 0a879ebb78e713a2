#include "partita/comm/run_app.hpp"

#include "comm/keep_plugins_loaded.hpp"
#include "comm/launch.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/comm/mpi_error.hpp"
#include "partita/comm/stop.hpp"

#include <cstdio>
#include <cstdlib>
#include <string>

namespace partita {

namespace {

/// One write per message, so that lines of several ranks do not mix.
void print_error(std::string const& message) {
    std::string const line = "partita: " + message + "\n";
    std::fflush(stdout);
    std::fwrite(line.data(), 1, line.size(), stderr);
    std::fflush(stderr);
}

/// The failure of one rank that the others may not know of: finalising would wait for them for
/// ever, so the whole job ends here.
[[noreturn]] void abort_job(std::string const& message, int status) {
    int rank = 0;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    print_error("rank " + std::to_string(rank) + ": " + message);
    MPI_Abort(MPI_COMM_WORLD, status);
    std::_Exit(status);
}

int run_body(std::function<int(Communicator const&)> const& body) {
    Communicator const world = Communicator::world();
    try {
        return body(world);
    } catch (CollectiveError const& error) {
        if (world.is_root()) print_error(error.what());
        return 1;
    } catch (Stopped const& stopped) {
        if (world.is_root()) print_error(stopped.what());
        return requeue_status;
    } catch (MpiError const& error) {
        abort_job(error.what(), lost_status);
    } catch (...) {
        abort_job(current_exception_message(), 1);
    }
}

}  // namespace

int run_app(int argc, char** argv, std::function<int(Communicator const&)> const& body) {
    prepare_launch();
    int provided = MPI_THREAD_SINGLE;
    if (MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided) != MPI_SUCCESS) {
        print_error("MPI_Init_thread failed");
        return 1;
    }
    int const status = run_body(body);
    std::fflush(stdout);
    MPI_Finalize();
    return status;
}

}  // namespace partita
