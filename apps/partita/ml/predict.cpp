#include "commands.hpp"
#include "ml/options.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/frame/csv.hpp"
#include "partita/frame/hdf5.hpp"
#include "partita/pipeline/saved_model.hpp"

namespace partita {
namespace {

struct Options {
    std::string model, out, keep;
    cli::TableArguments table;
    bool proba = false;
};

void run(cli::Session& session, Options const& options) {
    session.check_output(options.out.substr(0, options.out.find(".h5:") == std::string::npos
                                                   ? std::string::npos
                                                   : options.out.find(".h5:") + 3));
    // Every rank reads the model: a small file, and one that all nodes must see.
    pipeline::SavedModel const model =
        collectively(session.world(), "", [&] { return pipeline::load_model(options.model); });
    frame::Table const table = cli::open_table(session, options.table);
    pipeline::ScoreOptions score;
    score.keep = cli::split_words(options.keep);
    score.extra = options.proba;
    score.nulls = options.table.null_policy();
    frame::Table const scored =
        collectively(session.world(), "", [&] { return pipeline::score(model, table, score); });
    bool const csv = options.out.ends_with(".csv") || options.out.ends_with(".tsv");
    frame::CsvWriteOptions csv_options;
    csv_options.overwrite = session.overwrite();
    if (options.out.ends_with(".tsv")) csv_options.separator = '\t';
    std::int64_t const rows = csv ? frame::write_csv(scored, options.out, csv_options)
                                  : frame::write_hdf5(scored, options.out, session.overwrite());
    session.finish(rows, "rows", options.out);
}

}  // namespace

void add_predict(cli::CommandLine& line) {
    auto const options = std::make_shared<Options>();
    cli::Command& command = line.add("predict", "Score the rows of a table with a model");
    command.app.add_option("MODEL", options->model, "What partita train wrote")
        ->required()
        ->type_name("FILE");
    cli::add_table_arguments(command, options->table);
    command.app.add_option("--id", options->keep, "Columns to keep beside the prediction: a,b")
        ->group("Output");
    command.app
        .add_flag("--proba", options->proba,
                  "The probability of each class (or the distance to the centre) too")
        ->group("Output");
    command.app.add_option("--out", options->out, "scores.csv, or scores.h5[:/name]")
        ->required()
        ->type_name("FILE")
        ->group("Output");
    command.examples = {
        "partita predict games.model games.csv --id user_id --out scores.csv",
        "mpirun -n 8 partita predict clicks.model clicks.h5 --id user --proba --out scores.h5"};
    command.run = [options](cli::Session& session) { run(session, *options); };
}

}  // namespace partita
