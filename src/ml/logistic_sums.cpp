#include "ml/logistic_sums.hpp"

#include "ml/sparse_logistic.hpp"

namespace partita::ml {

namespace {

constexpr char what[] = "logistic regression";

std::span<double> part(std::vector<double>& state, std::int64_t first, std::int64_t size) {
    return std::span(state).subspan(static_cast<std::size_t>(first),
                                    static_cast<std::size_t>(size));
}

}  // namespace

std::vector<double> binary_logistic_sums(Communicator const& comm, TrainingSet const& set,
                                         LogisticPoint const& point, bool hessian, int threads) {
    std::int64_t const d = set.features();
    if (!set.sparse())
        return fold_rows(comm, set, BinaryLogisticPartial(d, point, hessian), what, threads);
    std::vector<double> const own = in_own_units(point.packing, point.coefficients);
    SparseBinaryPartial const partial(d, own, hessian);
    std::vector<double> state = fold_rows(comm, set, partial, what, threads);
    std::int64_t const at = BinaryLogisticPartial::gradient_at;
    scale_gradient(point.packing, part(state, at, d + 1));
    if (hessian) scale_hessian(point.packing, part(state, at + d + 1, partial.size() - at - d - 1));
    return state;
}

std::vector<double> softmax_sums(Communicator const& comm, TrainingSet const& set,
                                 std::int64_t classes, LogisticPoint const& point, int threads) {
    std::int64_t const d = set.features(), stride = d + 1;
    if (!set.sparse())
        return fold_rows(comm, set, SoftmaxPartial(d, classes, point), what, threads);
    std::vector<double> own;
    for (std::int64_t c = 0; c < classes; ++c) {
        std::vector<double> const row = in_own_units(
            point.packing, point.coefficients.subspan(static_cast<std::size_t>(c * stride),
                                                      static_cast<std::size_t>(stride)));
        own.insert(own.end(), row.begin(), row.end());
    }
    std::vector<double> state =
        fold_rows(comm, set, SparseSoftmaxPartial(d, classes, own), what, threads);
    for (std::int64_t c = 0; c < classes; ++c)
        scale_gradient(point.packing,
                       part(state, SoftmaxPartial::gradient_at + c * stride, stride));
    return state;
}

}  // namespace partita::ml
