#include "ml/logistic_newton.hpp"

#include "ml/logistic_sums.hpp"

#include <cmath>

namespace partita::ml {

namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr int most_halvings = 30;

/// The objective around a point.
struct Local {
    VectorXd x, gradient;
    MatrixXd hessian;
    double objective = 0, log_loss = 0, wrong = 0;
};

class Newton {
  public:
    Newton(Communicator const& comm, TrainingSet const& set, LogisticScaling const& scaling,
           NewtonOptions const& options)
        : comm_(comm), set_(set), scaling_(scaling), options_(options), d_(set.features()) {}

    NewtonResult run() {
        Local at = evaluate(VectorXd::Zero(d_ + 1));
        result_.history.push_back(at.objective);
        while (!finished(at) && result_.iterations < options_.max_iterations) {
            if (!step(at)) break;
            ++result_.iterations;
            result_.history.push_back(at.objective);
        }
        result_.converged = result_.converged || small(at);
        result_.x.assign(at.x.data(), at.x.data() + d_ + 1);
        result_.hessian = at.hessian;
        result_.log_loss = at.log_loss;
        return std::move(result_);
    }

  private:
    bool small(Local const& at) const {
        return at.gradient.cwiseAbs().maxCoeff() <= options_.tolerance;
    }

    bool finished(Local const& at) {
        bool const free = std::all_of(scaling_.ridge.begin(), scaling_.ridge.end(),
                                      [](double r) { return r == 0; });
        result_.separated = free && at.wrong == 0 && at.log_loss < separated_loss;
        result_.converged = small(at);
        return result_.separated || result_.converged;
    }

    /// One step, halved until it improves. False when none does: the point is as good as numbers
    /// can tell.
    bool step(Local& at) {
        VectorXd direction = solve_semidefinite(at.hessian, -at.gradient);
        if (!direction.allFinite()) direction = -at.gradient;
        for (int halvings = 0; halvings < most_halvings; ++halvings, direction *= 0.5) {
            Local next = evaluate(at.x + direction);
            if (!(next.objective <= at.objective)) continue;
            bool const moved = next.objective < at.objective ||
                               next.gradient.squaredNorm() < at.gradient.squaredNorm();
            if (moved) at = std::move(next);
            result_.converged = !moved;
            return moved;
        }
        result_.converged = true;
        return false;
    }

    /// Collective.
    Local evaluate(VectorXd x) const {
        std::vector<double> const state = binary_logistic_sums(
            comm_, set_, {scaling_.packing(), {x.data(), static_cast<std::size_t>(d_ + 1)}}, true,
            options_.threads);
        Local at;
        double const n = state[2];
        at.log_loss = at.objective = state[0] / n;
        at.wrong = state[1];
        at.gradient =
            Eigen::Map<VectorXd const>(state.data() + BinaryLogisticPartial::gradient_at, d_ + 1) /
            n;
        at.hessian.resize(d_ + 1, d_ + 1);
        auto element = state.begin() + BinaryLogisticPartial::gradient_at + d_ + 1;
        for (std::int64_t i = 0; i <= d_; ++i)
            for (std::int64_t j = i; j <= d_; ++j)
                at.hessian(i, j) = at.hessian(j, i) = *element++ / n;
        for (std::int64_t j = 0; j < d_; ++j) add_penalty(j, x, at);
        if (!options_.intercept) hold(d_, at);
        at.x = std::move(x);
        return at;
    }

    void add_penalty(std::int64_t j, VectorXd const& x, Local& at) const {
        double const ridge = scaling_.ridge[static_cast<std::size_t>(j)];
        at.objective += 0.5 * ridge * x[j] * x[j];
        at.gradient[j] += ridge * x[j];
        at.hessian(j, j) += ridge;
        if (scaling_.scale[static_cast<std::size_t>(j)] == 0) hold(j, at);
    }

    /// Leave variable j where it is.
    static void hold(std::int64_t j, Local& at) {
        at.gradient[j] = 0;
        at.hessian.row(j).setZero();
        at.hessian.col(j).setZero();
        at.hessian(j, j) = 1;
    }

    Communicator const& comm_;
    TrainingSet const& set_;
    LogisticScaling const& scaling_;
    NewtonOptions options_;
    std::int64_t d_;
    NewtonResult result_;
};

/// Pivots of features of unit deviation below this part of the largest are rounding errors.
constexpr double least_hessian_pivot = 1e-11;

bool has_small_pivot(Eigen::LDLT<MatrixXd> const& factors) {
    auto const pivots = factors.vectorD();
    return pivots.size() > 0 && !(pivots.minCoeff() > least_hessian_pivot * pivots.maxCoeff());
}

}  // namespace

bool singular(MatrixXd const& h) { return has_small_pivot(h.ldlt()); }

MatrixXd solve_semidefinite(MatrixXd const& h, MatrixXd const& b) {
    Eigen::LDLT<MatrixXd> const factors(h);
    if (!has_small_pivot(factors)) return factors.solve(b);
    Eigen::CompleteOrthogonalDecomposition<MatrixXd> decomposition;
    decomposition.setThreshold(least_hessian_pivot);
    decomposition.compute(h);
    return decomposition.solve(b);
}

NewtonResult fit_by_newton(Communicator const& comm, TrainingSet const& set,
                           LogisticScaling const& scaling, NewtonOptions const& options) {
    return Newton(comm, set, scaling, options).run();
}

}  // namespace partita::ml
