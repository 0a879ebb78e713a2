#include "cli/option_kinds.hpp"
#include "cli/root_text.hpp"
#include "commands.hpp"
#include "knn/options.hpp"
#include "knn/search_step.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/bytes.hpp"
#include "partita/core/scratch.hpp"

#include <cstdio>
#include <optional>

namespace partita {
namespace {

struct Options {
    std::string vectors, index_path;
    cli::ReadArguments read;
    cli::IndexArguments index;
    cli::SearchArguments search;
};

/// Where the index goes when nobody wants to keep it: a folder that disappears with the job, and
/// that all nodes see when there are several.
class TemporaryIndex {
  public:
    TemporaryIndex(cli::Session const& session, std::string const& result) {
        auto const slash = result.find_last_of('/');
        std::string const beside = slash == std::string::npos ? "." : result.substr(0, slash + 1);
        bool const one_node = session.topology().nodes() == 1;
        path_ = cli::root_text(session.world(), [&] {
            folder_.emplace(one_node ? session.scratch() : beside);
            return folder_->path() + "/index";
        });
    }
    std::string const& path() const { return path_; }

  private:
    std::optional<ScratchDir> folder_;  // root's
    std::string path_;
};

void run(cli::Session& session, Options const& options) {
    cli::check_search(session, options.search);
    auto const source =
        io::VectorSource::open(session.world(), options.vectors, options.read.options());
    knn::BuildOptions const build =
        options.index.options(session, options.index.chosen_metric(source));
    if (build.type == "auto")
        session.field("type", "{}",
                      knn::choose_type(source.rows(), source.dim(), source.rows()).reason);
    bool const keep = !options.index_path.empty();
    std::optional<TemporaryIndex> temporary;
    if (!keep) temporary.emplace(session, options.search.out);
    std::string const path = keep ? options.index_path : temporary->path();
    obs::Stopwatch watch;
    knn::build_index(session.world(), source, path, build);
    session.field("build", "{}", format_seconds(watch.seconds()));
    knn::NodeIndex const node = knn::distribute_index(session.world(), session.topology(), path,
                                                      {session.scratch(), false});
    // An index that nobody keeps needs no copies for later jobs either; mapped, they stay readable.
    if (!keep && session.topology().is_node_leader() && node.broadcast.local_path != path)
        std::remove(node.broadcast.local_path.c_str());
    knn::VectorQueries const queries(source, node.searcher->info().metric, true);
    cli::search_and_report(session, node, queries, options.search, keep ? path : "");
    session.finish(source.rows(), "vectors", options.search.out);
}

}  // namespace

void add_knn_graph(cli::CommandLine& line) {
    auto const options = std::make_shared<Options>();
    cli::Command& command =
        line.add("knn graph", "Find the neighbours of all vectors among themselves");
    command.app.add_option("VECTORS", options->vectors, "Vector file, or file.h5:/dataset")
        ->required()
        ->type_name("FILE");
    command.app.add_option("--index", options->index_path, "Keep the index in this file")
        ->type_name("FILE")
        ->group("Output");
    cli::add_read_arguments(command, options->read);
    cli::add_index_arguments(command, options->index);
    cli::add_search_arguments(command, options->search);
    command.examples = {
        "partita knn graph vectors.h5 -k 10 --out neighbors.h5",
        "mpirun -n 8 partita knn graph big.npy -k 10 --recall 0.95 --out nn.h5",
        "partita knn graph words.fvecs --ids words.txt --metric cosine --out nn.csv"};
    command.run = [options](cli::Session& session) { run(session, *options); };
}

}  // namespace partita
