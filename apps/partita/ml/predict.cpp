#include "cli/file_facts.hpp"
#include "commands.hpp"
#include "ml/options.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/comm/stop.hpp"
#include "partita/frame/partial_write.hpp"
#include "partita/io/array_file.hpp"
#include "partita/io/hdf5_reader.hpp"
#include "partita/obs/events.hpp"
#include "partita/pipeline/group_models.hpp"
#include "partita/pipeline/sparse.hpp"

namespace partita {
namespace {

struct PredictOptions {
    std::string model, out, keep;
    cli::TableArguments table;
    bool proba = false, resume = false;

    std::string out_file() const { return out.substr(0, out.rfind(":/")); }
    std::string out_object() const {
        return out == out_file() ? "" : out.substr(out_file().size() + 2);
    }
    bool writes_csv() const { return out.ends_with(".csv") || out.ends_with(".tsv"); }
};

/// What makes the predictions what they are.
io::PartialOutput::Options partial_options(cli::Session const& session,
                                           PredictOptions const& options) {
    io::PartialOutput::Options partial;
    partial.overwrite = session.overwrite();
    partial.resume = options.resume;
    cli::TableArguments const& table = options.table;
    collectively(session.world(), "", [&] {
        partial.job = {{"model", options.model + cli::state_of_file(options.model)},
                       {"table", table.path + cli::state_of_files(table.path)},
                       {"separator", table.separator},
                       {"header", table.header},
                       {"null", table.null_text},
                       {"nulls", table.nulls},
                       {"id", options.keep},
                       {"libsvm", table.is_libsvm() ? "yes" : "no"},
                       {"proba", options.proba ? "yes" : "no"},
                       {"out", options.writes_csv() ? "text" : "hdf5:" + options.out_object()}};
    });
    return partial;
}

/// Every rank reads the model: a file that all nodes must see.
frame::Table scored_rows(cli::Session const& session, PredictOptions const& options) {
    Communicator const& world = session.world();
    bool const groups = collectively(world, "", [&] {
        return io::is_hdf5_file(options.model) && !io::is_array_file(options.model);
    });
    pipeline::SavedModel const model = collectively(world, "", [&] {
        return groups ? pipeline::SavedModel{} : pipeline::load_model(options.model);
    });
    if (options.table.is_libsvm()) {
        check_everywhere(options.keep.empty(), "--id: a LIBSVM file has no columns to keep");
        check_everywhere(!groups, "models of groups: a LIBSVM file has no columns to group by");
        return pipeline::score_libsvm(model, cli::make_context(session), options.table.path,
                                      {.extra = options.proba});
    }
    frame::Table const table = cli::open_table(session, options.table);
    pipeline::ScoreOptions score;
    score.keep = cli::split_words(options.keep);
    score.extra = options.proba;
    score.nulls = options.table.null_policy();
    if (groups)
        return pipeline::score_groups(pipeline::load_group_models(table.context(), options.model),
                                      table, score);
    return collectively(world, "", [&] { return pipeline::score(model, table, score); });
}

void run_predict(cli::Session& session, PredictOptions const& options) {
    StopSignals const signals;
    session.check_output(options.out_file());
    frame::Table const scored = scored_rows(session, options);
    io::PartialOutput partial(session.world(), options.out_file(),
                              partial_options(session, options));
    std::int64_t const before = partial.done();
    obs::emit("table.open", {{"partitions", scored.num_partitions()}, {"done", before}});
    frame::CsvWriteOptions csv;
    if (options.out.ends_with(".tsv")) csv.separator = '\t';
    std::int64_t const rows = options.writes_csv()
                                  ? frame::write_csv(scored, partial, csv)
                                  : frame::write_hdf5(scored, partial, options.out_object());
    if (before > 0)
        session.field("resume", "{} of {} partitions were finished", before,
                      scored.num_partitions());
    session.finish(rows, "rows", options.out);
}

}  // namespace

void add_predict(cli::CommandLine& line) {
    auto const options = std::make_shared<PredictOptions>();
    cli::Command& command = line.add("predict", "Score the rows of a table with a model");
    command.app.add_option("MODEL", options->model, "What partita train or train-groups wrote")
        .required()
        .type_name("FILE");
    cli::add_table_arguments(command, options->table);
    command.app.add_option("--id", options->keep, "Columns to keep beside the prediction: a,b")
        .group("Output");
    command.app
        .add_flag("--proba", options->proba,
                  "The probability of each class (or the distance to the centre) too")
        .group("Output");
    command.app.add_option("--out", options->out, "scores.csv, or scores.h5[:/name]")
        .required()
        .type_name("FILE")
        .group("Output");
    command.app
        .add_flag("--resume", options->resume,
                  "Go on with what a job that was killed or stopped has left; else start anew")
        .group("Output");
    command.examples = {
        "partita predict games.model games.csv --id user_id --out scores.csv",
        "mpirun -n 8 partita predict clicks.model clicks.h5 --id user --proba --out scores.h5 "
        "--resume",
        "partita predict stores.h5 sales.csv --id store,day --out forecast.csv"};
    command.run = [options](cli::Session& session) { run_predict(session, *options); };
}

}  // namespace partita
