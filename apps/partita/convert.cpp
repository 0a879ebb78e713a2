#include "partita/io/convert.hpp"

#include "commands.hpp"
#include "knn/options.hpp"

#include "partita/core/bytes.hpp"

namespace partita {
namespace {

struct ConvertOptions {
    std::string from, to;
    cli::ReadArguments read;
};

void run_convert(cli::Session& session, ConvertOptions const& options) {
    session.check_output(options.to);
    auto const source =
        io::VectorSource::open(session.world(), options.from, options.read.options());
    auto const written = io::convert(session.world(), source, options.to,
                                     {session.overwrite(), session.memory().per_rank_bytes / 2});
    bool const same = written.shape.type == source.type();
    session.field("converted", "{} x {} {}{}", format_count(source.rows()), source.dim(),
                  to_string(source.type()), same ? "" : " to " + to_string(written.shape.type));
    if (!written.ids_path.empty()) session.field("ids", "{}", written.ids_path);
    session.finish(source.rows(), "vectors", written.path);
}

}  // namespace

void add_convert(cli::CommandLine& line) {
    auto const options = std::make_shared<ConvertOptions>();
    cli::Command& command = line.add("convert", "Copy vectors from one file format to another");
    command.app.add_option("FROM", options->from, "Vector file, or file.h5:/dataset")
        .required()
        .type_name("FILE");
    command.app.add_option("TO", options->to, "Vector file to write, in the format of its name")
        .required()
        .type_name("FILE");
    cli::add_read_arguments(command, options->read);
    command.examples = {"partita convert vectors.csv vectors.npy",
                        "partita convert glove.h5:/train glove.fvecs",
                        "mpirun -n 4 partita convert big.fbin big.h5:/vectors --overwrite"};
    command.run = [options](cli::Session& session) { run_convert(session, *options); };
}

}  // namespace partita
