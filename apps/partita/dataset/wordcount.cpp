#include "cli/option_kinds.hpp"
#include "commands.hpp"
#include "dataset/counted.hpp"
#include "dataset/output.hpp"
#include "dataset/tables.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/bytes.hpp"
#include "partita/dataset/read_lines.hpp"
#include "partita/format/tokenizer.hpp"
#include "partita/obs/events.hpp"

#include <fmt/ranges.h>

namespace partita {
namespace {

struct DatasetWordcountOptions {
    std::vector<std::string> texts;
    std::string pattern = "\\w+", out;
    bool lower = false;
    std::int64_t top = 20;
    std::optional<std::int64_t> block_bytes;
};

void run_dataset_wordcount(cli::Session& session, DatasetWordcountOptions const& options) {
    if (!options.out.empty()) session.check_output(options.out);
    auto const tokenizer = collectively(
        session.world(), "", [&] { return format::Tokenizer(options.pattern, options.lower); });
    dataset::Context const context = cli::make_context(session);
    dataset::ReadLinesOptions reading;
    reading.block_bytes = options.block_bytes.value_or(reading.block_bytes);
    auto const input =
        dataset::read_text(context, fmt::format("{}", fmt::join(options.texts, ",")), reading);
    obs::emit("text.open", {{"partitions", input.num_partitions()}});
    auto const counts =
        input
            .flat_map_into<std::pair<std::string_view, std::int64_t>>(
                [tokenizer = tokenizer](std::string_view text, auto&& emit) mutable {
                    tokenizer.for_each(text, [&](std::string_view word) {
                        emit(std::pair<std::string_view, std::int64_t>(word, 1));
                    });
                })
            .reduce_by_key(std::plus<std::int64_t>{});
    std::int64_t const words = counts.values().sum();
    std::int64_t const distinct = counts.count();
    if (!options.out.empty())
        cli::write_rows(session, counts.sort(more_frequent), {options.out}, {"word", "count"},
                        {io::Hdf5Type::text, io::Hdf5Type::int64}, dataset::MemberFields{});
    for (auto const& [word, count] : counts.take_ordered(options.top, more_frequent))
        session.print("{:>12}  {}\n", format_count(count), word);
    session.field("distinct", "{} of {} words", format_count(distinct), format_count(words));
    session.finish(words, "words", options.out);
}

}  // namespace

void add_wordcount(cli::CommandLine& line) {
    auto const options = std::make_shared<DatasetWordcountOptions>();
    cli::Command& command = line.add("wordcount", "Count the words of text files");
    cli::OptionSet& app = command.app;
    app.add_option("TEXT", options->texts, "Text files, folders or patterns (gzip and zstd too)")
        .required()
        .type_name("FILE")
        .takes_many();
    app.add_option("--pattern", options->pattern, "What a word is: a regular expression (RE2)")
        .group("Words");
    app.add_flag("--lower", options->lower, "Take A to Z for a to z").group("Words");
    cli::add_block_option(command, options->block_bytes);
    app.add_option("--top", options->top, "How many of the most frequent words to print")
        .check(cli::at_least(0))
        .group("Output");
    app.add_option("--out", options->out, "File for all words and their counts: .csv, .tsv or .h5")
        .type_name("FILE")
        .group("Output");
    command.examples = {"partita wordcount novels --pattern '[a-z]+' --lower",
                        "mpirun -n 4 partita wordcount 'logs/*.gz' --top 100 --out words.csv"};
    command.run = [options](cli::Session& session) { run_dataset_wordcount(session, *options); };
}

}  // namespace partita
