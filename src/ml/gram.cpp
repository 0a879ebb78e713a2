#include "ml/gram.hpp"

#include "ml/panels.hpp"

#include "partita/comm/collectively.hpp"

#include <algorithm>
#include <cmath>

namespace partita::ml {

namespace {

/// Panels of [x - centre, 1, y - y_centre], rows times the root of their weight.
class CentredPartial : public Partial {
  public:
    CentredPartial(std::int64_t features, std::span<double const> centre)
        : features_(features), centre_(centre) {}

    std::int64_t columns() const { return features_ + 2; }
    std::int64_t size() const override { return columns() * (columns() + 1) / 2; }

  protected:
    std::int64_t width() const { return panel_width(features_); }
    std::int64_t panel_size() const { return panel_rows(width()) * width(); }

    template <class Visit>
    void for_centred(Batch const& batch, double* panel, Visit visit) const {
        double const y_centre = centre_[static_cast<std::size_t>(features_)];
        Packing const packing{centre_.first(static_cast<std::size_t>(features_)), {}, true};
        for_panels(batch, packing, panel, [&](std::int64_t first, std::int64_t rows) {
            for (std::int64_t i = 0; i < rows; ++i) {
                double* const row = panel + i * width();
                if (!batch.y.empty())
                    row[features_ + 1] = batch.y[static_cast<std::size_t>(first + i)] - y_centre;
                if (batch.weights.empty()) continue;
                double const root = std::sqrt(batch.weight(first + i));
                for (std::int64_t j = 0; j < columns(); ++j) row[j] *= root;
            }
            visit(rows);
        });
    }

  private:
    std::int64_t features_;
    std::span<double const> centre_;
};

/// State: the upper triangle, row by row.
class GramPartial : public CentredPartial {
  public:
    using CentredPartial::CentredPartial;

    void accumulate(Batch const& batch, std::span<double> state, Scratch& scratch) const override {
        double* const panel = scratch.room(panel_size() + width() * width());
        double* const gram = panel + panel_size();
        std::fill(gram, gram + width() * width(), 0.0);
        for_centred(batch, panel, [&](std::int64_t rows) {
            dense_kernels().add_gram(panel, rows, width(), gram);
        });
        std::size_t at = 0;
        for (std::int64_t i = 0; i < columns(); ++i)
            for (std::int64_t j = i; j < columns(); ++j) state[at++] += gram[i * width() + j];
    }
};

/// The same from sparse rows, which are not centred.
class SparseGramPartial : public Partial {
  public:
    explicit SparseGramPartial(std::int64_t features) : features_(features) {}

    bool takes_sparse() const override { return true; }
    std::int64_t columns() const { return features_ + 2; }
    std::int64_t size() const override { return columns() * (columns() + 1) / 2; }

    void accumulate(Batch const& batch, std::span<double> state, Scratch&) const override {
        std::vector<std::pair<std::int64_t, double>> row;
        for (std::int64_t i = 0; i < batch.sparse.rows(); ++i) {
            row.clear();
            batch.sparse.for_entries(i, [&](std::int32_t j, double x) { row.emplace_back(j, x); });
            row.emplace_back(features_, 1.0);
            row.emplace_back(features_ + 1, batch.y[static_cast<std::size_t>(i)]);
            for (std::size_t a = 0; a < row.size(); ++a) {
                std::int64_t const first = row[a].first;
                double* const line = state.data() + first * columns() - first * (first + 1) / 2;
                double const factor = batch.weight(i) * row[a].second;
                for (std::size_t b = a; b < row.size(); ++b)
                    line[row[b].first] += factor * row[b].second;
            }
        }
    }

  private:
    std::int64_t features_;
};

/// State: a Gram matrix for each fold. The rows of a fold are brought together first.
class FoldGramPartial : public Partial {
  public:
    FoldGramPartial(std::int64_t features, std::span<double const> centre,
                    std::function<std::int64_t(std::int64_t)> const& fold_of, std::int64_t folds)
        : gram_(features, centre), fold_of_(fold_of), folds_(folds) {}

    GramPartial const& gram() const { return gram_; }
    std::int64_t size() const override { return folds_ * gram_.size(); }

    void accumulate(Batch const& batch, std::span<double> state, Scratch& scratch) const override {
        std::vector<BatchBuffer> parts(static_cast<std::size_t>(folds_));
        for (std::int64_t i = 0; i < batch.x.rows; ++i) {
            BatchBuffer& part = parts[static_cast<std::size_t>(fold_of_(batch.rows.first + i))];
            double const* const row = batch.x.row_data(i);
            part.x.insert(part.x.end(), row, row + batch.x.cols);
            if (!batch.y.empty()) part.y.push_back(batch.y[static_cast<std::size_t>(i)]);
            part.weights.push_back(batch.weight(i));
        }
        for (std::int64_t f = 0; f < folds_; ++f) {
            BatchBuffer const& part = parts[static_cast<std::size_t>(f)];
            auto const n = std::ssize(part.weights);
            Batch const rows{{0, n}, {part.x.data(), n, batch.x.cols}, part.y, part.weights};
            auto const size = static_cast<std::size_t>(gram_.size());
            gram_.accumulate(rows, state.subspan(static_cast<std::size_t>(f) * size, size),
                             scratch);
        }
    }

