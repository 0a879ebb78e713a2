#pragma once

#include "partita/ml/fold_rows.hpp"

#include <functional>
#include <span>
#include <vector>

#include <Eigen/Dense>

namespace partita::ml {

/// The weighted Gram matrix of [x - centre, 1, y - y_centre].
struct Gram {
    Eigen::MatrixXd matrix;  ///< (d + 2) x (d + 2), symmetric.

    std::int64_t features() const { return matrix.rows() - 2; }
    double weight_sum() const { return matrix(features(), features()); }
};

/// Collective; one pass over the data, one state of (d + 2)(d + 3) / 2 numbers a level exchanged.
/// @param centre  d + 1 numbers near the columns' means (the label's last), so that little cancels;
///                of sparse rows it is taken as 0.
Gram gram_of(Communicator const& comm, TrainingSet const& set, std::span<double const> centre,
             int threads);

/// The same for each fold of the rows, in one pass: fold_of(row) is a row's. Collective.
std::vector<Gram> fold_grams(Communicator const& comm, TrainingSet const& set,
                             std::span<double const> centre,
                             std::function<std::int64_t(std::int64_t)> const& fold_of,
                             std::int64_t folds, int threads);

/// The triangular factor of a QR decomposition of the same matrix: (d + 2) x (d + 2), upper.
///
/// Collective. For columns so dependent that their Gram matrix has lost them. Blocks' factors are
/// merged in pairs (TSQR, Demmel et al. 2012).
Eigen::MatrixXd triangular_factor(Communicator const& comm, TrainingSet const& set,
                                  std::span<double const> centre, int threads);

/// Means of the first block's columns (the label last), the same on every rank: near enough to the
/// means to centre with, and known without a pass over the data. Collective.
std::vector<double> first_block_means(Communicator const& comm, TrainingSet const& set);

}  // namespace partita::ml
