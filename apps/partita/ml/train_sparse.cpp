#include "ml/train_sparse.hpp"

#include "partita/pipeline/class_weights.hpp"
#include "partita/pipeline/sparse.hpp"

namespace partita::cli {

void train_sparse_and_save(Session& session, TrainArguments const& arguments, bool classify,
                           Fit const& fit) {
    Communicator const& world = session.world();
    session.check_output(arguments.out);
    pipeline::SavedModel model;
    std::shared_ptr<ml::TrainingSet const> set =
        pipeline::load_libsvm(world, arguments.table.path, model.recipe, classify);
    model.trained_on = arguments.table.path;
    model.rows = set->rows();
    if (!arguments.class_weights.empty())
        set = pipeline::with_class_weights(world, set, model.recipe, arguments.class_weights);
    save_and_print(session, arguments, fit(world, *set, model.recipe), model, 0);
}

}  // namespace partita::cli