  private:
    GramPartial gram_;
    std::function<std::int64_t(std::int64_t)> const& fold_of_;
    std::int64_t folds_;
};

using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

Eigen::MatrixXd unpack_upper(std::span<double const> state, std::int64_t columns) {
    Eigen::MatrixXd upper = Eigen::MatrixXd::Zero(columns, columns);
    std::size_t at = 0;
    for (std::int64_t i = 0; i < columns; ++i)
        for (std::int64_t j = i; j < columns; ++j) upper(i, j) = state[at++];
    return upper;
}

/// State: a triangular factor, as the upper triangle.
class TriangularPartial : public CentredPartial {
  public:
    using CentredPartial::CentredPartial;

    void accumulate(Batch const& batch, std::span<double> state, Scratch& scratch) const override {
        double* const panel = scratch.room(panel_size());
        for_centred(batch, panel, [&](std::int64_t rows) {
            Eigen::Map<RowMajor const, 0, Eigen::OuterStride<>> const added(
                panel, rows, columns(), Eigen::OuterStride<>(width()));
            factor(state, added);
        });
    }

    void merge(std::span<double> state, std::span<double const> later) const override {
        factor(state, unpack_upper(later, columns()));
    }

  private:
    template <class Rows>
    void factor(std::span<double> state, Rows const& added) const {
        Eigen::MatrixXd stacked(columns() + added.rows(), columns());
        stacked << unpack_upper(state, columns()), added;
        Eigen::HouseholderQR<Eigen::Ref<Eigen::MatrixXd>> const decomposition(stacked);
        std::size_t at = 0;
        for (std::int64_t i = 0; i < columns(); ++i)
            for (std::int64_t j = i; j < columns(); ++j) state[at++] = stacked(i, j);
    }
};

}  // namespace

Gram gram_of(Communicator const& comm, TrainingSet const& set, std::span<double const> centre,
             int threads) {
    GramPartial const dense(set.features(), centre);
    SparseGramPartial const sparse(set.features());
    Partial const& partial = set.sparse() ? static_cast<Partial const&>(sparse) : dense;
    std::vector<double> const state = fold_rows(comm, set, partial, "Gram matrix", threads);
    Eigen::MatrixXd const upper = unpack_upper(state, dense.columns());
    return {upper.selfadjointView<Eigen::Upper>()};
}

std::vector<Gram> fold_grams(Communicator const& comm, TrainingSet const& set,
                             std::span<double const> centre,
                             std::function<std::int64_t(std::int64_t)> const& fold_of,
                             std::int64_t folds, int threads) {
    FoldGramPartial const partial(set.features(), centre, fold_of, folds);
    std::vector<double> const state = fold_rows(comm, set, partial, "Gram matrices", threads);
    auto const size = static_cast<std::size_t>(partial.gram().size());
    std::vector<Gram> grams;
    for (std::size_t f = 0; f < static_cast<std::size_t>(folds); ++f) {
        Eigen::MatrixXd const upper =
            unpack_upper(std::span(state).subspan(f * size, size), partial.gram().columns());
        grams.push_back({upper.selfadjointView<Eigen::Upper>()});
    }
    return grams;
}

Eigen::MatrixXd triangular_factor(Communicator const& comm, TrainingSet const& set,
                                  std::span<double const> centre, int threads) {
    TriangularPartial const partial(set.features(), centre);
    return unpack_upper(fold_rows(comm, set, partial, "QR decomposition", threads),
                        partial.columns());
}

std::vector<double> first_block_means(Communicator const& comm, TrainingSet const& set) {
    refuse_sparse(set, "first block");
    std::vector<double> means(static_cast<std::size_t>(set.features() + 1), 0.0);
    collectively(comm, "first block", [&] {
        if (!comm.is_root() || set.rows() == 0) return;  // root owns the first block
        BatchBuffer buffer;
        Batch const batch = set.read(set.blocking().block(0), buffer);
        for (std::int64_t i = 0; i < batch.x.rows; ++i) {
            for (std::int64_t j = 0; j < batch.x.cols; ++j)
                means[static_cast<std::size_t>(j)] += batch.x.row_data(i)[j];
            if (!batch.y.empty()) means.back() += batch.y[static_cast<std::size_t>(i)];
        }
        for (double& mean : means) mean /= static_cast<double>(batch.x.rows);
    });
    comm.broadcast(std::span(means));
    return means;
}

}  // namespace partita::ml
