#pragma once

#include "partita/frame/table.hpp"

#include <memory>
#include <string>
#include <vector>

namespace partita::pipeline {

/// A fitted stage of a pipeline: what it does to the columns of a block of rows. Rank-local, const
/// and thread-safe; saved with a model and usable without MPI.
class Transformer {
  public:
    virtual ~Transformer() = default;

    virtual std::string kind() const = 0;  ///< As in saved files.
    /// The columns that it reads.
    virtual std::vector<std::string> inputs() const = 0;
    /// The columns that it makes, or replaces.
    virtual std::vector<frame::Field> outputs() const = 0;

    /// The block with the columns that it makes, after the others or in the place of those that
    /// have their name. Other columns pass. Rows may be left out, if the stage says so.
    /// @throws Error for a value that it cannot do anything with.
    virtual frame::Block transform(frame::Block const& block) const = 0;

    /// Its parameters as a JSON object; numbers come back bit for bit.
    virtual std::string to_json() const = 0;

    /// The columns that come out when these go in.
    /// @throws Error when one that it reads is missing, with a suggestion.
    frame::Schema output_schema(frame::Schema const& input) const;
};

using Transformers = std::vector<std::shared_ptr<Transformer const>>;

/// What to_json of a transformer of this kind wrote. @throws Error: an unknown kind, wrong members.
std::shared_ptr<Transformer const> read_transformer(std::string const& kind,
                                                    std::string const& json);

/// The table with all stages applied, block by block, when it is run. Does not communicate.
/// @throws Error when a stage lacks a column.
frame::Table transform(frame::Table const& table, Transformers const& stages);

/// Of a table's columns, those that stages and then `wanted` need.
std::vector<std::string> columns_needed(Transformers const& stages,
                                        std::vector<std::string> wanted);

/// A stage that is yet to be fitted. Stages that learn nothing from data ignore it.
class Estimator {
  public:
    virtual ~Estimator() = default;
    /// Collective. @throws CollectiveError: no such column, texts for numbers, no values.
    virtual std::shared_ptr<Transformer const> fit(frame::Table const& table) const = 0;
};

}  // namespace partita::pipeline
