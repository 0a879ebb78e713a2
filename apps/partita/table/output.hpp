#pragma once

#include "cli/session.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/frame/table.hpp"

#include <cstdint>
#include <string>

namespace partita::cli {

/// The file of "x.h5:/name".
std::string file_of(std::string const& out);

/// @throws Error, a usage error, when no format goes with the name: "x.csv.gz".
void check_output_name(std::string const& out);

/// Write a table's rows in the format that the name calls for: .csv, .tsv, .jsonl, or HDF5.
/// Collective. Returns how many there are.
std::int64_t write_table(Session const& session, frame::Table const& table, std::string const& out);

/// Print a small block, the same on all ranks, in columns: numbers to the right, six digits.
void print_aligned(Session const& session, frame::Block const& rows);

/// Run what builds tables: its errors, of what all ranks know, are the same on each.
template <class Build>
auto with_agreed_errors(Build&& build) {
    try {
        return build();
    } catch (CollectiveError const&) {
        throw;
    } catch (Error const& error) {
        throw CollectiveError(error.what());
    }
}

}  // namespace partita::cli
