#include "knn/search_step.hpp"

#include "knn/plan_report.hpp"
#include "knn/search_memory.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/bytes.hpp"
#include "partita/knn/mutual_result_writer.hpp"
#include "partita/knn/radius_search.hpp"
#include "partita/knn/result_writer.hpp"
#include "partita/knn/search.hpp"
#include "partita/knn/tune.hpp"
#include "partita/obs/events.hpp"
#include "partita/obs/log.hpp"

#include <algorithm>

#include <fmt/ranges.h>

namespace partita::cli {
namespace {

constexpr double default_recall = 0.95;
/// Seconds that a killed job may lose where it was told that it may be resumed.
constexpr double longest_unrecorded = 60;
/// Of most writers, to predict before there is one.
constexpr std::int64_t usual_bytes_per_neighbor = 24;

std::string effort_name(knn::BatchSearcher const& index) {
    return index.info().type == "hnsw" ? "ef_search" : "nprobe";
}

std::string distance_name(knn::Metric metric) {
    if (metric == knn::Metric::l2) return "euclidean";
    return metric == knn::Metric::cosine ? "angular" : "ip";
}

/// The effort to search with, and the recall that it gives where that was measured.
struct Effort {
    std::int64_t value = 0;
    double recall = -1;  ///< -1 = not measured.
    double margin = 0;
    std::int64_t sample = 0;
};

/// One line about the index: type, size, metric.
void report_index(Session const& session, knn::NodeIndex const& node) {
    knn::IndexInfo const& info = node.searcher->info();
    std::string const lists =
        info.lists > 0 ? fmt::format(", {} lists", format_count(info.lists)) : "";
    std::string const codes = info.codes == "fp32" ? "" : ", " + info.codes;
    session.field("index", "{} of {} x {}, {}{}{}, {}", info.type, format_count(info.rows),
                  info.dim, to_string(info.metric), lists, codes,
                  format_bytes(static_cast<double>(node.file_bytes)));
    if (node.broadcast.nodes > 1)
        session.field("broadcast", "one copy on each of {} nodes ({} had it): {}, {:.2f} GB/s",
                      node.broadcast.nodes, node.broadcast.nodes_that_had_it,
                      format_seconds(node.broadcast.seconds), node.broadcast.gigabytes_per_second);
    if (node.index && node.index->private_bytes() > 0)
        session.field("note", "FAISS holds this type once per rank: {} each",
                      format_bytes(static_cast<double>(node.index->private_bytes())));
}

class SearchStep {
  public:
    SearchStep(Session const& session, knn::NodeIndex const& node, knn::QuerySet const& queries,
               SearchArguments const& arguments, io::PartialOutput& partial,
               std::string const& index_path)
        : session_(session),
          node_(node),
          index_(*node.searcher),
          queries_(queries),
          arguments_(arguments),
          memory_(session, node, arguments),
          partial_(partial),
          index_path_(index_path) {}

    void run() {
        collectively(session_.world(), "", [&] { arguments_.check_type(index_.info().type); });
        report_index(session_, node_);
        Effort const effort = effort_of_job();
        refinements_ = refinements();
        pairs_once_ = pairs_fit();
        double seconds = predict(effort);
        if (pairs_once_ && arguments_.resume && seconds > longest_unrecorded) {
            pairs_once_ = false;
            seconds = predict(effort);
        }
        auto const writer = make_writer();
        knn::SearchReport const report = arguments_.radius
                                             ? search_radius(effort, *writer)
                                             : search_nearest(effort, seconds, *writer);
        describe(*writer, effort, report);
        writer->commit();
        print(effort, report);
    }

  private:
    knn::SearchReport search_nearest(Effort const& effort, double seconds,
                                     knn::ResultWriter& writer) const {
        if (pairs_once_)
            report_pairs_plan(session_, node_, memory_.pairs_bytes(), seconds);
        else
            report_plan(session_, node_, plan(effort, writer.bytes_per_neighbor()), queries_.rows(),
                        seconds);
        if (refinements_ > 0)
            session_.field("refine", "{} round{}, {} of lists a rank beside", refinements_,
                           refinements_ == 1 ? "" : "s",
                           format_bytes(static_cast<double>(memory_.refine_bytes())));
        return knn::search_all(session_.world(), index_, node_.ids, queries_, writer,
                               options_of(effort));
    }

    knn::SearchJobOptions options_of(Effort const& effort) const {
        knn::SearchJobOptions options;
        options.k = arguments_.k;
        options.effort = effort.value;
        options.exclude_self = arguments_.exclude_self;
        options.threads = session_.threads();
        options.memory_bytes = memory_.working();
        options.each_pair_once = pairs_once_;
        options.refinements = refinements_;
        if (pairs_once_ && memory_.is_given()) options.memory_bytes -= memory_.pairs_bytes();
        if (refinements_ > 0 && memory_.is_given()) options.memory_bytes -= memory_.refine_bytes();
        return options;
    }

