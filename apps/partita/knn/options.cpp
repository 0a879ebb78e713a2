#include "knn/options.hpp"

#include "cli/option_kinds.hpp"

#include "partita/core/error.hpp"
#include "partita/knn/plan.hpp"

#include <algorithm>

namespace partita::cli {

io::VectorOptions ReadArguments::options() const {
    io::VectorOptions options;
    options.ids = ids;
    options.allow_nan = allow_nan;
    if (header != "auto") options.header = header == "yes";
    return options;
}

knn::Metric IndexArguments::chosen_metric(io::VectorSource const& source) const {
    if (metric != "auto") return knn::parse_metric(metric);
    return knn::parse_metric(source.metric_hint().value_or("l2"));
}

knn::BuildOptions IndexArguments::options(Session const& session, knn::Metric metric_chosen) const {
    knn::BuildOptions options;
    options.type = type;
    options.metric = metric_chosen;
    options.codes = codes == "auto" ? "fp32" : codes;
    options.lists = lists;
    options.train_sample = train_sample;
    options.shards = std::max<std::int64_t>(shards, 1);
    options.links = links;
    options.ef_construction = ef_construction;
    options.reproducible = reproducible;
    options.seed = session.seed();
    options.threads = session.threads();
    options.memory_bytes = session.memory().per_rank_bytes;
    options.overwrite = session.overwrite();
    return options;
}

knn::BuildOptions IndexArguments::options_for_graph(Session const& session,
                                                    io::VectorSource const& source,
                                                    bool kept) const {
    knn::BuildOptions options = this->options(session, chosen_metric(source));
    if (options.type == "auto") {
        knn::TypeChoice const choice = knn::choose_type(source.rows(), source.dim(), source.rows());
        session.field("type", "{}", choice.reason);
        options.type = choice.type;
    }
    if (options.type != "ivf" || codes != "auto" || kept) return options;
    knn::JobShape shape;
    shape.type = "ivf";
    shape.rows = source.rows();
    shape.dim = source.dim();
    shape.lists = lists > 0 ? lists : knn::default_lists(source.rows());
    knn::CodesChoice const choice = knn::choose_codes(
        shape, session.world().all_reduce(session.memory().per_node_bytes, Reduce::min));
    options.codes = choice.codes;
    if (choice.codes != "fp32") session.field("codes", "{}, since {}", choice.codes, choice.reason);
    return options;
}

std::int64_t SearchArguments::effort() const {
    check((recall > 0) + (nprobe > 0) + (ef > 0) <= 1,
          "--recall, --nprobe and --ef exclude each other: expected one of them");
    return nprobe > 0 ? nprobe : ef;
}

std::int64_t SearchArguments::pairs_bytes(std::int64_t rows) const {
    return knn::predict_pairs_bytes(rows, k + (exclude_self ? 1 : 0));
}

std::int64_t SearchArguments::refine_bytes(std::int64_t rows, int ranks_on_node) const {
    return knn::predict_refine_bytes(rows, k + (exclude_self ? 1 : 0), ranks_on_node);
}

std::string SearchArguments::format_for(std::string const& path) const {
    if (format != "auto") return format;
    if (path.ends_with(".csv")) return "csv";
    return path.ends_with(".jsonl") ? "jsonl" : "hdf5";
}

void SearchArguments::check_radius() const {
    if (!radius) return;
    check(format_for(out) != "hdf5",
          "{}: hdf5 holds a fixed number of neighbours of each query, and --radius finds any "
          "number: expected --format csr, csv or jsonl",
          out);
    check(!mutual, "--radius and --mutual exclude each other: within a radius all are mutual");
}

void SearchArguments::check_refine() const {
    if (refine == 0) return;
    check(!radius, "--refine and --radius exclude each other: expected one of them");
    check(placement != "shard",
          "--refine: expected an index that every node holds as a whole, got --placement shard");
}

void SearchArguments::check_type(std::string const& type) const {
    check(!radius || type == "auto" || type == "flat" || type == "ivf",
          "--radius: expected an index of type flat or ivf, got {}", type);
    check(refine == 0 || type != "hnsw",
          "--refine: expected an index of type ivf, got {}; --ef makes its search better", type);
}

knn::DistributeOptions SearchArguments::distribute_options(Session const& session) const {
    knn::DistributeOptions options;
    options.cache_dir = session.scratch();
    options.placement = knn::parse_placement(placement);
    options.node_memory_bytes = session.memory().per_node_bytes;
    options.memory_bytes = session.memory().per_rank_bytes;
    return options;
}

void add_read_arguments(Command& command, ReadArguments& arguments) {
    OptionSet& app = command.app;
    app.add_option("--ids", arguments.ids,
                   "Ids: 'rows', a file of labels, 'x.h5:/dataset', or 'column:NAME' of the CSV "
                   "(default: the file's own, else row numbers)")
        .group("Input");
    app.add_flag("--allow-nan", arguments.allow_nan, "Accept NaN and infinity").group("Input");
    add_choice(app, "--header", arguments.header, {"auto", "yes", "no"},
               "Whether a CSV file's first line names columns")
        .group("Input");
}

void add_index_arguments(Command& command, IndexArguments& arguments) {
    OptionSet& app = command.app;
    add_open_choice(app, "--type", arguments.type, {"auto", "flat", "ivf", "hnsw"},
                    "Kind of index; auto takes flat where exact search is quick, else ivf")
        .group("Index");
    add_choice(app, "--metric", arguments.metric, {"auto", "l2", "cosine", "ip"},
               "Distance; auto asks the file, else l2")
        .group("Index");
    add_choice(
        app, "--codes", arguments.codes, {"auto", "fp32", "fp16", "int8"},
        "ivf: how lists hold numbers. fp16 and int8 take a half and a quarter of the memory; "
        "the nearest are ranked by the floats, from a file beside, so results are the same. "
        "auto: fp32, or what fits the memory where the index is not kept")
        .group("Index");
    app.add_option("--lists", arguments.lists, "ivf: number of lists; 0 = about 4 sqrt(n)")
        .check(at_least(0))
        .group("Index");
    app.add_option("--train-sample", arguments.train_sample,
                   "ivf: vectors to train on; 0 = 64 a list")
        .check(at_least(0))
        .group("Index");
    app.add_option("--shards", arguments.shards,
                   "hnsw: graphs of so many runs of the vectors, which ranks build, and with "
                   "--placement shard search, apart; 0 = one")
        .check(between(0, 65536))
        .group("Index");
    app.add_option("--links", arguments.links, "hnsw: links of each vector (M)")
        .check(between(2, 512))
        .group("Index");
    app.add_option("--ef-construction", arguments.ef_construction, "hnsw: breadth while building")
        .check(at_least(1))
        .group("Index");
    app.add_flag("--reproducible", arguments.reproducible,
                 "factory strings: build on one thread, so that the same input gives the same file")
        .group("Index");
}

void add_search_arguments(Command& command, SearchArguments& arguments) {
    OptionSet& app = command.app;
    app.add_option("-k,--neighbors", arguments.k, "Neighbours of each query")
        .check(between(1, 1e6))
        .group("Search");
    app.add_option("--radius", arguments.radius,
                   "Instead of -k: all neighbours within this distance, as results print it (of "
                   "flat and ivf indexes, to csr, csv or jsonl)")
        .group("Search");
    app.add_option("--recall", arguments.recall,
                   "Measure which effort gives this recall; 0 = 0.95 unless one is given")
        .check(between(0, 1))
        .group("Search");
    app.add_option("--nprobe", arguments.nprobe, "ivf: lists to look into; 0 = as --recall needs")
        .check(at_least(0))
        .group("Search");
    app.add_option("--ef", arguments.ef, "hnsw: breadth of the search; 0 = as --recall needs")
        .check(at_least(0))
        .group("Search");
    add_choice(app, "--placement", arguments.placement, {"auto", "replicate", "shard"},
               "One copy of the index on each node, or a share on each rank; auto goes by the "
               "nodes' memory")
        .group("Search");
    add_duration(app, "--max-time", arguments.max_seconds,
                 "Refuse a search that is predicted to take longer")
        .default_str("1d")
        .group("Search");
    app.add_flag("--exclude-self", arguments.exclude_self,
                 "Leave a vector out of its own neighbours")
        .group("Search");
    app.add_option("--out", arguments.out, "Result file")
        .required()
        .type_name("FILE")
        .group("Output");
    add_choice(app, "--format", arguments.format, {"auto", "hdf5", "csr", "csv", "jsonl"},
               "Of the result; auto goes by the file's name; csr is a sparse matrix for scipy, in "
               "HDF5")
        .group("Output");
    app.add_flag("--resume", arguments.resume,
                 "Go on where a job with the same settings was killed; with nothing to go on "
                 "from, start anew")
        .group("Output");
}

}  // namespace partita::cli
