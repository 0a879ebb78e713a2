// Columns of different units brought to one scale, then clustered:
// rescale_then_cluster TABLE COLUMN COLUMN CLUSTERS OUT.csv
#include "rescale_then_cluster.hpp"

#include <partita/comm/collectively.hpp>
#include <partita/comm/run_app.hpp>
#include <partita/frame/csv.hpp>

int main(int argc, char** argv) {
    using namespace partita;
    return run_app(argc, argv, [&](Communicator const& world) {
        check_everywhere(argc == 6,
                         "usage: rescale_then_cluster TABLE COLUMN COLUMN CLUSTERS OUT.csv");
        dataset::Context const context(world);
        frame::Table const table = frame::read_csv(context, argv[1]);
        frame::write_csv(rescale_then_cluster(table, {argv[2], argv[3]}, std::atoi(argv[4])),
                         argv[5], {.overwrite = true});
        return 0;
    });
}
