#pragma once

#include "cli/command_line.hpp"

namespace partita {

// Each adds the subcommand of its name, from the file of its name; see cli::CommandLine.
void add_cancel(cli::CommandLine& line);
void add_completion(cli::CommandLine& line);
void add_convert(cli::CommandLine& line);
void add_count(cli::CommandLine& line);
void add_cross_validate(cli::CommandLine& line);
void add_describe(cli::CommandLine& line);
void add_distinct(cli::CommandLine& line);
void add_evaluate(cli::CommandLine& line);
void add_info(cli::CommandLine& line);
void add_knn_build(cli::CommandLine& line);
void add_knn_eval(cli::CommandLine& line);
void add_knn_graph(cli::CommandLine& line);
void add_knn_search(cli::CommandLine& line);
void add_make_data(cli::CommandLine& line);
void add_table(cli::CommandLine& line);
void add_model(cli::CommandLine& line);
void add_plan(cli::CommandLine& line);
void add_predict(cli::CommandLine& line);
void add_train_forest(cli::CommandLine& line);
void add_train_gbt(cli::CommandLine& line);
void add_train_kmeans(cli::CommandLine& line);
void add_train_linear(cli::CommandLine& line);
void add_train_logistic(cli::CommandLine& line);
void add_train_naive_bayes(cli::CommandLine& line);
void add_train_tree(cli::CommandLine& line);
void add_train_groups(cli::CommandLine& line);
void add_rank_metrics(cli::CommandLine& line);
void add_reduce(cli::CommandLine& line);
void add_retry(cli::CommandLine& line);
void add_sort(cli::CommandLine& line);
void add_status(cli::CommandLine& line);
void add_submit(cli::CommandLine& line);
void add_wordcount(cli::CommandLine& line);

}  // namespace partita
