#include "partita/ml/class_weights.hpp"

#include "partita/ml/class_labels.hpp"
#include "partita/ml/fold_rows.hpp"

namespace partita::ml {

namespace {

/// State: the weight of each class.
class ClassSizes : public Partial {
  public:
    explicit ClassSizes(std::int64_t classes) : classes_(classes) {}
    bool takes_sparse() const override { return true; }
    std::int64_t size() const override { return classes_; }
    void accumulate(Batch const& batch, std::span<double> state, Scratch&) const override {
        for (std::size_t i = 0; i < batch.y.size(); ++i)
            state[static_cast<std::size_t>(batch.y[i])] +=
                batch.weight(static_cast<std::int64_t>(i));
    }

  private:
    std::int64_t classes_;
};

}  // namespace

std::vector<double> balanced_class_weights(Communicator const& comm, TrainingSet const& set) {
    std::int64_t const classes = count_classes(comm, set, "class weights");
    std::vector<double> weights = fold_rows(comm, set, ClassSizes(classes), "class weights");
    double all = 0;
    for (double const size : weights) all += size;
    for (double& weight : weights)
        weight = weight > 0 ? all / (static_cast<double>(classes) * weight) : 0;
    return weights;
}

ClassWeightedSet::ClassWeightedSet(TrainingSet const& set, std::vector<double> weights)
    : TrainingSet(set.blocking(), set.features(), set.labelled()),
      set_(set),
      weights_(std::move(weights)) {}

Batch ClassWeightedSet::read(RowRange rows, BatchBuffer& buffer) const {
    Batch batch = set_.read(rows, buffer);
    // The batch's own weights may lie in the buffer: what is multiplied goes to a fresh place.
    std::vector<double> weights;
    for (std::size_t i = 0; i < batch.y.size(); ++i)
        weights.push_back(batch.weight(static_cast<std::int64_t>(i)) *
                          weights_[static_cast<std::size_t>(batch.y[i])]);
    buffer.weights = std::move(weights);
    batch.weights = buffer.weights;
    return batch;
}

}  // namespace partita::ml
