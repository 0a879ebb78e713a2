#include "partita/dataset/csv_rows.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/comm/on_root.hpp"
#include "partita/core/suggest.hpp"
#include "partita/format/text_row.hpp"

#include <algorithm>

namespace partita::dataset {

CsvRows::CsvRows(Context const& context, std::string const& paths, ReadCsvOptions const& options)
    : blocks_(context, paths, options.partitions, options.block_bytes, ""),
      has_header_(options.header),
      delimiter_(options.delimiter) {
    std::string line;
    on_root(context.comm(), [&] {
        // Files without a line, such as a job's empty parts, say nothing of the columns.
        for (std::int64_t file = 0; file < blocks_.files() && line.empty(); ++file)
            line = blocks_.first_line(file);
    });
    line = context.comm().broadcast(std::move(line));
    collectively(context.comm(), "", [&] {
        check(!line.empty(), "{}: expected at least one line", paths);
        if (delimiter_ == 0) delimiter_ = format::find_row_delimiter(line);
        format::RowSplitter splitter(delimiter_);
        check(splitter.split(line), "{}: line 1: a quoted text does not end on its line",
              blocks_.path(0));
        for (std::string_view const name : splitter.fields())
            all_names_.push_back(has_header_ ? std::string(name)
                                             : std::to_string(all_names_.size() + 1));
        choose(options.columns);
    });
}

void CsvRows::choose(std::vector<std::string> const& wanted) {
    names_ = wanted.empty() ? all_names_ : wanted;
    for (std::string const& name : names_) {
        auto const found = std::find(all_names_.begin(), all_names_.end(), name);
        bool const is_there = found != all_names_.end();
        if (has_header_)
            check(is_there, "{}: no column is named '{}'{}", blocks_.path(0), name,
                  is_there ? "" : did_you_mean(name, all_names_));
        else
            check(is_there,
                  "{}: expected the number of a column from 1 to {} (the file has no header), got "
                  "'{}'",
                  blocks_.path(0), all_names_.size(), name);
        chosen_.push_back(static_cast<std::size_t>(found - all_names_.begin()));
    }
    takes_all_ = names_ == all_names_;
}

void CsvRows::check_header(LinePlace const& place, std::span<std::string_view const> fields) const {
    check(std::equal(fields.begin(), fields.end(), all_names_.begin(), all_names_.end()),
          "{}: expected the columns that {} has", blocks_.path(place.file), blocks_.path(0));
}

std::string CsvRows::where(LinePlace const& place, std::int64_t column) const {
    std::string text = blocks_.place_text(place);
    if (column < 0) return text;
    std::string const& name = names_[static_cast<std::size_t>(column)];
    return text + (has_header_ ? ", column '" + name + "'" : ", column " + name);
}

void CsvRows::for_each_row(std::int64_t partition, FunctionRef<void(TableRow const&)> visit) const {
    format::RowSplitter splitter(delimiter_);
    std::vector<std::string_view> row(chosen_.size());
    blocks_.for_each_placed_line(partition, [&](std::string_view line, LinePlace const& place) {
        if (line.empty()) return;
        bool const ends = splitter.split(line);
        auto const fields = splitter.fields();
        if (!ends) fail("{}: a quoted text does not end on its line", blocks_.place_text(place));
        if (has_header_ && place.is_first) return check_header(place, fields);
        if (fields.size() != all_names_.size()) [[unlikely]]
            fail("{}: expected {} columns, got {}", blocks_.place_text(place), all_names_.size(),
                 fields.size());
        auto const where_in_row = [&](std::int64_t column) { return where(place, column); };
        if (takes_all_) return visit(TableRow(fields, where_in_row));
        for (std::size_t i = 0; i < chosen_.size(); ++i) row[i] = fields[chosen_[i]];
        visit(TableRow(row, where_in_row));
    });
}

}  // namespace partita::dataset
