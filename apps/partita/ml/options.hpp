#pragma once

#include "cli/command_line.hpp"
#include "cli/context.hpp"

#include "partita/frame/csv.hpp"
#include "partita/pipeline/recipe.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace partita::cli {

/// Where rows come from and what they are made of: shared by the learning commands.
struct TableArguments {
    std::string path;
    std::string format = "auto";
    std::string separator = "auto";
    std::string header = "auto";
    std::string null_text;  ///< Fields that stand for null.
    std::string nulls = "fail";
    bool libsvm = false;  ///< Whatever the file's name.

    /// Whether the file holds sparse rows in LIBSVM's format.
    bool is_libsvm() const { return libsvm || path.ends_with(".svm") || path.ends_with(".libsvm"); }

    pipeline::Nulls null_policy() const;
    frame::CsvOptions csv_options() const;
};

/// Adds TABLE and how it is read.
void add_table_arguments(Command& command, TableArguments& arguments);
/// Adds how it is read only.
void add_read_options(Command& command, TableArguments& arguments);

/// CSV, JSON lines (.jsonl) and LIBSVM (.svm, .libsvm) files, or file.h5:/table. Collective.
frame::Table open_table(Session const& session, TableArguments const& arguments);

/// The same of any path. Collective.
frame::Table open_table(dataset::Context const& context, std::string const& path,
                        frame::CsvOptions const& options, std::string const& format = "auto");

/// "a, b,c" as three words.
std::vector<std::string> split_words(std::string const& text);

}  // namespace partita::cli
