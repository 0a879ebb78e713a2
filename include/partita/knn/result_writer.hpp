#pragma once

#include "partita/comm/communicator.hpp"
#include "partita/io/id_column.hpp"
#include "partita/io/partial_output.hpp"
#include "partita/knn/id_table.hpp"
#include "partita/knn/neighbors.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace partita::knn {

enum class ResultFormat { hdf5, csr, csv, jsonl };

/// "hdf5", "csr", "csv", "jsonl". @throws Error with a suggestion.
ResultFormat parse_result_format(std::string const& text);

/// What a result holds.
struct ResultShape {
    std::int64_t queries = 0;
    std::int64_t k = 0;  ///< At most so many neighbours of a query; 0 = any number (not hdf5).
    io::IdKind query_ids = io::IdKind::row_numbers;
    std::int64_t query_id_width = 8;
    std::int64_t base_rows = 0;  ///< Vectors in the index: the columns of a csr matrix.
};

using AttributeValue = std::variant<std::string, double, std::int64_t>;

/// Where neighbours go.
///
/// hdf5: `/ids` (queries: int64 or text), `/neighbors` (queries x k int64: positions in the index,
/// -1 = none), `/neighbor_ids` (queries x k: the index's external ids; the same data as
/// `/neighbors` when these are row numbers), `/distances` (queries x k float32).
/// csr: an HDF5 file with a sparse matrix in compressed rows, queries x base_rows, of distances:
/// `/indptr` (queries + 1), `/indices` (positions), `/data` (float32), `/shape`, and `/ids`.
/// csv, jsonl: rows of item, rank (0-based), neighbor, distance.
class ResultWriter {
  public:
    virtual ~ResultWriter() = default;
    ResultWriter(ResultWriter const&) = delete;
    ResultWriter& operator=(ResultWriter const&) = delete;

    /// Collective: each rank hands the neighbours of consecutive queries from `first` on; ranks
    /// hand in ascending order of queries, and calls follow each other in that order too. A rank
    /// may hand none.
    virtual void write(std::int64_t first, io::IdBlock const& query_ids,
                       Neighbors const& found) = 0;
    virtual void write(std::int64_t first, io::IdBlock const& query_ids,
                       NeighborRows const& found) = 0;

    /// As write, by this rank alone: any consecutive queries, in any order, that nobody else
    /// writes. Rank-local.
    virtual void write_own(std::int64_t first, io::IdBlock const& query_ids,
                           Neighbors const& found) = 0;
    /// All queries from the last settled or written one up to some query have been written by
    /// write_own: in formats where a query's place depends on what others found, they go there now,
    /// from where each rank has kept its own. Collective; before record, write and commit.
    virtual void settle() {}

    /// Memory that write takes for each neighbour.
    virtual std::int64_t bytes_per_neighbor() const = 0;

    /// Kept as attributes in hdf5 and csr, dropped by the text formats. Same values on all ranks.
    void describe(std::string const& name, AttributeValue value) {
        attributes_.emplace_back(name, std::move(value));
    }

    /// Collective: the file gets its name.
    virtual void commit() = 0;

    /// Queries that the job before has written: what is left begins here.
    std::int64_t done() const { return partial_.done(); }
    /// Whether it is time for a record. Collective.
    bool is_due() const { return partial_.is_due(); }
    /// Queries up to `done` have been written: keep that in a record. Collective.
    void record(std::int64_t done);
    /// The unfinished output, for what else is to be recorded.
    io::PartialOutput& partial() const { return partial_; }

  protected:
    ResultWriter(Communicator const& comm, io::PartialOutput& partial)
        : comm_(comm), partial_(partial) {}

    /// Push what this rank has written to the device. Rank-local.
    virtual void sync() const = 0;

    Communicator const& comm() const { return comm_; }
    std::vector<std::pair<std::string, AttributeValue>> const& attributes() const {
        return attributes_;
    }

  private:
    Communicator comm_;
    io::PartialOutput& partial_;
    std::vector<std::pair<std::string, AttributeValue>> attributes_;
};

/// The result of an output that another job may finish; goes on where the job before was.
/// Collective.
/// @throws CollectiveError when the file cannot be made.
std::unique_ptr<ResultWriter> make_result_writer(Communicator const& comm, ResultFormat format,
                                                 io::PartialOutput& partial,
                                                 ResultShape const& shape, IdTable const& base_ids);

}  // namespace partita::knn
