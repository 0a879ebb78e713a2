#include "ml/train_sparse.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/error.hpp"
#include "partita/ml/class_labels.hpp"
#include "partita/ml/sparse_set.hpp"
#include "partita/pipeline/sparse.hpp"

#include <algorithm>

namespace partita::cli {

namespace {

/// Labels other than 0, 1, ... become places in the list that the recipe gets.
void number_classes(Communicator const& comm, ml::SparseTrainingSet& set,
                    pipeline::Recipe& recipe) {
    constexpr std::int64_t most_classes = 1000;
    std::vector<double> const all =
        ml::distinct_labels(comm, set.labels(), most_classes, recipe.label);
    bool const numbered = all.empty() || all == std::vector<double>{1} ||
                          (all.front() == 0 && all.back() == static_cast<double>(all.size() - 1));
    if (numbered) return;
    recipe.label_numbers = all;
    std::vector<double> places;
    for (double const label : set.labels())
        places.push_back(
            static_cast<double>(std::lower_bound(all.begin(), all.end(), label) - all.begin()));
    set.set_labels(std::move(places));
}

}  // namespace

void train_sparse_and_save(Session& session, TrainArguments const& arguments, bool classify,
                           Fit const& fit) {
    Communicator const& world = session.world();
    check_everywhere(arguments.features.empty() && arguments.formula.empty() &&
                         arguments.sample == 0 && !arguments.on_root && !arguments.scale &&
                         (arguments.label.empty() || arguments.label == "label"),
                     "{}: a LIBSVM file has no named columns but 'label': expected none of "
                     "--features, --formula, --scale, --sample and --on-root",
                     arguments.table.path);
    session.check_output(arguments.out);
    ml::SparseTrainingSet set(world, ml::read_libsvm(world, arguments.table.path));
    pipeline::SavedModel model;
    model.recipe = pipeline::sparse_recipe(set.features());
    model.trained_on = arguments.table.path;
    model.rows = set.rows();
    if (classify) number_classes(world, set, model.recipe);
    save_and_print(session, arguments, fit(world, set, model.recipe), model, 0);
}

}  // namespace partita::cli
