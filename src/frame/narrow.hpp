#pragma once

#include "partita/frame/table.hpp"

#include <functional>
#include <memory>
#include <string_view>

namespace partita::frame {

/// What a narrow operation does with a block: any number of calls of the sink.
using BlockStep = std::function<void(std::int64_t partition, Block const&, BlockSink)>;

/// A table whose blocks are those of `input` after `step`. `keeps_rows`: each block becomes one
/// with as many rows.
Table narrow(Table const& input, std::string_view operation, std::shared_ptr<Schema const> schema,
             BlockStep step, bool keeps_rows);

/// Steps that know where in a partition they are: make() is called for each run of a partition, and
/// returns null when nothing of it is wanted.
using InOrderStep = std::function<void(Block const&, BlockSink)>;
using MakeBlockStep = std::function<InOrderStep(std::int64_t partition)>;
Table narrow_in_order(Table const& input, std::string_view operation,
                      std::shared_ptr<Schema const> schema, MakeBlockStep make, bool keeps_rows);

/// The position of each partition's first row, and one more entry with the total. Collective.
std::vector<std::int64_t> partition_starts(Table const& table);

}  // namespace partita::frame
