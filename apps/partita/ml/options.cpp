#include "ml/options.hpp"

#include "cli/option_kinds.hpp"

#include "partita/frame/csv.hpp"
#include "partita/frame/hdf5.hpp"
#include "partita/frame/json_lines.hpp"
#include "partita/frame/libsvm.hpp"

namespace partita::cli {

pipeline::Nulls TableArguments::null_policy() const {
    return nulls == "drop" ? pipeline::Nulls::drop : pipeline::Nulls::fail;
}

void add_table_arguments(Command& command, TableArguments& arguments) {
    OptionSet& app = command.app;
    app.add_option("TABLE", arguments.path, "CSV, .jsonl or .svm file, or file.h5:/table")
        .required()
        .type_name("FILE");
    add_read_options(command, arguments);
    app.add_flag("--libsvm", arguments.libsvm,
                 "The file is in LIBSVM's format, as .svm and .libsvm files are")
        .group("Input");
    add_choice(app, "--nulls", arguments.nulls, {"fail", "drop"},
               "Rows where a number is missing: an error, or left out")
        .group("Input");
}

void add_read_options(Command& command, TableArguments& arguments) {
    OptionSet& app = command.app;
    add_choice(app, "--format", arguments.format, {"auto", "csv", "json-lines", "libsvm", "hdf5"},
               "Of the table; auto: by its name's ending")
        .group("Input");
    add_choice(app, "--separator", arguments.separator,
               {"auto", "comma", "tab", "semicolon", "bar", "blanks"},
               "Between the fields of a CSV file")
        .group("Input");
    add_choice(app, "--header", arguments.header, {"auto", "yes", "no"},
               "Whether a CSV file's first line names columns (else c1, c2, ...)")
        .group("Input");
    app.add_option("--null", arguments.null_text, "Text that stands for null, such as NA")
        .group("Input");
}

frame::CsvOptions TableArguments::csv_options() const {
    frame::CsvOptions options;
    if (header != "auto") options.header = header == "yes";
    if (!null_text.empty()) options.nulls = {null_text};
    if (separator == "comma") options.separator = ',';
    if (separator == "tab") options.separator = '\t';
    if (separator == "semicolon") options.separator = ';';
    if (separator == "bar") options.separator = '|';
    if (separator == "blanks") options.separator = ' ';
    return options;
}

namespace {

/// What a path's ending says: "hdf5", "json-lines", "libsvm" or "csv".
std::string format_of(std::string_view path) {
    if (path.find(".h5:") != std::string_view::npos) return "hdf5";
    for (std::string_view const compressed : {".gz", ".zst"})
        if (path.ends_with(compressed)) path.remove_suffix(compressed.size());
    std::pair<char const*, char const*> constexpr endings[] = {
        {".h5", "hdf5"},           {".hdf5", "hdf5"},  {".jsonl", "json-lines"},
        {".ndjson", "json-lines"}, {".svm", "libsvm"}, {".libsvm", "libsvm"}};
    for (auto const& [ending, format] : endings)
        if (path.ends_with(ending)) return format;
    return "csv";
}

}  // namespace

frame::Table open_table(dataset::Context const& context, std::string const& path,
                        frame::CsvOptions const& options, std::string const& format) {
    std::string const kind = format == "auto" ? format_of(path) : format;
    if (kind == "hdf5") return frame::read_hdf5(context, path);
    if (kind == "libsvm") return frame::read_libsvm(context, path);
    if (kind != "json-lines") return frame::read_csv(context, path, options);
    frame::JsonLinesOptions json;
    json.schema = options.schema;
    return frame::read_json_lines(context, path, json);
}

frame::Table open_table(Session const& session, TableArguments const& arguments) {
    return open_table(make_context(session), arguments.path, arguments.csv_options(),
                      arguments.format);
}

std::vector<std::string> split_words(std::string const& text) {
    std::vector<std::string> words;
    std::string word;
    for (char const c : text + ',') {
        if (c != ',') {
            if (c != ' ' || !word.empty()) word += c;
            continue;
        }
        while (!word.empty() && word.back() == ' ') word.pop_back();
        if (!word.empty()) words.push_back(std::move(word));
        word.clear();
    }
    return words;
}

}  // namespace partita::cli
