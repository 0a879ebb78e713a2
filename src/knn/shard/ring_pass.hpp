#pragma once

#include "knn/ranked_neighbors.hpp"
#include "knn/shard/ring.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/buffer.hpp"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

namespace partita::knn {

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

    /// Collective. visit(vectors, home) for the block of every rank, this one's own first; nothing
    /// travels with the vectors.
    template <class Visit>
    void visit_all(Visit const& visit) {
        std::optional<std::string> failure;
        for (int step = 0; step < comm_.size(); ++step) {
            auto const now = static_cast<std::size_t>(step) % 2;
            if (step + 1 < comm_.size()) start_vectors(step, now);
            try {
                visit(MatrixView{vectors_[now].data(), rows_in(step), dim_}, home_of(step));
            } catch (...) {
                if (!failure) failure = current_exception_message();
            }
            vectors_moving_.finish();
        }
        agree(comm_, "search", std::move(failure));
    }

    /// Queries of each rank.
    std::vector<std::int64_t> const& sizes() const { return sizes_; }

  private:
    static constexpr int vector_channel = 11, found_channel = 12;
    static constexpr std::int64_t pair_bytes = sizeof(RankedNeighbor);

    /// Whose block is here in a step.
    int home_of(int step) const { return (comm_.rank() - step + 2 * comm_.size()) % comm_.size(); }
    std::int64_t rows_in(int step) const { return sizes_[static_cast<std::size_t>(home_of(step))]; }

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

}  // namespace partita::knn
