#pragma once

#include "partita/frame/csv.hpp"
#include "partita/frame/table.hpp"
#include "partita/io/partial_output.hpp"

#include <cstdint>
#include <string>

namespace partita::frame {

/// What write_csv and write_hdf5 write, as outputs that another job may finish: for tables that
/// take long to compute, such as a model's predictions.
///
/// Collective. Partitions are computed in rounds, after each of which what is there is recorded
/// from time to time; a later job with the same facts goes on behind it, with any number of ranks.
/// Within a round every rank takes the next partitions when it is done with those it has, so a slow
/// rank does less. That needs a table whose partitions every rank can compute: one that is read
/// from files all nodes see, with narrow operations only.
///
/// @return The rows written, those of the job before included.
/// @throws Stopped when the job was asked to stop (see StopSignals), with all that was done kept.
std::int64_t write_csv(Table const& table, io::PartialOutput& partial,
                       CsvWriteOptions const& options = {});
/// @param object  The dataset's name in the file, "" = "table".
std::int64_t write_hdf5(Table const& table, io::PartialOutput& partial, std::string const& object);

}  // namespace partita::frame
