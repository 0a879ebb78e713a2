#pragma once

#include "partita/comm/communicator.hpp"
#include "partita/io/id_column.hpp"
#include "partita/knn/id_table.hpp"
#include "partita/knn/neighbors.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace partita::knn {

enum class ResultFormat { hdf5, csv, jsonl };

/// "hdf5", "csv", "jsonl". @throws Error with a suggestion.
ResultFormat parse_result_format(std::string const& text);

/// What a result holds.
struct ResultShape {
    std::int64_t queries = 0;
    std::int64_t k = 0;
    io::IdKind query_ids = io::IdKind::row_numbers;
    std::int64_t query_id_width = 8;
};

/// Where neighbours go.
///
/// hdf5: `/ids` (queries: int64 or text), `/neighbors` (queries x k int64: positions in the index,
/// -1 = none), `/neighbor_ids` (queries x k: the index's external ids; the same data as
/// `/neighbors` when these are row numbers), `/distances` (queries x k float32).
/// csv, jsonl: rows of item, rank (0-based), neighbor, distance.
class ResultWriter {
  public:
    virtual ~ResultWriter() = default;

    /// Collective: each rank hands the neighbours of consecutive queries from `first` on; ranks
    /// hand in ascending order of queries, and calls follow each other in that order too. A rank
    /// may hand none.
    virtual void write(std::int64_t first, io::IdBlock const& query_ids,
                       Neighbors const& found) = 0;

    /// Memory that write takes for each neighbour.
    virtual std::int64_t bytes_per_neighbor() const = 0;

    /// Kept as attributes in hdf5, dropped by the text formats. Same values on all ranks.
    virtual void describe(std::string const& name, std::string const& value) = 0;
    virtual void describe(std::string const& name, double value) = 0;
    virtual void describe(std::string const& name, std::int64_t value) = 0;

    /// Collective: the file gets its name.
    virtual void commit() = 0;
};

/// Collective. @throws CollectiveError when the file cannot be made.
std::unique_ptr<ResultWriter> make_result_writer(Communicator const& comm, ResultFormat format,
                                                 std::string const& path, ResultShape const& shape,
                                                 IdTable const& base_ids, bool overwrite);

}  // namespace partita::knn
