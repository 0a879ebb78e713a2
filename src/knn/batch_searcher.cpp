#include "partita/knn/batch_searcher.hpp"

#include "partita/comm/collectively.hpp"

namespace partita::knn {

namespace {

class ReplicatedSearcher : public BatchSearcher {
  public:
    ReplicatedSearcher(Communicator const& comm, Index const& index) : comm_(comm), index_(index) {}

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

    Matrix vectors_at(std::vector<std::int64_t> const& positions) const override {
        return collectively(comm_, "", [&] { return index_.vectors_at(positions); });
    }

    std::vector<std::int64_t> efforts(std::int64_t k) const override { return index_.efforts(k); }

    std::int64_t workspace_per_query(std::int64_t k, SearchOptions const& options) const override {
        return index_.workspace_per_query(k, options);
    }

  private:
    Communicator comm_;
    Index const& index_;
};

}  // namespace

std::unique_ptr<BatchSearcher> replicated_searcher(Communicator const& comm, Index const& index) {
    return std::make_unique<ReplicatedSearcher>(comm, index);
}

}  // namespace partita::knn
