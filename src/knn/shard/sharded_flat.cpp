#include "knn/index/faiss_layout.hpp"
#include "knn/query_block.hpp"
#include "knn/ranked_search.hpp"
#include "knn/shard/fetch_vectors.hpp"
#include "knn/shard/ring.hpp"
#include "knn/shard/sharded_searcher.hpp"
#include "knn/shard/shared_blocks.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/comm/on_root.hpp"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <optional>

namespace partita::knn {

namespace {

constexpr std::int64_t default_workspace_bytes = std::int64_t{64} << 20;
constexpr std::int64_t pair_bytes = sizeof(RankedNeighbor);

/// One block of every rank's queries, on its way around the ring.
///
/// In step s this rank holds the block that began s ranks before it. Vectors go on as soon as they
/// are here, so that they travel while this rank scans; what was found follows after the scan, and
/// is waited for only when the next rank has scanned too.
class RingPass {
  public:
    /// Collective.
    RingPass(Communicator const& comm, MatrixView queries, std::int64_t k)
        : comm_(comm), dim_(queries.cols), k_(k), sizes_(comm.all_gather(queries.rows)) {
        std::int64_t const most = *std::max_element(sizes_.begin(), sizes_.end());
        collectively(comm, "search", [&] {
            for (Matrix& vectors : vectors_) vectors = Matrix(most, dim_);
            for (RankedNeighbors& found : found_) found = RankedNeighbors(most, k);
            if (queries.rows > 0)
                std::memcpy(vectors_[0].data(), queries.data,
                            static_cast<std::size_t>(queries.rows * dim_) * sizeof(float));
        });
    }

    /// Queries of all ranks.
    std::int64_t all_rows() const {
        return std::accumulate(sizes_.begin(), sizes_.end(), std::int64_t{0});
    }

    /// Collective. scan(vectors, advance) = what this rank's rows hold; it calls advance() now and
    /// then. Returns what was found for this rank's own block.
    template <class Scan>
    RankedNeighbors run(Scan const& scan) {
        std::optional<std::string> failure;
        for (int step = 0; step < comm_.size(); ++step) {
            auto const now = static_cast<std::size_t>(step) % 2;
            bool const last = step + 1 == comm_.size();
            if (!last) start_vectors(step, now);
            step_through(step, now, scan, failure);
            vectors_moving_.finish();
        }
        RankedNeighbors own = go_home();
        agree(comm_, "search", std::move(failure));
        return own;
    }

  private:
    static constexpr int vector_channel = 11, found_channel = 12;

    /// The size of the block that is here in a step.
    std::int64_t rows_in(int step) const {
        int const home = (comm_.rank() - step + 2 * comm_.size()) % comm_.size();
        return sizes_[static_cast<std::size_t>(home)];
    }

    void start_vectors(int step, std::size_t now) {
        auto const row_bytes = dim_ * static_cast<std::int64_t>(sizeof(float));
        vectors_moving_.receive_from_previous(comm_, vectors_[1 - now].data(),
                                              rows_in(step + 1) * row_bytes, vector_channel);
        vectors_moving_.send_to_next(comm_, vectors_[now].data(), rows_in(step) * row_bytes,
                                     vector_channel);
    }

    /// A failure here must not keep others waiting: the block goes on all the same.
    template <class Scan>
    void step_through(int step, std::size_t now, Scan const& scan,
                      std::optional<std::string>& failure) {
        MatrixView const here{vectors_[now].data(), rows_in(step), dim_};
        RankedNeighbors& carried = found_[now];
        if (step > 0)
            found_moving_.receive_from_previous(comm_, carried.data(),
                                                rows_in(step) * k_ * pair_bytes, found_channel);
        try {
            RankedNeighbors const found = scan(here, [&] {
                vectors_moving_.advance();
                found_moving_.advance();
            });
            found_moving_.finish();
            merge(step, found, carried);
        } catch (...) {
            failure = current_exception_message();
            found_moving_.finish();
        }
        if (comm_.size() > 1)
            found_moving_.send_to_next(comm_, carried.data(), rows_in(step) * k_ * pair_bytes,
                                       found_channel);
    }

    void merge(int step, RankedNeighbors const& found, RankedNeighbors& carried) const {
        auto const width = static_cast<std::size_t>(k_);
        if (step == 0) {
            std::copy_n(found.data(), found.rows() * k_, carried.data());
            return;
        }
        std::vector<RankedNeighbor> scratch(width);
        for (std::int64_t q = 0; q < found.rows(); ++q)
            merge_nearest({carried.row(q), width}, {found.row(q), width}, scratch);
    }

    /// From the last rank of the ring to the block's own, which is the next.
    RankedNeighbors go_home() {
        std::int64_t const rows = rows_in(0);
        if (comm_.size() == 1) return std::move(found_[0]);
        auto const spare = static_cast<std::size_t>(comm_.size()) % 2;
        found_moving_.receive_from_previous(comm_, found_[spare].data(), rows * k_ * pair_bytes,
                                            found_channel);
        found_moving_.finish();
        return std::move(found_[spare]);
    }

    Communicator const& comm_;
    std::int64_t dim_, k_;
    std::vector<std::int64_t> sizes_;
    Matrix vectors_[2];
    RankedNeighbors found_[2];
    RingTransfer vectors_moving_, found_moving_;
};

/// Turns queries scanned, of all ranks, into as large a share of this rank's own.
class OwnProgress {
  public:
    OwnProgress(SearchOptions const& options, std::int64_t own, std::int64_t all)
        : options_(options), own_(own), all_(std::max<std::int64_t>(all, 1)) {}

