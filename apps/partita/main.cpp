#include "cluster/process.hpp"
#include "commands.hpp"

#include "partita/comm/run_app.hpp"

#include <cstdio>

namespace {

partita::cli::CommandLine all_commands() {
    using namespace partita;
    cli::CommandLine line;
    line.describe_group("knn", "Find nearest neighbours");
    add_knn_graph(line);
    add_knn_build(line);
    add_knn_search(line);
    add_knn_eval(line);
    add_plan(line);
    add_train_logistic(line);
    add_train_linear(line);
    add_train_kmeans(line);
    add_train_tree(line);
    add_train_forest(line);
    add_train_gbt(line);
    add_train_naive_bayes(line);
    add_train_groups(line);
    add_predict(line);
    add_evaluate(line);
    add_rank_metrics(line);
    add_cross_validate(line);
    add_model(line);
    add_wordcount(line);
    add_sort(line);
    add_reduce(line);
    add_distinct(line);
    add_count(line);
    add_table(line);
    add_describe(line);
    add_submit(line);
    add_status(line);
    add_cancel(line);
    add_retry(line);
    add_info(line);
    add_convert(line);
    add_make_data(line);
    add_completion(line);
    return line;
}

}  // namespace

int main(int argc, char** argv) {
    partita::cluster::keep_environment();
    // Help need not wait for MPI to start; where there may be other ranks, one of them prints it.
    if (!partita::launched()) {
        if (auto const text = all_commands().asked_text(argc, argv)) {
            std::fwrite(text->data(), 1, text->size(), stdout);
            return 0;
        }
    }
    return partita::run_app(argc, argv, [&](partita::Communicator const& world) {
        return all_commands().run(world, argc, argv);
    });
}