    double predict(Effort const& effort) const {
        knn::JobShape shape = shape_of(index_.info(), queries_.rows(), effort.value);
        shape.each_pair_once = pairs_once_;
        return predict_or_refuse(
            session_, shape,
            arguments_.radius ? knn::RoundPlan() : plan(effort, usual_bytes_per_neighbor),
            node_.read_in_order, arguments_.max_seconds);
    }

    /// Can each pair of vectors be scored once, in the memory of every rank?
    bool pairs_fit() const {
        if (arguments_.radius || partial_.done() > 0) return false;
        if (!knn::can_score_pairs_once(index_, queries_)) return false;
        bool const fits = memory_.pairs_bytes() <= memory_.for_lists();
        return session_.world().all_reduce(fits ? 1 : 0, Reduce::min) == 1;
    }

    /// Rounds of it; none where the search is exact. Refused where there is no room.
    int refinements() const {
        if (arguments_.refine == 0 || index_.info().type == "flat") return 0;
        collectively(session_.world(), "", [&] {
            check(knn::can_refine(index_, queries_),
                  "--refine: expected an ivf index whose vectors each node holds in memory; give "
                  "more --memory, or leave out --refine");
        });
        check_lists(session_, arguments_, index_.rows(), memory_.for_lists());
        return arguments_.refine;
    }

    knn::RoundPlan plan(Effort const& effort, std::int64_t bytes_per_neighbor) const {
        return knn::plan_search(index_, queries_, bytes_per_neighbor, options_of(effort));
    }

    knn::SearchReport search_radius(Effort const& effort, knn::ResultWriter& writer) const {
        knn::RadiusJobOptions options;
        options.radius = *arguments_.radius;
        options.effort = effort.value;
        options.exclude_self = arguments_.exclude_self;
        options.threads = session_.threads();
        options.memory_bytes = memory_.working();
        return knn::search_radius(session_.world(), index_, node_.ids, queries_, writer, options);
    }

    std::unique_ptr<knn::ResultWriter> make_writer() const {
        auto const format = knn::parse_result_format(arguments_.format_for(arguments_.out));
        knn::ResultShape const shape{queries_.rows(), arguments_.radius ? 0 : arguments_.k,
                                     queries_.id_kind(), queries_.id_width(), index_.rows()};
        if (arguments_.mutual)
            return knn::make_mutual_result_writer(session_.world(), format, partial_, shape,
                                                  node_.ids, queries_, memory_.working());
        return knn::make_result_writer(session_.world(), format, partial_, shape, node_.ids);
    }

    /// The effort that a killed job had chosen, or a new choice.
    Effort effort_of_job() {
        if (auto const value = partial_.fact("effort"))
            return {std::stoll(*value), std::stod(partial_.fact("recall").value_or("-1")),
                    std::stod(partial_.fact("recall margin").value_or("0")),
                    std::stoll(partial_.fact("recall sample").value_or("0"))};
        Effort const effort = choose_effort();
        partial_.set_fact("effort", fmt::format("{}", effort.value));
        partial_.set_fact("recall", fmt::format("{}", effort.recall));
        partial_.set_fact("recall margin", fmt::format("{}", effort.margin));
        partial_.set_fact("recall sample", fmt::format("{}", effort.sample));
        return effort;
    }

    Effort choose_effort() {
        if (arguments_.effort() > 0) return {arguments_.effort()};
        if (index_.efforts(arguments_.k).empty()) return exact_or_unknown();
        knn::TuneOptions options;
        options.recall = arguments_.recall > 0 ? arguments_.recall : default_recall;
        options.k = arguments_.k;
        options.seed = session_.seed();
        options.threads = session_.threads();
        options.workspace_bytes = memory_.working();
        knn::Tuning const tuning = knn::tune(session_.world(), index_, queries_, options);
        keep_curve(tuning);
        // What is reported was measured on queries that the tuner did not see.
        knn::Tuning const check =
            knn::measure_recall(session_.world(), index_, queries_, tuning.effort, options);
        if (tuning.recall - tuning.margin < options.recall && tuning.recall < 1)
            obs::warn("recall {} was not reached: {:.4f} at the most", options.recall,
                      tuning.recall);
        obs::emit("knn.tune", {{"effort", tuning.effort}, {"recall", check.recall}});
        return {tuning.effort, check.recall, check.margin, check.sample};
    }

    Effort exact_or_unknown() const {
        Effort effort;
        if (index_.info().type == "flat") effort.recall = 1;
        return effort;
    }

    void keep_curve(knn::Tuning const& tuning) const {
        if (index_path_.empty()) return;
        knn::IndexInfo info = index_.info();
        info.default_effort = tuning.effort;
        info.curve_k = arguments_.k;
        info.curve = tuning.curve;
        try {
            knn::write_sidecar(session_.world(), index_path_, info);
        } catch (CollectiveError const& e) {
            obs::warn("the operating curve was not kept: {}", e.what());
        }
    }

