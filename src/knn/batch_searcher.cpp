#include "partita/knn/batch_searcher.hpp"

#include "partita/comm/collectively.hpp"

namespace partita::knn {

namespace {

class ReplicatedSearcher : public BatchSearcher {
  public:
    ReplicatedSearcher(Communicator const& comm, Index const& index, std::int64_t file_bytes)
        : comm_(comm), index_(index), file_bytes_(file_bytes) {}

    IndexInfo const& info() const override { return index_.info(); }

    Neighbors search(MatrixView queries, std::int64_t k,
                     SearchOptions const& options) const override {
        return collectively(comm_, "search", [&] { return index_.search(queries, k, options); });
    }

    Neighbors search_exactly(MatrixView queries, std::int64_t k,
                             SearchOptions const& options) const override {
        return collectively(comm_, "search",
                            [&] { return index_.search_exactly(queries, k, options); });
    }

    bool can_search_within() const override { return index_.can_search_within(); }

    std::optional<NeighborRows> search_within(MatrixView queries, double radius,
                                              std::int64_t most_entries,
                                              SearchOptions const& options) const override {
        auto found = collectively(comm_, "search", [&] {
            return index_.search_within(queries, radius, most_entries, options);
        });
        if (comm_.all_reduce(found ? 0 : 1, Reduce::max) == 1) found.reset();
        return found;
    }

    Matrix vectors_at(std::vector<std::int64_t> const& positions) const override {
        return collectively(comm_, "", [&] { return index_.vectors_at(positions); });
    }

    Index const* own_copy() const override { return comm_.size() > 1 ? &index_ : nullptr; }

    MatrixView table() const override { return index_.table(); }
    bool has_places() const override { return index_.has_places(); }
    VectorPlaces vector_places() const override { return index_.vector_places(); }

    std::vector<std::int64_t> efforts(std::int64_t k) const override { return index_.efforts(k); }

    std::int64_t workspace_per_query(std::int64_t k, SearchOptions const& options) const override {
        return index_.workspace_per_query(k, options);
    }

    std::int64_t share_bytes() const override { return file_bytes_; }
    std::int64_t private_bytes() const override { return index_.private_bytes(); }

  private:
    Communicator comm_;
    Index const& index_;
    std::int64_t file_bytes_;
};

}  // namespace

std::unique_ptr<BatchSearcher> replicated_searcher(Communicator const& comm, Index const& index,
                                                   std::int64_t file_bytes) {
    return std::make_unique<ReplicatedSearcher>(comm, index, file_bytes);
}

}  // namespace partita::knn
