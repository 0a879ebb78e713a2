#include "knn/csr_result_writer.hpp"

#include "knn/hdf5_values.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/buffer.hpp"
#include "partita/core/file.hpp"
#include "partita/core/row_range.hpp"
#include "partita/io/hdf5_writer.hpp"
#include "partita/io/ordered_text.hpp"
#include "partita/io/run_spool.hpp"

#include <cstring>
#include <span>
#include <string_view>
#include <vector>

namespace partita::knn {

namespace {

constexpr std::int64_t copied_block_bytes = 4 << 20;

template <class T>
std::string_view bytes_of(std::vector<T> const& values) {
    return {reinterpret_cast<char const*>(values.data()), values.size() * sizeof(T)};
}

/// How many neighbours there are is known at the end only, and HDF5 wants sizes first: until then
/// each array grows in a file of its own, and is copied into its place at the end, by all ranks.
class CsrResultWriter : public ResultWriter {
  public:
    CsrResultWriter(Communicator const& comm, io::PartialOutput& partial, ResultShape const& shape)
        : ResultWriter(comm, partial),
          shape_(shape),
          ids_(comm, partial, "ids"),
          indptr_(comm, partial, "indptr"),
          indices_(comm, partial, "indices"),
          data_(comm, partial, "data"),
          own_ids_(comm, partial, "ids"),
          own_indptr_(comm, partial, "indptr"),
          own_indices_(comm, partial, "indices"),
          own_data_(comm, partial, "data") {}

    void write(std::int64_t first, io::IdBlock const& query_ids, Neighbors const& found) override {
        write(first, query_ids, collectively(comm(), "", [&] { return without_padding(found); }));
    }

    void write(std::int64_t, io::IdBlock const& query_ids, NeighborRows const& found) override {
        std::int64_t const before = entries() + comm().exclusive_sum(std::ssize(found.positions));
        std::vector<std::int64_t> ends = found.ends;
        for (std::int64_t& end : ends) end += before;
        ids_.write(id_bytes(query_ids));
        indptr_.write(bytes_of(ends));
        indices_.write(bytes_of(found.positions));
        data_.write(bytes_of(found.distances));
    }

    void write_own(std::int64_t first, io::IdBlock const& query_ids,
                   Neighbors const& found) override {
        NeighborRows const rows = without_padding(found);
        own_ids_.keep(first, id_bytes(query_ids));
        own_indptr_.keep(first, bytes_of(rows.ends));
        own_indices_.keep(first, bytes_of(rows.positions));
        own_data_.keep(first, bytes_of(rows.distances));
    }

    void settle() override {
        own_ids_.append_to(ids_);
        auto const places = own_indices_.append_to(indices_);
        own_data_.append_to(data_);
        // Rows end where they do in their run, and before that comes what other runs hold.
        own_indptr_.append_to(indptr_, [&](std::size_t run, std::span<std::byte> ends) {
            for (std::size_t i = 0; i < ends.size(); i += 8) {
                std::int64_t end = 0;
                std::memcpy(&end, &ends[i], 8);
                end += places[run] / 8;
                std::memcpy(&ends[i], &end, 8);
            }
        });
    }

    /// Without padding.
    std::int64_t bytes_per_neighbor() const override { return 12; }

    void commit() override {
        for (auto* own : {&own_ids_, &own_indptr_, &own_indices_, &own_data_}) own->close();
        collectively(comm(), "", [&] { sync(); });  // other nodes read it
        constexpr std::int64_t zero = 0;
        std::int64_t const shape[] = {shape_.queries, shape_.base_rows};
        io::Hdf5Writer file(comm(), partial(), "result.h5", datasets());
        collectively(comm(), "", [&] {
            if (comm().is_root()) {
                file.write_rows("indptr", 0, 1, &zero);
                file.write_rows("shape", 0, 2, shape);
            }
            copy_share(file, "ids", 0, shape_.queries, shape_.query_id_width);
            copy_share(file, "indptr", 1, shape_.queries, 8);
            copy_share(file, "indices", 0, entries(), 8);
            copy_share(file, "data", 0, entries(), 4);
        });
        set_attributes(file, attributes());
        file.commit();
    }

  private:
    void sync() const override {
        for (auto const* file : {&ids_, &indptr_, &indices_, &data_}) file->sync();
    }

    std::int64_t entries() const { return indices_.bytes() / 8; }

    std::vector<io::Hdf5DatasetSpec> datasets() const {
        return {{"ids", id_type(shape_.query_ids, shape_.query_id_width), shape_.queries, 0},
                {"indptr", {io::Hdf5Type::int64, 0}, shape_.queries + 1, 0},
                {"indices", {io::Hdf5Type::int64, 0}, entries(), 0},
                {"data", {io::Hdf5Type::float32, 0}, entries(), 0},
                {"shape", {io::Hdf5Type::int64, 0}, 2, 0}};
    }

    /// This rank's share of an array's `count` elements, to the dataset of the same name from
    /// element `first` on.
    void copy_share(io::Hdf5Writer const& to, std::string const& name, std::int64_t first,
                    std::int64_t count, std::int64_t element_bytes) const {
        RowRange const share = share_of(count, comm().size(), comm().rank());
        File const from = File::open_read(partial().file(name));
        std::int64_t const step = std::max<std::int64_t>(copied_block_bytes / element_bytes, 1);
        Buffer<std::byte> block(std::min(step, share.size()) * element_bytes);
        for (std::int64_t begin = share.first; begin < share.last; begin += step) {
            std::int64_t const size = std::min(step, share.last - begin);
            from.read_at(begin * element_bytes, block.data(), size * element_bytes);
            to.write_rows(name, first + begin, size, block.data());
        }
    }

    ResultShape shape_;
    io::OrderedTextWriter ids_, indptr_, indices_, data_;
    io::RunSpool own_ids_, own_indptr_, own_indices_,
        own_data_;  ///< Of what this rank found itself.
};

}  // namespace

std::unique_ptr<ResultWriter> make_csr_result_writer(Communicator const& comm,
                                                     io::PartialOutput& partial,
                                                     ResultShape const& shape) {
    return std::make_unique<CsrResultWriter>(comm, partial, shape);
}

}  // namespace partita::knn
