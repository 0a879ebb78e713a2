#include "partita/pipeline/evaluate.hpp"

#include "cli/option_kinds.hpp"
#include "commands.hpp"
#include "ml/options.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/atomic_file.hpp"
#include "partita/core/bytes.hpp"
#include "partita/core/error.hpp"

#include <fstream>

namespace partita {
namespace {

struct EvaluateOptions {
    std::string model, out, curve;
    cli::TableArguments table;
    pipeline::EvaluateOptions evaluate;
};

void save_text(std::string const& text, std::string const& path, bool overwrite) {
    AtomicFile file(path, overwrite);
    {
        std::ofstream out(file.temporary_path());
        out << text;
        check(out.flush().good(), "{}: cannot write", path);
    }
    file.commit();
}

void run_evaluate(cli::Session& session, EvaluateOptions options) {
    Communicator const& world = session.world();
    for (std::string const& path : {options.out, options.curve})
        if (!path.empty()) session.check_output(path);
    pipeline::SavedModel const model =
        collectively(world, "", [&] { return pipeline::load_model(options.model); });
    options.evaluate.nulls = options.table.null_policy();
    options.evaluate.threads = session.threads();
    pipeline::Evaluation const found =
        options.table.is_libsvm()
            ? pipeline::evaluate_libsvm(model, cli::make_context(session), options.table.path,
                                        options.evaluate)
            : pipeline::evaluate(model, cli::open_table(session, options.table), options.evaluate);
    session.field(
        "rows", "{}{}", format_count(found.rows),
        found.dropped > 0 ? fmt::format(", {} left out", format_count(found.dropped)) : "");
    session.print("{}", found.to_text());
    collectively(world, "", [&] {
        if (!world.is_root()) return;
        if (!options.out.empty()) save_text(found.to_json(), options.out, session.overwrite());
        if (!options.curve.empty())
            save_text(found.curve_csv(), options.curve, session.overwrite());
    });
    session.finish(found.rows, "rows", options.out);
}

}  // namespace

void add_evaluate(cli::CommandLine& line) {
    auto const options = std::make_shared<EvaluateOptions>();
    cli::Command& command =
        line.add("evaluate", "Compare a model's predictions with the labels of a table");
    cli::OptionSet& app = command.app;
    app.add_option("MODEL", options->model, "What partita train wrote")
        .required()
        .type_name("FILE");
    cli::add_table_arguments(command, options->table);
    app.add_option("--label", options->evaluate.label,
                   "Column to compare with (default: the one that the model learned)")
        .group("Input");
    app.add_option("--weights", options->evaluate.weights,
                   "Column that says how much each row counts (at least 0)")
        .group("Input");
    app.add_option("--out", options->out, "The figures as JSON").type_name("FILE").group("Output");
    app.add_option("--curve", options->curve, "Points of the ROC and precision curves as CSV")
        .type_name("FILE")
        .group("Output");
    app.add_option("--points", options->evaluate.curve_points, "Points of the curve, at most")
        .check(cli::at_least(1))
        .group("Output");
    command.examples = {
        "partita evaluate games.model holdout.csv --label bought",
        "mpirun -n 8 partita evaluate clicks.model clicks.h5 --out figures.json --curve roc.csv"};
    command.check = [options] {
        pipeline::EvaluateOptions const& evaluate = options->evaluate;
        check(!options->table.is_libsvm() || (evaluate.label.empty() && evaluate.weights.empty()),
              "--label and --weights: a LIBSVM file has no named columns");
    };
    command.run = [options](cli::Session& session) { run_evaluate(session, *options); };
}

}  // namespace partita
