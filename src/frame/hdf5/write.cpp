#include "frame/hdf5/write.hpp"

#include "frame/hdf5/spec.hpp"
#include "frame/stored_table.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/error.hpp"
#include "partita/dataset/gather.hpp"
#include "partita/frame/hdf5.hpp"
#include "partita/io/hdf5_writer.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

namespace partita::frame {

namespace {

/// What must be known of a column before a type can be chosen for it.
struct ColumnFacts {
    std::int64_t nulls = 0;
    std::int64_t width = 0;      ///< Of the longest text.
    std::int64_t magnitude = 0;  ///< Of the largest integer.
};

struct PartitionFacts {
    std::int64_t rows = 0;
    std::vector<ColumnFacts> columns;
};

void look_at(Column const& column, ColumnFacts& facts) {
    facts.nulls += column.null_count();
    if (column.type() == Type::text) {
        for (std::int64_t row = 0; row < column.size(); ++row)
            facts.width = std::max(facts.width, static_cast<std::int64_t>(column.text(row).size()));
    } else if (column.type() == Type::int64) {
        auto const* const values = column.values<std::int64_t>();
        constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
        for (std::int64_t row = 0; row < column.size(); ++row)
            facts.magnitude =
                std::max(facts.magnitude, values[row] < -most ? most : std::abs(values[row]));
    }
}

PartitionFacts total_of(std::vector<PartitionFacts> const& parts, std::size_t columns) {
    PartitionFacts total{0, std::vector<ColumnFacts>(columns)};
    for (PartitionFacts const& part : parts) {
        total.rows += part.rows;
        for (std::size_t c = 0; c < part.columns.size(); ++c) {
            total.columns[c].nulls += part.columns[c].nulls;
            total.columns[c].width = std::max(total.columns[c].width, part.columns[c].width);
            total.columns[c].magnitude =
                std::max(total.columns[c].magnitude, part.columns[c].magnitude);
        }
    }
    return total;
}

io::Hdf5Type type_for(Field const& field, ColumnFacts const& facts) {
    switch (field.type) {
        case Type::int64:
            check(facts.nulls == 0 || facts.magnitude <= std::int64_t{1} << 53,
                  "column '{}' has nulls beside integers that no float64 holds exactly: write CSV, "
                  "or fill in the nulls",
                  field.name);
            return {facts.nulls == 0 ? io::Hdf5Type::int64 : io::Hdf5Type::float64, 0};
        case Type::float64:
            return {io::Hdf5Type::float64, 0};
        case Type::float32:
            return {io::Hdf5Type::float32, 0};
        case Type::boolean:
            return {facts.nulls == 0 ? io::Hdf5Type::uint8 : io::Hdf5Type::float64, 0};
        case Type::timestamp:
            return {facts.nulls == 0 ? io::Hdf5Type::int64 : io::Hdf5Type::float64, 0};
        case Type::vector:
            return {io::Hdf5Type::vector, field.width};
        case Type::text:
            break;
    }
    return {io::Hdf5Type::text, std::max<std::int64_t>(facts.width, 1)};
}

std::vector<io::Hdf5Member> members_for(Schema const& schema, PartitionFacts const& facts) {
    std::vector<io::Hdf5Member> members;
    for (std::int64_t c = 0; c < schema.size(); ++c)
        members.push_back(
            {schema[c].name, type_for(schema[c], facts.columns[static_cast<std::size_t>(c)])});
    return members;
}

template <class T>
double value_or_nan(Column const& column, std::int64_t row) {
    return column.is_null(row) ? std::numeric_limits<double>::quiet_NaN()
                               : static_cast<double>(column.values<T>()[row]);
}

/// Where null marks stand, floats get NaN; other flat values go as they are.
void pack_value(Column const& column, io::Hdf5Type const& type, std::int64_t row, std::byte* out) {
    if (type.kind == io::Hdf5Type::text) {
        std::string_view const text = column.text(row);
        std::memset(out, 0, static_cast<std::size_t>(type.width));
        std::memcpy(out, text.data(), text.size());
    } else if (type.kind == io::Hdf5Type::vector && column.is_null(row)) {
        std::vector<float> const none(static_cast<std::size_t>(type.width),
                                      std::numeric_limits<float>::quiet_NaN());
        std::memcpy(out, none.data(), static_cast<std::size_t>(type.bytes()));
    } else if (type.kind == io::Hdf5Type::float64) {
        double const value =
            holds<std::int64_t>(column.type()) ? value_or_nan<std::int64_t>(column, row)
            : column.type() == Type::boolean   ? value_or_nan<std::uint8_t>(column, row)
                                               : value_or_nan<double>(column, row);
        std::memcpy(out, &value, sizeof value);
    } else if (type.kind == io::Hdf5Type::float32) {
        auto const value = static_cast<float>(value_or_nan<float>(column, row));
        std::memcpy(out, &value, sizeof value);
    } else {
        std::int64_t const bytes = type.bytes();
        std::memcpy(out, static_cast<std::byte const*>(column.raw_values()) + row * bytes,
                    static_cast<std::size_t>(bytes));
    }
}

/// Rows [first, last) of a block as compounds.
void pack_rows(Block const& block, std::vector<io::Hdf5Member> const& members, std::int64_t first,
               std::int64_t last, std::int64_t row_bytes, std::byte* out) {
    std::int64_t offset = 0;
    for (std::size_t c = 0; c < members.size(); ++c) {
        std::byte* at = out + offset;
        for (std::int64_t row = first; row < last; ++row, at += row_bytes)
            pack_value(block.columns()[c], members[c].type, row, at);
        offset += members[c].type.bytes();
    }
}

constexpr std::int64_t packed_bytes = 1 << 20;

}  // namespace

std::int64_t write_hdf5_rows(Table const& kept, std::string const& path, std::string const& object,
                             OpenHdf5 const& open) {
    dataset::Context const& context = kept.context();
    auto const columns = static_cast<std::size_t>(kept.schema().size());
    auto const facts = dataset::gather_partitions(
        kept.plan(), run_partitions(kept.plan(), "write_hdf5", [&](std::int64_t partition) {
            PartitionFacts mine{0, std::vector<ColumnFacts>(columns)};
            kept.source()->run(partition, [&](Block const& block) {
                mine.rows += block.rows();
                for (std::size_t c = 0; c < columns; ++c)
                    look_at(block.columns()[c], mine.columns[c]);
            });
            return mine;
        }));
    PartitionFacts const total = total_of(facts, columns);
    auto const members = collectively(context.comm(), path, [&] {
        check(columns > 0, "expected at least one column to write, got none");
        return members_for(kept.schema(), total);
    });
    io::Hdf5DatasetSpec const layout{object, {}, total.rows, 0, members};
    io::Hdf5Writer file = open({layout});
    std::vector<std::int64_t> next(1, 0);
    for (PartitionFacts const& part : facts) next.push_back(next.back() + part.rows);
    std::int64_t const row_bytes = layout.element_bytes();
    kept.for_each_block("write_hdf5", [&](std::int64_t partition, Block const& block) {
        std::int64_t const rows = std::max<std::int64_t>(packed_bytes / row_bytes, 1);
        Buffer<std::byte> packed(std::min(rows, block.rows()) * row_bytes);
        std::int64_t& at = next[static_cast<std::size_t>(partition)];
        for (std::int64_t first = 0; first < block.rows(); first += rows) {
            std::int64_t const last = std::min(first + rows, block.rows());
            pack_rows(block, members, first, last, row_bytes, packed.data());
            file.write_rows(object, at, last - first, packed.data());
            at += last - first;
        }
    });
    file.set_attribute("schema", kept.schema().to_text(), object);
    file.commit();
    return total.rows;
}

std::int64_t write_hdf5(Table const& table, std::string const& spec, bool overwrite,
                        std::vector<std::pair<std::string, std::string>> const& texts) {
    Communicator const& comm = table.context().comm();
    Hdf5Spec target(spec);
    if (target.object.empty()) target.object = "table";
    return write_hdf5_rows(table.cache(), target.path, target.object, [&](auto datasets) {
        for (auto const& [name, text] : texts)
            datasets.push_back({name,
                                {io::Hdf5Type::text, std::max<std::int64_t>(std::ssize(text), 1)},
                                1,
                                0,
                                {}});
        io::Hdf5Writer file(comm, target.path, datasets, overwrite);
        collectively(comm, target.path, [&] {
            if (!comm.is_root()) return;
            // An empty text takes a byte too.
            for (auto const& [name, text] : texts) file.write_rows(name, 0, 1, text.c_str());
        });
        return file;
    });
}

}  // namespace partita::frame
