#include "knn/job_facts.hpp"

#include "cli/file_facts.hpp"

#include "partita/core/hash.hpp"

#include <fmt/format.h>

namespace partita::cli {

io::Facts facts_of(Session const& session, SearchArguments const& arguments) {
    io::Facts facts;
    facts["k"] = std::to_string(arguments.k);
    if (arguments.radius) facts["radius"] = fmt::format("{}", *arguments.radius);
    facts["recall"] = fmt::format("{}", arguments.recall);
    facts["nprobe"] = std::to_string(arguments.nprobe);
    facts["ef"] = std::to_string(arguments.ef);
    facts["refine"] = std::to_string(arguments.refine);
    facts["exclude_self"] = arguments.exclude_self ? "yes" : "no";
    facts["mutual"] = arguments.mutual ? "yes" : "no";
    facts["format"] = arguments.format_for(arguments.out);
    facts["seed"] = std::to_string(session.seed());
    return facts;
}

void add_facts(io::Facts& facts, IndexArguments const& arguments, knn::Metric metric) {
    facts["type"] = arguments.type;
    facts["metric"] = to_string(metric);
    facts["codes"] = arguments.codes;
    facts["lists"] = std::to_string(arguments.lists);
    facts["train_sample"] = std::to_string(arguments.train_sample);
    facts["shards"] = std::to_string(arguments.shards);
    facts["links"] = std::to_string(arguments.links);
    facts["ef_construction"] = std::to_string(arguments.ef_construction);
    facts["reproducible"] = arguments.reproducible ? "yes" : "no";
}

void add_facts(io::Facts& facts, std::string const& name, io::VectorSource const& source,
               ReadArguments const& read) {
    facts[name] = fmt::format("{} ({} x {}{})", source.spec(), source.rows(), source.dim(),
                              state_of_file(source.spec()));
    facts[name + " ids"] = read.ids.empty() ? "its own" : read.ids + state_of_file(read.ids);
}

void add_facts(io::Facts& facts, std::string const& name, std::vector<std::string> const& items) {
    std::uint64_t hash = 0;
    for (std::string const& item : items) hash = combine_hashes(hash, hash_bytes(item));
    facts[name] = fmt::format("{} with hash {:016x}", items.size(), hash);
}

io::PartialOutput::Options partial_options(Session const& session, SearchArguments const& arguments,
                                           io::Facts facts) {
    io::PartialOutput::Options options;
    options.overwrite = session.overwrite();
    options.resume = arguments.resume;
    options.job = std::move(facts);
    return options;
}

}  // namespace partita::cli