    void scanned(std::int64_t n) {
        scanned_ += n;
        std::int64_t const done = own_ * scanned_ / all_;
        if (options_.progress && done > reported_) options_.progress(done - reported_);
        reported_ = std::max(reported_, done);
    }

  private:
    SearchOptions const& options_;
    std::int64_t own_, all_, scanned_ = 0, reported_ = 0;
};

class ShardedFlat : public BatchSearcher {
  public:
    ShardedFlat(Communicator const& comm, Topology const& topology, std::string const& path,
                IndexInfo const& info, std::int64_t memory_bytes)
        : comm_(comm), info_(info), mine_(share_of(info.rows, comm.size(), comm.rank())) {
        MappedFile file;
        std::int64_t offset = 0;
        on_root(comm, [&] {
            file = MappedFile(path);
            FlatLayout const layout = read_flat_layout(file);
            offset = reinterpret_cast<std::byte const*>(layout.data) - file.data();
        });
        offset = comm.broadcast(offset);
        bytes_ = load_shards(
            comm, topology, path, file,
            [&](int rank) {
                RowRange const rows = share_of(info_.rows, comm.size(), rank);
                return std::vector<FilePart>{
                    {offset + rows.first * row_bytes(), rows.size() * row_bytes()}};
            },
            memory_bytes);
    }

    IndexInfo const& info() const override { return info_; }

    Neighbors search(MatrixView queries, std::int64_t k,
                     SearchOptions const& options) const override {
        std::int64_t const workspace =
            options.workspace_bytes > 0 ? options.workspace_bytes : default_workspace_bytes;
        std::int64_t const fitting = workspace / 2 / travelling_bytes(k);
        SharedBlocks const blocks(comm_, queries.rows,
                                  std::clamp<std::int64_t>(fitting, 16, 1 << 16));
        Neighbors found = collectively(comm_, "search", [&] { return Neighbors(queries.rows, k); });
        for (std::int64_t b = 0; b < blocks.count(); ++b) {
            RowRange const range = blocks.range(b);
            RingPass pass(comm_, queries.slice(range.first, range.last), k);
            OwnProgress progress(options, range.size(), pass.all_rows());
            RankedNeighbors const nearest = pass.run([&](MatrixView guests, auto const& advance) {
                return scan(guests, k, workspace / 2, options, [&](std::int64_t n) {
                    advance();
                    progress.scanned(n);
                });
            });
            collectively(comm_, "search", [&] { keep(nearest, range, found); });
        }
        return found;
    }

    Neighbors search_exactly(MatrixView queries, std::int64_t k,
                             SearchOptions const& options) const override {
        return search(queries, k, options);
    }

    Matrix vectors_at(std::vector<std::int64_t> const& positions) const override {
        return fetch_vectors(comm_, positions, dim(), [&](VectorVisitor const& visit) {
            for (std::int64_t i = 0; i < mine_.size(); ++i)
                visit(mine_.first + i, bytes_.part(0) + i * row_bytes());
        });
    }

    std::vector<std::int64_t> efforts(std::int64_t) const override { return {}; }

    std::int64_t workspace_per_query(std::int64_t k, SearchOptions const&) const override {
        return travelling_bytes(k) + QueryBlock::bytes_per_query(dim(), k);
    }

    std::int64_t share_bytes() const override { return mine_.size() * row_bytes(); }
    std::int64_t private_bytes() const override { return bytes_.private_bytes(); }

  private:
    std::int64_t row_bytes() const { return info_.dim * static_cast<std::int64_t>(sizeof(float)); }

    /// Vectors twice, what was found three times: carried, arriving, and of the scan.
    std::int64_t travelling_bytes(std::int64_t k) const {
        return 2 * row_bytes() + 3 * k * pair_bytes;
    }

    template <class Advance>
    RankedNeighbors scan(MatrixView guests, std::int64_t k, std::int64_t workspace,
                         SearchOptions const& options, Advance const& advance) const {
        if (mine_.empty()) {
            RankedNeighbors none(guests.rows, k);
            std::fill_n(none.data(), guests.rows * k, no_neighbor);
            advance(guests.rows);
            return none;
        }
        ExactSearchOptions exact;
        exact.threads = options.threads;
        exact.workspace_bytes = workspace;
        exact.progress = advance;
        auto const* const rows = reinterpret_cast<float const*>(bytes_.part(0));
        return exact_search_ranked({rows, mine_.size(), dim()}, mine_.first, guests, k,
                                   info_.metric, exact);
    }

    void keep(RankedNeighbors const& nearest, RowRange range, Neighbors& found) const {
        for (std::int64_t q = range.first; q < range.last; ++q)
            report_neighbors({nearest.row(q - range.first), static_cast<std::size_t>(found.k())},
                             info_.metric, found, q);
    }

    Communicator comm_;
    IndexInfo info_;
    RowRange mine_;
    ShardBytes bytes_;
};

}  // namespace

std::unique_ptr<BatchSearcher> sharded_flat_searcher(Communicator const& comm,
                                                     Topology const& topology,
                                                     std::string const& path, IndexInfo const& info,
                                                     std::int64_t memory_bytes) {
    return std::make_unique<ShardedFlat>(comm, topology, path, info, memory_bytes);
}

}  // namespace partita::knn
