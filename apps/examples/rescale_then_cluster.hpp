#pragma once

#include <partita/frame/table.hpp>
#include <partita/pipeline/pipeline.hpp>
#include <string>
#include <vector>

/// The table with columns scaled to [0, 1], and each row's cluster by these as `cluster`.
/// Collective. What this program adds to the library, apart from main, so that a test can call it.
inline partita::frame::Table rescale_then_cluster(partita::frame::Table const& table,
                                                  std::vector<std::string> const& columns,
                                                  int clusters) {
    using namespace partita;
    using namespace partita::pipeline;
    std::string formula = "~ ";
    for (std::string const& name : columns)
        formula += (name == columns.front() ? "`" : " + `") + name + '`';
    Pipeline pipeline;
    pipeline.add(MinMaxScaler(columns))
        .learn("kmeans", formula, {{"clusters", std::to_string(clusters)}});
    SavedModel const model = pipeline.fit(table);
    return score(model, table, {table.schema().names()}).rename({{"prediction", "cluster"}});
}
