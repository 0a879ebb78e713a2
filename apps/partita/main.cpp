#include "commands.hpp"

#include "partita/comm/run_app.hpp"

int main(int argc, char** argv) {
    using namespace partita;
    return run_app(argc, argv, [&](Communicator const& world) {
        cli::CommandLine line;
        line.describe_group("knn", "Find nearest neighbours");
        add_completion(line);
        return line.run(world, argc, argv);
    });
}