    void describe(knn::ResultWriter& writer, Effort const& effort,
                  knn::SearchReport const& report) const {
        knn::IndexInfo const& info = index_.info();
        writer.describe("metric", to_string(info.metric));
        writer.describe("distance", distance_name(info.metric));
        if (arguments_.radius) {
            writer.describe("radius", *arguments_.radius);
            writer.describe("neighbors", report.neighbors);
        } else {
            writer.describe("k", arguments_.k);
        }
        writer.describe("index_type", info.type);
        if (effort.value > 0) writer.describe(effort_name(index_), effort.value);
        if (refinements_ > 0) writer.describe("refinements", std::int64_t{refinements_});
        if (effort.recall >= 0) writer.describe("recall", effort.recall);
        if (effort.sample > 0) writer.describe("recall_sample", effort.sample);
        writer.describe("base", info.source);
        writer.describe("queries", queries_.name());
        writer.describe("exclude_self", std::int64_t{arguments_.exclude_self});
        if (report.self_possible > 0) {
            writer.describe("self_found", static_cast<double>(report.self_found) /
                                              static_cast<double>(report.self_possible));
            writer.describe("duplicates", report.duplicates);
        }
        if (info.metric == knn::Metric::cosine) {
            writer.describe("zero_vectors", info.zero_vectors);
            writer.describe("zero_queries", report.zero_queries);
        }
        writer.describe("created_by", std::string("partita " PARTITA_VERSION));
    }

    void print(Effort const& effort, knn::SearchReport const& report) const {
        std::int64_t const searched = report.queries - report.done_before;
        double const rate = static_cast<double>(searched) / std::max(report.seconds, 1e-9);
        if (report.done_before > 0)
            session_.field("resume", "{} of {} queries were finished",
                           format_count(report.done_before), format_count(report.queries));
        std::string const how =
            effort.value > 0 ? fmt::format(", {} {}", effort_name(index_), effort.value) : "";
        session_.field("search", "{} queries, {}{}: {}, {} queries/s", format_count(searched),
                       arguments_.k, how, format_seconds(report.seconds),
                       format_count(static_cast<std::int64_t>(rate)));
        if (arguments_.radius)
            session_.field("neighbors", "{}, {:.1f} of a query", format_count(report.neighbors),
                           static_cast<double>(report.neighbors) /
                               static_cast<double>(std::max<std::int64_t>(report.queries, 1)));
        if (effort.sample > 0)
            session_.field("recall",
                           "{:.4f} +- {:.4f} against exact neighbours of {} other queries{}",
                           effort.recall, effort.margin, format_count(effort.sample),
                           refinements_ > 0 ? ", before refining" : "");
        else if (effort.recall == 1)
            session_.field("recall", "1 (exact)");
        if (report.self_possible > 0)
            session_.field("self", "{:.4f} % of {} items find themselves; {} have an equal twin",
                           100.0 * static_cast<double>(report.self_found) /
                               static_cast<double>(report.self_possible),
                           format_count(report.self_possible), format_count(report.duplicates));
        if (report.zero_queries > 0)
            session_.field("zeros", "{} queries are zero and have no angle: 1 from everything",
                           format_count(report.zero_queries));
        for (knn::SampleRow const& row : report.sample) print_sample(row);
    }

    std::string wanted() const {
        return arguments_.radius ? fmt::format("radius {}", *arguments_.radius)
                                 : fmt::format("k = {}", arguments_.k);
    }

    void print_sample(knn::SampleRow const& row) const {
        std::string line;
        for (std::size_t j = 0; j < std::min<std::size_t>(row.neighbors.size(), 4); ++j)
            line += fmt::format("{}{} ({:.4f})", j ? ", " : "", row.neighbors[j], row.distances[j]);
        session_.field("sample", "{}: {}{}", row.item, line,
                       row.neighbors.size() > 4 ? ", ..." : "");
    }

    Session const& session_;
    knn::NodeIndex const& node_;
    knn::BatchSearcher const& index_;
    knn::QuerySet const& queries_;
    SearchArguments const& arguments_;
    SearchMemory memory_;
    io::PartialOutput& partial_;
    std::string index_path_;
    bool pairs_once_ = false;
    int refinements_ = 0;
};

}  // namespace

void search_and_report(Session const& session, knn::NodeIndex const& node,
                       knn::QuerySet const& queries, SearchArguments const& arguments,
                       io::PartialOutput& partial, std::string const& index_path) {
    SearchStep(session, node, queries, arguments, partial, index_path).run();
}

void check_search(Session const& session, SearchArguments const& arguments) {
    collectively(session.world(), "", [&] {
        arguments.effort();
        arguments.check_radius();
        arguments.check_refine();
    });
    session.check_output(arguments.out);
}

}  // namespace partita::cli
