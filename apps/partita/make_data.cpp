#include "cli/option_kinds.hpp"
#include "commands.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/bytes.hpp"
#include "partita/io/generate.hpp"

namespace partita {
namespace {

struct MakeDataOptions {
    std::string out, kind = "clustered";
    io::GenerateOptions make;
    std::optional<double> noise;
};

io::VectorGenerator generator_for(cli::Session const& session, MakeDataOptions const& options) {
    io::GenerateOptions make = options.make;
    make.noise = options.noise.value_or(-1);
    make.seed = session.seed();
    std::int64_t const allowed = session.memory().per_rank_bytes / 2;
    return collectively(session.world(), "", [&] {
        make.kind = io::parse_data_kind(options.kind);
        std::int64_t const needed = io::generator_bytes(make);
        check(needed <= allowed, "clusters: expected at most {} for centres and axes, got {}",
              format_bytes(static_cast<double>(allowed)),
              format_bytes(static_cast<double>(needed)));
        return io::VectorGenerator(make);
    });
}

void run_make_data(cli::Session& session, MakeDataOptions const& options) {
    session.check_output(options.out);
    io::VectorGenerator const generator = generator_for(session, options);
    io::GenerateOptions const& made = generator.options();
    auto const sink = io::VectorSink::create(session.world(), options.out,
                                             {made.rows, made.dim, format::ElementType::float32},
                                             {}, session.overwrite());
    io::generate_file(session.world(), generator, *sink, session.threads(),
                      session.memory().per_rank_bytes / 2);
    session.field("made", "{} x {} {}, {}", format_count(made.rows), made.dim,
                  to_string(sink->stored_type()), options.kind);
    session.finish(made.rows, "vectors", options.out);
}

}  // namespace

void add_make_data(cli::CommandLine& line) {
    auto const options = std::make_shared<MakeDataOptions>();
    cli::Command& command = line.add("make-data", "Make up vectors to try things on");
    cli::OptionSet& app = command.app;
    app.add_option("OUT", options->out, "Vector file to write, in the format of its name")
        .required()
        .type_name("FILE");
    app.add_option("--rows", options->make.rows, "Number of vectors")
        .required()
        .check(cli::at_least(1));
    app.add_option("--dim", options->make.dim, "Dimension").required().check(cli::at_least(1));
    cli::add_choice(app, "--kind", options->kind, {"clustered", "uniform", "hard"},
                    "Clusters that keep apart, no structure, or clusters that overlap and lie near "
                    "subspaces, as embeddings do");
    app.add_option("--clusters", options->make.clusters, "Number of clusters")
        .check(cli::at_least(1));
    app.add_option("--intrinsic-dim", options->make.intrinsic_dim,
                   "Dimensions in which a cluster spreads (default: 12 for hard)")
        .check(cli::at_least(0))
        .default_str("");
    app.add_option("--noise", options->noise,
                   "Standard deviation around the clusters (default: 0.2, 0.05 for hard)")
        .check(cli::at_least(0));
    command.examples = {
        "partita make-data vectors.npy --rows 100000 --dim 64",
        "mpirun -n 4 partita make-data big.h5 --rows 10000000 --dim 128 --kind hard",
        "partita make-data tiny.csv --rows 100 --dim 3 --clusters 5 --seed 7"};
    command.run = [options](cli::Session& session) { run_make_data(session, *options); };
}

}  // namespace partita
