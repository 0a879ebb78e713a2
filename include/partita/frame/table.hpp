#pragma once

#include "partita/dataset/plan.hpp"
#include "partita/frame/block_source.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace partita::frame {

/// Rows with typed columns, in partitions that are spread over the ranks: a schema and a way to
/// push blocks of rows. A handle; copying copies no rows.
///
/// Nothing is read and nothing communicates before an action or a wide operation's result asks for
/// it; a chain of narrow operations is run block by block, in memory for a few blocks. A table that
/// is used twice is computed twice: cache() it. The rows have an order, partition by partition, and
/// where partitions begin is a property of the data, never of ranks or threads; so every result is
/// the same for any number of them.
///
/// Functions marked "Collective" are called by all ranks in the same order. The others are called
/// by all ranks too, with the same arguments, but do not communicate; wrong arguments throw Error,
/// the same on each rank.
class Table {
  public:
    /// @param counts  The rows of each partition, where they are known beforehand.
    Table(dataset::Plan plan, std::shared_ptr<Schema const> schema,
          std::shared_ptr<BlockSource const> source,
          std::optional<std::vector<std::int64_t>> counts = std::nullopt);

    Schema const& schema() const;
    std::shared_ptr<Schema const> const& shared_schema() const;
    dataset::Plan const& plan() const;
    dataset::Context const& context() const { return plan().context; }
    std::int64_t num_partitions() const { return plan().partitions(); }

    // ---- narrow operations

    /// These columns, in this order.
    Table select(std::vector<std::string> const& names) const;
    /// All columns but these.
    Table drop(std::vector<std::string> const& names) const;
    /// Other names for some columns: {{"old", "new"}, ...}.
    Table rename(std::vector<std::pair<std::string, std::string>> const& names) const;
    /// The rows for which a condition holds: not those for which it is false or null.
    Table filter(std::string_view condition) const;
    /// Add a column, after the others, with an expression's values (see expression.hpp); or put it
    /// in the place of the column of that name.
    Table with_column(std::string const& name, std::string_view expression) const;
    /// The columns of this name with their values as another type.
    Table cast(std::string const& name, Type type) const;
    /// fn(block) for each block; it may return any number of rows, and is called by several threads
    /// at once. Where blocks begin is not specified, so fn must treat rows one by one.
    /// @throws CollectiveError (when run) unless what fn returns has the columns of `output`.
    Table map_batches(Schema output, std::function<Block(Block const&)> fn,
                      std::string_view name = "map_batches") const;
    /// Add a column, after the others, of each row's position in the table, from 0. Collective:
    /// rows are counted first, where their number is not known.
    Table with_row_index(std::string const& name) const;
    /// Add a column of random numbers in [0, n), each once, where n is the number of rows: the row
    /// numbers that the table would have after a shuffle, as row_number() over (order by rand()).
    /// A function of the seed and the number of rows alone. Collective.
    Table random_order_index(std::string const& name, std::uint64_t seed) const;
    /// Each row with this probability, drawn from (seed, the row's position). Collective.
    Table sample(double fraction, std::uint64_t seed) const;
    /// Disjoint parts that together are the table: each row goes to a part with a probability in
    /// proportion to its fraction, drawn from (seed, the row's position), so that parts are the
    /// same for any number of ranks. Collective. @throws Error unless fractions are positive.
    std::vector<Table> split(std::vector<double> const& fractions, std::uint64_t seed) const;
    /// The first n rows. Collective: rows are counted first, where their number is not known.
    Table limit(std::int64_t n) const;
    /// The rows of this table, then those of `other`, which has the same schema. Both stay where
    /// they are.
    Table union_with(Table const& other) const;

    // ---- keeping

    /// The same rows, computed once, when first asked for, and then kept in memory, or in scratch
    /// where they find no room.
    Table cache() const;

    // ---- actions, all collective

    /// Call visit(partition, block) for each block of this rank, in its threads; the blocks of a
    /// partition come in order, from one thread. The block lasts for the call.
    /// @param what  For the message of a failure.
    void for_each_block(std::string_view what,
                        dataset::FunctionRef<void(std::int64_t, Block const&)> visit) const;
    /// The rows of each partition, on every rank. Counted once, and without reading for CSV files
    /// that have no blank lines.
    std::vector<std::int64_t> const& partition_rows() const;
    std::int64_t rows() const;
    /// All rows, on every rank: for small tables.
    /// @throws CollectiveError when they take more than an eighth of the memory.
    Block collect() const;

    /// This table, which has as many rows in each partition as `other`: they need be counted once.
    Table with_rows_of(Table const& other) const;

    /// The source of blocks; its plan must have been prepared.
    std::shared_ptr<BlockSource const> const& source() const;

  private:
    struct State;
    explicit Table(std::shared_ptr<State> state) : state_(std::move(state)) {}

    std::shared_ptr<State> state_;
};

}  // namespace partita::frame
