#include "frame/hdf5/spec.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/error.hpp"
#include "partita/core/row_range.hpp"
#include "partita/frame/column_builder.hpp"
#include "partita/frame/hdf5.hpp"
#include "partita/io/hdf5_reader.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <mutex>
#include <numeric>

namespace partita::frame {

namespace {

constexpr std::int64_t partition_bytes = 4 << 20, block_bytes = 256 << 10;

/// How one column lies in the file, and how it is read.
struct StoredColumn {
    std::string dataset;    ///< Of its own; "" = a member of the compounds.
    io::Hdf5Member member;  ///< Its name in the file, and the type in memory.
    bool variable_text = false;
};

struct StoredLayout {
    std::string path, records;  ///< The dataset of compounds, if it is one.
    std::vector<StoredColumn> columns;
    std::vector<Field> fields;
    std::int64_t rows = 0;

    std::int64_t row_bytes() const {
        std::int64_t bytes = 0;
        for (StoredColumn const& column : columns) bytes += column.member.type.bytes();
        return std::max<std::int64_t>(bytes, 8);
    }
};

io::Hdf5Type memory_type_for(std::string const& where, std::optional<format::ElementType> type,
                             bool is_text, std::int64_t width, std::string const& type_name) {
    if (is_text) return {io::Hdf5Type::text, width};
    check(type.has_value(), "{}: expected numbers or strings, got {}", where, type_name);
    switch (*type) {
        case format::ElementType::float32:
            return {io::Hdf5Type::float32, 0};
        case format::ElementType::float64:
            return {io::Hdf5Type::float64, 0};
        default:
            return {io::Hdf5Type::int64, 0};
    }
}

Type frame_type(io::Hdf5Type const& type) {
    switch (type.kind) {
        case io::Hdf5Type::text:
            return Type::text;
        case io::Hdf5Type::float32:
            return Type::float32;
        case io::Hdf5Type::float64:
            return Type::float64;
        case io::Hdf5Type::vector:
            return Type::vector;
        case io::Hdf5Type::bits8:
            return Type::boolean;
        default:
            return Type::int64;
    }
}

Field field_of(std::string const& name, io::Hdf5Type const& type, std::string_view type_name) {
    if (type_name == "bool") return {name, Type::boolean};
    return {name, frame_type(type), type.kind == io::Hdf5Type::vector ? type.width : 0};
}

void add_members(io::Hdf5DatasetInfo const& info, StoredLayout& layout) {
    check(info.shape.size() == 1, "{}:{}: expected 1 dimension, got {}", layout.path, info.name,
          info.shape.size());
    layout.records = info.name;
    layout.rows = info.shape[0];
    for (io::Hdf5MemberInfo const& member : info.members) {
        std::string const where = layout.path + ":" + info.name + ", member '" + member.name + "'";
        io::Hdf5Type const type =
            member.vector_width > 0 ? io::Hdf5Type{io::Hdf5Type::vector, member.vector_width}
            : member.type_name == "bitfield"
                ? io::Hdf5Type{io::Hdf5Type::bits8, 0}
                : memory_type_for(where, member.type, member.is_text,
                                  std::max<std::int64_t>(member.text_width, 1), member.type_name);
        layout.columns.push_back(
            {"", {member.name, type}, member.is_text && member.text_width == 0});
        layout.fields.push_back(field_of(member.name, type, member.type_name));
    }
}

/// Whether a dataset can be a column: of one dimension, or of two with rows of numbers.
bool is_column(io::Hdf5DatasetInfo const& info) {
    return info.shape.size() == 1 || (info.shape.size() == 2 && info.type && info.shape[1] > 0);
}

/// The datasets right within `group` as columns.
void add_datasets(std::vector<io::Hdf5DatasetInfo> const& all, std::string const& group,
                  StoredLayout& layout) {
    std::string const prefix = group.empty() ? "/" : "/" + group + "/";
    layout.rows = -1;
    for (io::Hdf5DatasetInfo const& info : all) {
        if (!info.name.starts_with(prefix)) continue;
        std::string const name = info.name.substr(prefix.size());
        if (name.find('/') != std::string::npos || !is_column(info)) continue;
        std::string const where = layout.path + ":" + info.name;
        if (layout.rows < 0) layout.rows = info.shape[0];
        check(info.shape[0] == layout.rows, "{}: expected {} rows as '{}' has, got {}", where,
              layout.rows, layout.fields.front().name, info.shape[0]);
        io::Hdf5Type const type =
            info.shape.size() == 2
                ? io::Hdf5Type{io::Hdf5Type::vector, info.shape[1]}
                : memory_type_for(where, info.type, info.is_text,
                                  std::max<std::int64_t>(info.text_width, 1), info.type_name);
        layout.columns.push_back({info.name, {name, type}, info.is_text});
        layout.fields.push_back(field_of(name, type, info.type_name));
    }
    check(!layout.columns.empty(),
          "{}: expected a table, or columns of one or two dimensions in '{}', got none",
          layout.path, prefix);
}

/// The types that the table had when this library wrote it.
void restore_types(io::Hdf5Reader const& file, StoredLayout& layout) {
    auto const text = file.text_attribute(layout.records, "schema");
    if (!text) return;
    Schema const written = Schema::parse(*text);
    for (Field& field : layout.fields)
        if (auto const at = written.find(field.name)) field = written[*at];
}

/// What pandas' to_hdf wrote is a group. Of its layouts, the one with a member for each column can
/// be read; the others pack columns of one type into arrays, whose names Python alone understands.
/// @returns the dataset of compounds to read, or "" when there is not one that pandas wrote.
std::string pandas_records(io::Hdf5Reader const& file, Hdf5Spec const& spec,
                           std::vector<io::Hdf5DatasetInfo> const& all) {
    std::string const wanted = "/" + spec.object;
    std::vector<std::string> found;
    for (io::Hdf5DatasetInfo const& info : all) {
        std::string const group = info.name.substr(0, info.name.rfind('/'));
        if (!spec.object.empty() && group != wanted && info.name != wanted) continue;
        auto const kind = file.text_attribute(group.empty() ? "/" : group, "pandas_type");
        if (!kind || !kind->starts_with("frame")) continue;
        bool const packed = std::any_of(
            info.members.begin(), info.members.end(),
            [](auto const& member) { return member.name.starts_with("values_block_"); });
        check(*kind == "frame_table" && !packed,
              "{}:{}: expected a table with a member for each column, got pandas' packed columns: "
              "write it with to_hdf(..., format='table', data_columns=True)",
              spec.path, group);
        if (!info.members.empty()) found.push_back(info.name);
    }
    return found.size() == 1 ? found.front() : "";
}

StoredLayout find_layout(Hdf5Spec const& spec) {
    io::Hdf5Reader const file(spec.path);
    StoredLayout layout;
    layout.path = spec.path;
    auto const all = file.datasets();
    std::string const pandas = pandas_records(file, spec, all);
    std::string const object = pandas.empty() ? spec.object : pandas;
    if (!object.empty() && file.has(object)) {
        io::Hdf5DatasetInfo const info = file.info(object);
        check(!info.members.empty(), "{}:{}: expected a dataset of compounds, got {}", spec.path,
              info.name, info.type_name);
        add_members(info, layout);
        restore_types(file, layout);
        return layout;
    }
    std::vector<io::Hdf5DatasetInfo> tables;
    for (auto const& info : all)
        if (!info.members.empty()) tables.push_back(info);
    if (spec.object.empty() && tables.size() == 1) {
        add_members(tables.front(), layout);
        restore_types(file, layout);
    } else {
        check(!spec.object.empty() || tables.size() < 2,
              "{}: expected one table, got {}: name one, as in {}:{}", spec.path, tables.size(),
              spec.path, tables.empty() ? "" : tables.front().name);
        add_datasets(all, spec.object, layout);
    }
    return layout;
}

/// Values of one column of packed rows, as what the field says.
Column unpack(Field const& field, io::Hdf5Type const& stored, std::byte const* first,
              std::int64_t stride, std::int64_t rows) {
    ColumnBuilder column(field);
    column.reserve(rows);
    for (std::int64_t row = 0; row < rows; ++row) {
        std::byte const* const at = first + row * stride;
        if (stored.kind == io::Hdf5Type::vector) {
            std::vector<float> numbers(static_cast<std::size_t>(stored.width));
            std::memcpy(numbers.data(), at, 4 * numbers.size());
            column.append_vector(numbers);
            continue;
        }
        if (stored.kind == io::Hdf5Type::text) {
            auto const* const text = reinterpret_cast<char const*>(at);
            column.append_text({text, ::strnlen(text, static_cast<std::size_t>(stored.width))});
            continue;
        }
        std::int64_t integer = 0;
        double real = 0;
        if (stored.kind == io::Hdf5Type::int64)
            std::memcpy(&integer, at, sizeof integer);
        else if (stored.kind == io::Hdf5Type::bits8)
            integer = std::to_integer<std::int64_t>(*at);
        else if (stored.kind == io::Hdf5Type::float64)
            std::memcpy(&real, at, sizeof real);
        bool const is_real = stored.kind == io::Hdf5Type::float64;
        if (field.type == Type::float64)
            column.append(real);
        else if (field.type == Type::float32) {
            float value = 0;
            std::memcpy(&value, at, sizeof value);
            column.append(value);
        } else if (is_real && std::isnan(real))
            column.append_null();
        else if (field.type == Type::boolean)
            column.append(static_cast<std::uint8_t>(is_real ? real != 0 : integer != 0));
        else
            column.append(is_real ? static_cast<std::int64_t>(real) : integer);
    }
    return column.finish();
}

Column texts_of(std::vector<std::string> const& values) {
    ColumnBuilder texts(Type::text);
    for (std::string const& text : values) texts.append_text(text);
    return texts.finish();
}

class Hdf5Source final : public BlockSource {
  public:
    Hdf5Source(std::shared_ptr<StoredLayout const> layout, std::shared_ptr<Schema const> schema,
               std::vector<std::int64_t> columns, std::int64_t partitions)
        : layout_(std::move(layout)),
          schema_(std::move(schema)),
          columns_(std::move(columns)),
          partitions_(partitions) {}

