#pragma once

#include "cli/command_line.hpp"
#include "cli/context.hpp"

#include "partita/dataset/dataset.hpp"
#include "partita/dataset/ordered_bytes.hpp"
#include "partita/dataset/table_row.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace partita::cli {

/// The options of a command that reads tables.
struct RowsArguments {
    std::vector<std::string> paths;
    bool no_header = false;
    std::optional<std::int64_t> block_bytes;
};

/// --block: how much of text files a partition holds at most.
void add_block_option(Command& command, std::optional<std::int64_t>& block_bytes);
/// TABLE..., --no-header and --block.
void add_rows_arguments(Command& command, RowsArguments& arguments);

/// "a,b" as its parts; none for an empty text. @throws Error on an empty part.
std::vector<std::string> names_in(std::string const& list, std::string const& option);

/// Columns of CSV files or of one HDF5 file, as rows of texts.
class RowsTable {
  public:
    /// Collective. @param columns  Those wanted; empty: all.
    RowsTable(dataset::Context const& context, RowsArguments const& arguments,
              std::vector<std::string> columns);

    /// For headers of outputs: without a header in the input "column1", "column2", ...
    std::vector<std::string> names() const;
    std::size_t columns() const { return names_.size(); }

    auto rows() const {
        return dataset::make_dataset<dataset::TableRow>(
            dataset::source_plan(context_, partitions_, "read"),
            [push = push_](std::int64_t partition, auto&& sink) {
                push(partition, [&](dataset::TableRow const& row) { sink(row); });
            });
    }

  private:
    using RowSink = dataset::FunctionRef<void(dataset::TableRow const&)>;

    dataset::Context context_;
    bool has_names_;
    std::vector<std::string> names_;
    std::int64_t partitions_ = 0;
    std::function<void(std::int64_t, RowSink)> push_;
};

/// The first `count` fields of a row as bytes that sort like them: a key of many columns.
struct KeyBytes {
    std::size_t count;
    std::string buffer{};

    std::string_view operator()(dataset::TableRow const& row) {
        buffer.clear();
        dataset::OrderedBytes<dataset::TextColumns>::append(buffer, {row.fields().first(count)},
                                                            false);
        return buffer;
    }
};

/// Visits the columns of such a key.
struct KeyFields {
    dataset::OrderedBytes<dataset::TextColumns>::Room room{};

    template <class Visit>
    void operator()(std::string_view bytes, Visit& visit) {
        std::size_t at = 0;
        for (std::string_view const text :
             dataset::OrderedBytes<dataset::TextColumns>::read(bytes, at, room).texts)
            visit(text);
    }
};

}  // namespace partita::cli
