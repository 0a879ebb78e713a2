#include "commands.hpp"
#include "info/description.hpp"

namespace partita {

void add_info(cli::CommandLine& line) {
    struct Options {
        std::string file;
        bool json = false;
    };
    auto const options = std::make_shared<Options>();
    cli::Command& command = line.add("info", "Show what a file holds");
    command.app.add_option("FILE", options->file, "Any file, or file.h5:/dataset")
        .required()
        .type_name("FILE");
    command.app.add_flag("--json", options->json, "As one JSON object, for programs");
    command.examples = {"partita info vectors.h5", "partita info glove.h5:/test",
                        "partita info vectors.npy --json"};
    command.run = [options](cli::Session& session) {
        auto const description = io::describe(session.world(), options->file);
        session.print("{}",
                      options->json ? info::as_json(description) : info::as_text(description));
    };
}

}  // namespace partita
