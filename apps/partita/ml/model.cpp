#include "commands.hpp"
#include "ml/print_model.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/bytes.hpp"
#include "partita/pipeline/saved_model.hpp"

#include <fmt/ranges.h>

namespace partita {

void add_model(cli::CommandLine& line) {
    auto const path = std::make_shared<std::string>();
    cli::Command& command = line.add("model", "Show a model as a person reads it");
    command.app.add_option("MODEL", *path, "What partita train wrote").required().type_name("FILE");
    command.examples = {"partita model games.model", "partita model segments.model | less"};
    command.run = [path](cli::Session& session) {
        pipeline::SavedModel const model =
            collectively(session.world(), "", [&] { return pipeline::load_model(*path); });
        session.print(
            "{}: a {} model of {} features, trained on {} rows of {}\n", *path,
            model.predictor ? model.predictor->kind() : "transforming",
            model.predictor ? std::ssize(model.recipe.features) : std::ssize(model.columns()),
            format_count(model.rows), model.trained_on);
        if (model.predictor && !model.recipe.label.empty())
            session.print("predicts {}{}\n", model.recipe.label,
                          model.predictor->classes() > 0
                              ? fmt::format(": {}", fmt::join(model.class_names(), ", "))
                              : "");
        for (auto const& stage : model.stages)
            session.print("stage: {} of {}\n", stage->kind(), fmt::join(stage->inputs(), ", "));
        if (!model.scale.empty()) session.print("features are scaled first\n");
        cli::print_model(session, model);
    };
}

}  // namespace partita
