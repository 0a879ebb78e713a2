#pragma once

#include "partita/core/buffer.hpp"
#include "partita/io/id_column.hpp"
#include "partita/io/vector_source.hpp"
#include "partita/knn/batch_searcher.hpp"
#include "partita/knn/id_table.hpp"
#include "partita/knn/index.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace partita::knn {

/// The vectors whose neighbours are wanted. Its functions are rank-local.
class QuerySet {
  public:
    virtual ~QuerySet() = default;
    virtual std::int64_t rows() const = 0;
    /// Rows [first, last), of length 1 for cosine.
    virtual Matrix read(std::int64_t first, std::int64_t last) const = 0;
    virtual io::IdBlock ids(std::int64_t first, std::int64_t last) const = 0;
    virtual io::IdKind id_kind() const = 0;
    virtual std::int64_t id_width() const = 0;
    /// The position of a query in the index when it is one of the index's own vectors, else -1.
    virtual std::int64_t position(std::int64_t row) const = 0;
    /// Is query i the vector at position i of the index, for all of them?
    virtual bool are_the_base() const { return false; }
    /// For messages and the result's attributes.
    virtual std::string name() const = 0;
};

/// Queries from a vector file.
class VectorQueries : public QuerySet {
  public:
    /// @param are_the_base  The file is the one that the index was built from: query i is vector i.
    VectorQueries(io::VectorSource const& source, Metric metric, bool are_the_base)
        : source_(source), metric_(metric), are_the_base_(are_the_base) {}

    std::int64_t rows() const override { return source_.rows(); }
    Matrix read(std::int64_t first, std::int64_t last) const override;
    io::IdBlock ids(std::int64_t first, std::int64_t last) const override;
    io::IdKind id_kind() const override { return source_.ids().kind(); }
    std::int64_t id_width() const override { return source_.ids().width(); }
    std::int64_t position(std::int64_t row) const override { return are_the_base_ ? row : -1; }
    bool are_the_base() const override { return are_the_base_; }
    std::string name() const override { return source_.spec(); }

  private:
    io::VectorSource const& source_;
    Metric metric_;
    bool are_the_base_;
};

/// Queries that are vectors of the index, named by their ids.
class ItemQueries : public QuerySet {
  public:
    /// Collective, with the same items on all ranks. Where the index is shared out, each rank takes
    /// the items' vectors into its memory.
    /// @param copy   The node's copy of the index; null where it is shared out.
    /// @param items  The ids as text, as in the index's id table.
    /// @throws CollectiveError that names the first id that is not in the index.
    ItemQueries(Communicator const& comm, BatchSearcher const& index, Index const* copy,
                IdTable const& ids, std::vector<std::string> const& items, std::string name);

    std::int64_t rows() const override { return static_cast<std::int64_t>(positions_.size()); }
    Matrix read(std::int64_t first, std::int64_t last) const override;
    io::IdBlock ids(std::int64_t first, std::int64_t last) const override;
    io::IdKind id_kind() const override { return ids_.kind(); }
    std::int64_t id_width() const override { return ids_.width(); }
    std::int64_t position(std::int64_t row) const override {
        return positions_[static_cast<std::size_t>(row)];
    }
    std::string name() const override { return name_; }

  private:
    Index const* copy_;
    Matrix vectors_;  ///< Without a copy.
    IdTable const& ids_;
    std::vector<std::int64_t> positions_;
    std::string name_;
};

}  // namespace partita::knn
