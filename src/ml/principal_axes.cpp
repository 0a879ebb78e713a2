#include "partita/ml/principal_axes.hpp"

#include "ml/gram.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/error.hpp"

#include <Eigen/Eigenvalues>

namespace partita::ml {

PrincipalAxes principal_axes(Communicator const& comm, TrainingSet const& set,
                             std::int64_t components, int threads) {
    std::int64_t const d = set.features();
    check_everywhere(components >= 1 && components <= d,
                     "principal axes: expected 1 to {} components, got {}", d, components);
    std::vector<double> const centre = first_block_means(comm, set);
    Gram const gram = gram_of(comm, set, centre, threads);
    double const n = gram.weight_sum();
    check_everywhere(n > 1, "principal axes: expected at least two rows, got {}", n);
    Eigen::VectorXd const sums = gram.matrix.row(d).head(d);
    Eigen::MatrixXd const covariance =
        (gram.matrix.topLeftCorner(d, d) - sums * sums.transpose() / n) / (n - 1);
    Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> const solver(covariance);
    check_everywhere(solver.info() == Eigen::Success, "principal axes: the solver failed");
    PrincipalAxes result;
    result.total_variance = covariance.trace();
    for (std::int64_t j = 0; j < d; ++j)
        result.mean.push_back(centre[static_cast<std::size_t>(j)] + sums[j] / n);
    result.axes = RealMatrix(components, d);
    for (std::int64_t k = 0; k < components; ++k) {
        // Eigen sorts by rising eigenvalue.
        Eigen::VectorXd axis = solver.eigenvectors().col(d - 1 - k);
        Eigen::Index largest = 0;
        axis.cwiseAbs().maxCoeff(&largest);
        if (axis[largest] < 0) axis = -axis;
        std::copy_n(axis.data(), d, result.axes.row(k));
        result.variances.push_back(std::max(0.0, solver.eigenvalues()[d - 1 - k]));
    }
    return result;
}

}  // namespace partita::ml
