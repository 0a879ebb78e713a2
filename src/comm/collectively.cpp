#include "partita/comm/collectively.hpp"

#include "partita/comm/mpi_error.hpp"

#include <cstdint>
#include <limits>
#include <new>

#include <fmt/format.h>

namespace partita {

namespace {

constexpr std::int64_t all_well = std::numeric_limits<std::int64_t>::max();

/// What every rank says when rank `lowest` and maybe others failed. Collective.
std::string agreed_message(Communicator const& comm, std::string_view what,
                           std::optional<std::string> const& failure, int lowest) {
    std::string message = comm.broadcast(failure.value_or(""), lowest);
    bool const same_here = failure && *failure == message;
    std::int64_t counts[2] = {failure ? 1 : 0, same_here ? 1 : 0};
    comm.all_reduce(std::span<std::int64_t>(counts), Reduce::sum);
    auto const [failures, same] = counts;

    if (!what.empty()) message = fmt::format("{}: {}", what, message);
    if (same == comm.size()) return message;
    message += fmt::format(" (rank {})", lowest);
    if (failures > 1)
        message += fmt::format(" (and {} more {})", failures - 1, failures == 2 ? "rank" : "ranks");
    return message;
}

}  // namespace

void agree(Communicator const& comm, std::string_view what, std::optional<std::string> failure) {
    std::int64_t const mine = failure ? comm.rank() : all_well;
    std::int64_t const lowest = comm.all_reduce(mine, Reduce::min);
    if (lowest == all_well) return;
    throw CollectiveError(agreed_message(comm, what, failure, static_cast<int>(lowest)));
}

std::string current_exception_message() {
    try {
        throw;
    } catch (MpiError const&) {
        throw;
    } catch (std::bad_alloc const&) {
        return "out of memory";
    } catch (std::exception const& error) {
        return error.what();
    } catch (...) {
        return "unknown error";
    }
}

}  // namespace partita
