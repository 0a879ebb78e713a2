#include "knn/shard/list_placement.hpp"

#include "partita/core/row_range.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace partita::knn {

namespace {

/// A rank gets at least so many pieces' worth of work, so that their sizes average out.
constexpr double pieces_per_rank = 8;
/// Shorter pieces than this are scanned at a loss.
constexpr std::int64_t least_piece_rows = 256;

class Placing {
  public:
    Placing(std::span<std::int64_t const> sizes, std::span<double const> queries, int ranks)
        : sizes_(sizes), queries_(queries), ranks_(static_cast<std::size_t>(ranks)) {
        total_rows_ = std::accumulate(sizes.begin(), sizes.end(), std::int64_t{0});
        for (std::size_t l = 0; l < sizes.size(); ++l) total_work_ += work_of(l, sizes[l]);
        result_.rows.resize(ranks_);
        result_.count.resize(ranks_);
        result_.work.resize(ranks_);
    }

    ListPlacement run() {
        cut();
        std::vector<std::size_t> order(result_.pieces.size());
        std::iota(order.begin(), order.end(), 0);
        std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
            return work_of(result_.pieces[a]) > work_of(result_.pieces[b]);
        });
        for (std::size_t i : order) give(result_.pieces[i]);
        return std::move(result_);
    }

  private:
    /// A list that no sampled query looks into is still expected to be looked into now and then.
    double work_of(std::size_t list, std::int64_t rows) const {
        return static_cast<double>(rows) * (queries_[list] + 0.5);
    }
    double work_of(ListPiece const& piece) const {
        return work_of(static_cast<std::size_t>(piece.list), piece.rows());
    }

    void cut() {
        double const most = pieces_per_rank * static_cast<double>(ranks_);
        for (std::size_t l = 0; l < sizes_.size(); ++l) {
            result_.first_piece.push_back(std::ssize(result_.pieces));
            double const share =
                std::max(work_of(l, sizes_[l]) / std::max(total_work_, 1e-300),
                         static_cast<double>(sizes_[l]) /
                             static_cast<double>(std::max<std::int64_t>(total_rows_, 1)));
            std::int64_t parts = 1;
            if (ranks_ > 1)
                parts = std::clamp<std::int64_t>(
                    static_cast<std::int64_t>(std::ceil(share * most)), 1,
                    std::max<std::int64_t>(1, sizes_[l] / least_piece_rows));
            for (std::int64_t part = 0; part < parts && sizes_[l] > 0; ++part) {
                RowRange const rows = share_of(sizes_[l], parts, part);
                result_.pieces.push_back({static_cast<std::int32_t>(l), 0, rows.first, rows.last});
            }
        }
        result_.first_piece.push_back(std::ssize(result_.pieces));
    }

    /// To the rank with the least work among those that have room.
    void give(ListPiece& piece) {
        double const mean = static_cast<double>(total_rows_) / static_cast<double>(ranks_);
        auto const room = static_cast<std::int64_t>(mean * 1.25) + piece.rows();
        std::size_t best = ranks_;
        for (std::size_t r = 0; r < ranks_; ++r)
            if (result_.rows[r] + piece.rows() <= room &&
                (best == ranks_ || result_.work[r] < result_.work[best]))
                best = r;
        piece.owner = static_cast<std::int32_t>(best);
        result_.rows[best] += piece.rows();
        ++result_.count[best];
        result_.work[best] += work_of(piece) / total_work_;
    }

    std::span<std::int64_t const> sizes_;
    std::span<double const> queries_;
    std::size_t ranks_;
    std::int64_t total_rows_ = 0;
    double total_work_ = 0;
    ListPlacement result_;
};

}  // namespace

ListPlacement place_lists(std::span<std::int64_t const> sizes, std::span<double const> queries,
                          int ranks) {
    return Placing(sizes, queries, ranks).run();
}

}  // namespace partita::knn
