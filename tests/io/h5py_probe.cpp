// What h5py_check.py drives: writes a file with every feature of Hdf5Writer, or reads vectors and
// prints them as text.
#include "partita/comm/collectively.hpp"
#include "partita/comm/run_app.hpp"
#include "partita/core/row_range.hpp"
#include "partita/io/hdf5_writer.hpp"
#include "partita/io/ordered_text.hpp"
#include "partita/io/vector_source.hpp"

#include <string>

namespace {

using namespace partita;

void write_file(Communicator const& world, std::string const& path) {
    std::int64_t const rows = 50;
    io::Hdf5Writer file(world, path,
                        {{"neighbors", {io::Hdf5Type::int64, 0}, rows, 3},
                         {"distances", {io::Hdf5Type::float32, 0}, rows, 3},
                         {"ids", {io::Hdf5Type::text, 9}, rows, 0},
                         {"more/bytes", {io::Hdf5Type::uint8, 0}, rows, 2},
                         {"more/nothing", {io::Hdf5Type::float64, 0}, 0, 4}},
                        false);
    collectively(world, "", [&] {
        RowRange const mine = share_of(rows, world.size(), world.rank());
        for (std::int64_t i = mine.first; i < mine.last; ++i) {
            std::int64_t const neighbors[] = {i, i + 1, (std::int64_t{1} << 40) + i};
            float const distances[] = {0, 0.5f, static_cast<float>(i) / 8};
            std::uint8_t const bytes[] = {static_cast<std::uint8_t>(i), 255};
            std::string id = "pâté" + std::to_string(i);
            id.resize(9, '\0');
            file.write_rows("neighbors", i, 1, neighbors);
            file.write_rows("distances", i, 1, distances);
            file.write_rows("ids", i, 1, id.data());
            file.write_rows("more/bytes", i, 1, bytes);
        }
    });
    file.set_attribute("metric", std::string("l2 – ÿ"));
    file.set_attribute("recall", 0.9375);
    file.set_attribute("k", std::int64_t{3});
    file.set_attribute("unit", std::string("m"), "distances");
    file.add_link("neighbor_ids", "neighbors");
    file.commit();
}

void print_vectors(Communicator const& world, std::string const& spec, std::string const& out) {
    auto const source = io::VectorSource::open(world, spec);
    io::OrderedTextWriter text(world, out, true);
    std::string block;
    if (world.is_root())
        block = fmt::format("{}\t{}\n", format::to_string(source.type()),
                            source.metric_hint().value_or("none"));
    block += collectively(world, "", [&] {
        RowRange const mine = share_of(source.rows(), world.size(), world.rank());
        Matrix const rows = source.read(mine.first, mine.last);
        io::IdBlock const ids = source.ids().read(mine.first, mine.last);
        std::string lines;
        for (std::int64_t i = 0; i < mine.size(); ++i)
            lines += fmt::format("{}\t{}\n", ids.to_string(i),
                                 fmt::join(rows.row(i), rows.row(i) + source.dim(), "\t"));
        return lines;
    });
    text.write(block);
    text.commit();
}

}  // namespace

int main(int argc, char** argv) {
    return partita::run_app(argc, argv, [&](Communicator const& world) {
        if (argc == 3) write_file(world, argv[2]);
        if (argc == 4) print_vectors(world, argv[2], argv[3]);
        return 0;
    });
}
