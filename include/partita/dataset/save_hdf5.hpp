#pragma once

#include "partita/comm/collectively.hpp"
#include "partita/dataset/hdf5_rows.hpp"
#include "partita/dataset/ordered_file.hpp"
#include "partita/dataset/packed_items.hpp"
#include "partita/dataset/row_fields.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace partita::dataset {

/// Write elements as columns, one-dimensional datasets of an HDF5 file. Elements are kept, in
/// scratch where memory is short, while the widths of texts are found.
template <class Input, class Fields>
class SaveHdf5 {
    using T = stored_t<typename Input::Element>;

  public:
    SaveHdf5(Input const& input, Hdf5ColumnsShape shape, Fields fields)
        : input_(input),
          store_(input.context()),
          shape_(std::move(shape)),
          fields_(std::move(fields)) {}

    /// @return  How many rows there are.
    std::int64_t write(std::string const& path, SaveOptions const& options) {
        Plan const& plan = input_.plan();
        auto const shapes = run_partitions(plan, "save_hdf5",
                                           [&](std::int64_t partition) { return keep(partition); });
        collectively(plan.context.comm(), "save_hdf5", [&] {
            store_.settle({0, plan.partitions()});
        });
        std::vector<std::int64_t> starts{0};
        for (Hdf5ColumnsShape const& shape : gather_partitions(plan, shapes)) {
            starts.push_back(starts.back() + shape.rows);
            shape_.add(shape);
        }
        io::Hdf5Writer writer(plan.context.comm(), path, shape_.specs(), options.overwrite);
        std::vector<std::int64_t> const local = plan.local_partitions();
        collectively(plan.context.comm(), "", [&] {
            plan.context.parallel_for(
                {0, static_cast<std::int64_t>(local.size())}, [&](std::int64_t i) {
                    std::int64_t const partition = local[static_cast<std::size_t>(i)];
                    write_partition(writer, partition, starts[static_cast<std::size_t>(partition)]);
                });
        });
        writer.commit();
        return starts.back();
    }

  private:
    Hdf5ColumnsShape keep(std::int64_t partition) {
        Hdf5ColumnsShape shape = shape_;
        Fields fields = fields_;
        PartitionAppender<T> out(
            store_, partition, partition,
            std::min<std::int64_t>(1 << 20, writer_chunk_bytes(store_.context())));
        input_.push()(partition, [&](auto const& item) {
            auto measure = shape.row();
            fields(item, measure);
            measure.finish();
            out.add(to_stored(item));
        });
        out.flush();
        return shape;
    }

    void write_partition(io::Hdf5Writer const& writer, std::int64_t partition,
                         std::int64_t first_row) const {
        Hdf5ColumnsBlock block(shape_, writer, first_row);
        Fields fields = fields_;
        std::vector<T> unpacked;
        store_.for_each_piece(partition, [&](std::span<std::byte const> bytes) {
            for_each_block<T>(bytes, unpacked, [&](Block<T> items) {
                for (T const& item : items) {
                    fields(item, block);
                    block.finish_row();
                }
            });
        });
        block.flush();
    }

    Input const& input_;
    PieceStore store_;
    Hdf5ColumnsShape shape_;
    Fields fields_;
};

/// The columns that elements of type T become.
template <class T>
std::vector<io::Hdf5Type::Kind> hdf5_kinds(std::vector<std::string> const& names) {
    std::vector<io::Hdf5Type::Kind> kinds, with_a_text;
    detail::add_column_kinds<T>(kinds, 0);
    detail::add_column_kinds<T>(with_a_text, 1);
    if (with_a_text.size() > kinds.size() && names.size() > kinds.size()) {
        auto const texts = static_cast<std::int64_t>(names.size() - kinds.size());
        kinds.clear();
        detail::add_column_kinds<T>(kinds, texts);
    }
    return kinds;
}

/// @param kinds   Of the columns.
/// @param fields  fields(element, visit) calls visit for each field of the element's row.
template <class Input, class Fields = MemberFields>
std::int64_t save_hdf5(Input const& input, std::string const& path,
                       std::vector<std::string> const& names,
                       std::vector<io::Hdf5Type::Kind> const& kinds, SaveOptions const& options,
                       Fields fields = {}) {
    collectively(input.context().comm(), "save_hdf5", [&] {
        check(kinds.size() == names.size(), "expected {} names of columns, got {}", kinds.size(),
              names.size());
    });
    return SaveHdf5<Input, Fields>(input, {names, kinds}, std::move(fields)).write(path, options);
}

}  // namespace partita::dataset
