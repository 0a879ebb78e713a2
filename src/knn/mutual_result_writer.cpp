#include "partita/knn/mutual_result_writer.hpp"

#include "knn/mutual_edges.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/file.hpp"
#include "partita/core/row_range.hpp"
#include "partita/io/shared_file.hpp"

#include <algorithm>
#include <utility>

namespace partita::knn {

namespace {

constexpr char const* positions_file = "graph.positions";
constexpr char const* distances_file = "graph.distances";

/// The whole graph goes to a file first; its mutual edges go on to the result.
class MutualResultWriter : public ResultWriter {
  public:
    MutualResultWriter(Communicator const& comm, ResultFormat format, io::PartialOutput& partial,
                       ResultShape const& shape, IdTable const& base_ids, QuerySet const& queries,
                       std::int64_t memory_bytes)
        : ResultWriter(comm, partial),
          format_(format),
          shape_(shape),
          base_ids_(base_ids),
          queries_(queries),
          memory_bytes_(memory_bytes),
          positions_(comm, partial, positions_file, entries() * 8),
          distances_(comm, partial, distances_file, entries() * 4) {
        partial.set_bytes(positions_file, entries() * 8);
        partial.set_bytes(distances_file, entries() * 4);
    }

    void write(std::int64_t first, io::IdBlock const& ids, Neighbors const& found) override {
        collectively(comm(), "", [&] { write_own(first, ids, found); });
    }

    void write_own(std::int64_t first, io::IdBlock const&, Neighbors const& found) override {
        std::int64_t const count = found.queries() * shape_.k;
        if (count == 0) return;
        positions_.write_at(first * shape_.k * 8, found.positions.data(), count * 8);
        distances_.write_at(first * shape_.k * 4, found.distances.data(), count * 4);
    }

    void write(std::int64_t first, io::IdBlock const& ids, NeighborRows const& found) override {
        write(first, ids, collectively(comm(), "", [&] { return padded(found, shape_.k); }));
    }

    std::int64_t bytes_per_neighbor() const override { return 0; }

    void commit() override {
        collectively(comm(), "", [&] { sync(); });  // other nodes read it
        io::SharedFile const kept(comm(), partial(), "graph.kept", entries());
        find_mutual_edges(comm(), {partial().file(positions_file), shape_.queries, shape_.k}, kept,
                          memory_bytes_);
        auto const result = make_result_writer(comm(), format_, partial(), shape_, base_ids_);
        for (auto const& [name, value] : attributes()) result->describe(name, value);
        result->describe("mutual_edges", write_mutual(*result));
        result->commit();
    }

  private:
    void sync() const override {
        positions_.sync();
        distances_.sync();
    }

    std::int64_t entries() const { return shape_.queries * shape_.k; }

    /// Returns how many edges there are.
    std::int64_t write_mutual(ResultWriter& result) const {
        std::int64_t const per_row =
            queries_.id_width() + shape_.k * (48 + result.bytes_per_neighbor());
        std::int64_t const block = comm().all_reduce(
            std::clamp<std::int64_t>(memory_bytes_ / per_row, 64, 1 << 20), Reduce::min);
        std::int64_t const round = block * comm().size();
        std::int64_t edges = 0;
        for (std::int64_t begin = 0; begin < shape_.queries; begin += round) {
            RowRange rows =
                share_of(std::min(round, shape_.queries - begin), comm().size(), comm().rank());
            rows = {rows.first + begin, rows.last + begin};
            io::IdBlock ids;
            NeighborRows const mutual = collectively(comm(), "", [&] {
                ids = queries_.ids(rows.first, rows.last);
                return read_mutual(rows);
            });
            edges += std::ssize(mutual.positions);
            result.write(rows.first, ids, mutual);
        }
        return comm().all_reduce(edges, Reduce::sum);
    }

    template <class T>
    std::vector<T> read(char const* name, RowRange rows) const {
        std::vector<T> values(static_cast<std::size_t>(rows.size() * shape_.k));
        File::open_read(partial().file(name))
            .read_at(rows.first * shape_.k * static_cast<std::int64_t>(sizeof(T)), values.data(),
                     static_cast<std::int64_t>(values.size() * sizeof(T)));
        return values;
    }

    NeighborRows read_mutual(RowRange rows) const {
        auto const positions = read<std::int64_t>(positions_file, rows);
        auto const distances = read<float>(distances_file, rows);
        auto const kept = read<std::uint8_t>("graph.kept", rows);
        NeighborRows mutual;
        for (std::size_t i = 0; i < kept.size();) {
            for (std::int64_t j = 0; j < shape_.k; ++j, ++i)
                if (kept[i] != 0) mutual.add(positions[i], distances[i]);
            mutual.end_query();
        }
        return mutual;
    }

    ResultFormat format_;
    ResultShape shape_;
    IdTable const& base_ids_;
    QuerySet const& queries_;
    std::int64_t memory_bytes_;
    io::SharedFile positions_, distances_;
};

}  // namespace

std::unique_ptr<ResultWriter> make_mutual_result_writer(
    Communicator const& comm, ResultFormat format, io::PartialOutput& partial,
    ResultShape const& shape, IdTable const& base_ids, QuerySet const& queries,
    std::int64_t memory_bytes) {
    return std::make_unique<MutualResultWriter>(comm, format, partial, shape, base_ids, queries,
                                                memory_bytes);
}

}  // namespace partita::knn
