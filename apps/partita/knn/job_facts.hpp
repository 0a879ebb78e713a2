#pragma once

#include "cli/session.hpp"
#include "knn/options.hpp"

#include "partita/io/partial_output.hpp"
#include "partita/io/vector_source.hpp"

#include <string>
#include <vector>

namespace partita::cli {

/// What makes a search's result what it is, but for the index and the queries.
io::Facts facts_of(Session const& session, SearchArguments const& arguments);

/// What makes an index what it is, but for the vectors.
void add_facts(io::Facts& facts, IndexArguments const& arguments, knn::Metric metric);

/// A vector file: its name, shape, length and time.
void add_facts(io::Facts& facts, std::string const& name, io::VectorSource const& source,
               ReadArguments const& read);

/// Ids, by their hash.
void add_facts(io::Facts& facts, std::string const& name, std::vector<std::string> const& items);

/// How a search's result is opened, to go on with what was killed or to start anew.
io::PartialOutput::Options partial_options(Session const& session, SearchArguments const& arguments,
                                           io::Facts facts);

}  // namespace partita::cli
