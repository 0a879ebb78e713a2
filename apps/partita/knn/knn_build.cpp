#include "cli/option_kinds.hpp"
#include "commands.hpp"
#include "knn/options.hpp"

#include "partita/core/bytes.hpp"

namespace partita {
namespace {

struct KnnBuildOptions {
    std::string vectors, out;
    cli::ReadArguments read;
    cli::IndexArguments index;
};

void run_knn_build(cli::Session& session, KnnBuildOptions const& options) {
    session.check_output(options.out);
    auto const source =
        io::VectorSource::open(session.world(), options.vectors, options.read.options());
    knn::Metric const metric = options.index.chosen_metric(source);
    knn::BuildOptions const build = options.index.options(session, metric);
    if (build.type == "auto")
        session.field("type", "{}",
                      knn::choose_type(source.rows(), source.dim(), source.rows()).reason);
    knn::IndexInfo const info = knn::build_index(session.world(), source, options.out, build);
    session.field("index", "{} of {} x {}, {}", info.type, format_count(info.rows), info.dim,
                  to_string(info.metric));
    if (info.lists > 0) session.field("lists", "{}", format_count(info.lists));
    if (info.zero_vectors > 0)
        session.field("zeros", "{} vectors are zero and have no angle",
                      format_count(info.zero_vectors));
    session.finish(info.rows, "vectors", options.out);
}

}  // namespace

void add_knn_build(cli::CommandLine& line) {
    auto const options = std::make_shared<KnnBuildOptions>();
    cli::Command& command =
        line.add("knn build", "Build an index of vectors, to be searched many times");
    command.app.add_option("VECTORS", options->vectors, "Vector file, or file.h5:/dataset")
        .required()
        .type_name("FILE");
    command.app.add_option("--out", options->out, "Index file, in FAISS's format")
        .required()
        .type_name("FILE")
        .group("Output");
    cli::add_read_arguments(command, options->read);
    cli::add_index_arguments(command, options->index);
    command.examples = {
        "partita knn build vectors.h5 --out vectors.index",
        "partita knn build words.fvecs --ids words.txt --metric cosine --out words.index",
        "mpirun -n 8 partita knn build big.npy --type ivf --lists 16384 --out big.index",
        "partita knn build vectors.npy --type IVF1024,PQ16 --out small.index"};
    command.run = [options](cli::Session& session) { run_knn_build(session, *options); };
}

}  // namespace partita