    void run(std::int64_t partition, BlockSink sink) const override {
        io::Hdf5Reader const file(layout_->path);
        RowRange const mine = share_of(layout_->rows, partitions_, partition);
        std::int64_t const rows = std::max<std::int64_t>(block_bytes / layout_->row_bytes(), 1);
        for (std::int64_t first = mine.first; first < mine.last; first += rows) {
            std::int64_t const last = std::min(first + rows, mine.last);
            sink(layout_->records.empty() ? read_columns(file, first, last)
                                          : read_records(file, first, last));
        }
    }

    std::shared_ptr<BlockSource const> select(
        std::span<std::int64_t const> columns) const override {
        std::vector<std::int64_t> fewer;
        for (std::int64_t const column : columns)
            fewer.push_back(columns_[static_cast<std::size_t>(column)]);
        return std::make_shared<Hdf5Source>(
            layout_, std::make_shared<Schema const>(schema_->select(columns)), std::move(fewer),
            partitions_);
    }

  private:
    StoredColumn const& stored(std::int64_t i) const {
        return layout_->columns[static_cast<std::size_t>(columns_[static_cast<std::size_t>(i)])];
    }

    Block read_records(io::Hdf5Reader const& file, std::int64_t first, std::int64_t last) const {
        std::vector<io::Hdf5Member> members;
        std::int64_t row_bytes = 0;
        for (std::int64_t i = 0; i < schema_->size(); ++i) {
            if (stored(i).variable_text) continue;
            members.push_back(stored(i).member);
            row_bytes += members.back().type.bytes();
        }
        Buffer<std::byte> packed((last - first) * row_bytes);
        if (!members.empty())
            file.read_records(layout_->records, first, last, members, packed.data());
        std::vector<Column> columns;
        std::int64_t offset = 0;
        for (std::int64_t i = 0; i < schema_->size(); ++i) {
            io::Hdf5Type const& type = stored(i).member.type;
            if (stored(i).variable_text) {
                columns.push_back(texts_of(
                    file.read_member_texts(layout_->records, stored(i).member.name, first, last)));
                continue;
            }
            columns.push_back(
                unpack((*schema_)[i], type, packed.data() + offset, row_bytes, last - first));
            offset += type.bytes();
        }
        return {schema_, std::move(columns), last - first};
    }

    Block read_columns(io::Hdf5Reader const& file, std::int64_t first, std::int64_t last) const {
        std::vector<Column> columns;
        for (std::int64_t i = 0; i < schema_->size(); ++i) {
            StoredColumn const& column = stored(i);
            if (column.variable_text) {
                columns.push_back(texts_of(file.read_texts(column.dataset, first, last)));
                continue;
            }
            std::int64_t const bytes = column.member.type.bytes();
            Buffer<std::byte> values((last - first) * bytes);
            auto const as = column.member.type.kind == io::Hdf5Type::float32 ||
                                    column.member.type.kind == io::Hdf5Type::vector
                                ? format::ElementType::float32
                            : column.member.type.kind == io::Hdf5Type::float64
                                ? format::ElementType::float64
                                : format::ElementType::int64;
            file.read_rows(column.dataset, first, last, as, values.data());
            columns.push_back(
                unpack((*schema_)[i], column.member.type, values.data(), bytes, last - first));
        }
        return {schema_, std::move(columns), last - first};
    }

    std::shared_ptr<StoredLayout const> layout_;
    std::shared_ptr<Schema const> schema_;
    std::vector<std::int64_t> columns_;
    std::int64_t partitions_;
};

}  // namespace

Table read_hdf5(dataset::Context const& context, std::string const& spec) {
    auto const layout = std::make_shared<StoredLayout const>(
        collectively(context.comm(), "", [&] { return find_layout(Hdf5Spec(spec)); }));
    auto const schema = collectively(context.comm(), layout->path, [&] {
        return std::make_shared<Schema const>(layout->fields);
    });
    std::int64_t const partitions =
        std::max<std::int64_t>(layout->rows * layout->row_bytes() / partition_bytes, 1);
    std::vector<std::int64_t> columns(layout->columns.size()), counts;
    std::iota(columns.begin(), columns.end(), std::int64_t{0});
    for (std::int64_t p = 0; p < partitions; ++p)
        counts.push_back(share_of(layout->rows, partitions, p).size());
    auto source = std::make_shared<Hdf5Source>(layout, schema, std::move(columns), partitions);
    return {dataset::Plan{context, {partitions}, {}, "read_hdf5", {}}, schema, std::move(source),
            std::move(counts)};
}

}  // namespace partita::frame
