#include "io/hdf5_ids.hpp"

#include "io/id_columns.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/error.hpp"
#include "partita/core/row_range.hpp"

#include <algorithm>

namespace partita::io {

namespace {

constexpr std::int64_t ids_block_rows = 8192;

using FilePointer = std::shared_ptr<Hdf5Reader const>;

class Hdf5Ids final : public format::IdReader {
  public:
    Hdf5Ids(FilePointer file, Hdf5DatasetInfo const& info, std::int64_t width)
        : IdReader(file->path() + ":" + info.name, {info.shape[0], info.is_text, width}),
          file_(std::move(file)),
          dataset_(info.name) {}

  private:
    void do_read_numbers(std::int64_t first, std::int64_t last, std::int64_t* out) const override {
        file_->read_rows(dataset_, first, last, format::ElementType::int64, out);
    }

    void do_read_texts(std::int64_t first, std::int64_t last, char* out) const override {
        std::fill(out, out + (last - first) * width(), '\0');
        for (std::int64_t begin = first; begin < last; begin += ids_block_rows)
            for (auto const& text :
                 file_->read_texts(dataset_, begin, std::min(begin + ids_block_rows, last))) {
                check(static_cast<std::int64_t>(text.size()) <= width(), "{}: the file has changed",
                      path());
                std::copy(text.begin(), text.end(), out);
                out += width();
            }
    }

    FilePointer file_;
    std::string dataset_;
};

std::int64_t longest_text(Hdf5Reader const& file, std::string const& dataset, RowRange rows) {
    std::int64_t longest = 1;
    for (std::int64_t first = rows.first; first < rows.last; first += ids_block_rows) {
        auto const texts =
            file.read_texts(dataset, first, std::min(first + ids_block_rows, rows.last));
        for (std::size_t i = 0; i < texts.size(); ++i) {
            check_id_text(file.path() + ":" + dataset, first + static_cast<std::int64_t>(i),
                          texts[i]);
            longest = std::max(longest, static_cast<std::int64_t>(texts[i].size()));
        }
    }
    return longest;
}

Hdf5DatasetInfo id_info(Hdf5Reader const& file, std::string const& dataset) {
    Hdf5DatasetInfo const info = file.info(dataset);
    std::string const where = file.path() + ":" + info.name;
    bool const whole = info.type && *info.type != format::ElementType::float32 &&
                       *info.type != format::ElementType::float64;
    check(info.is_text || whole, "{}: expected ids to be integers or strings, got {}", where,
          info.type_name);
    check(info.shape.size() == 1, "{}: expected ids to have 1 dimension, got {}", where,
          info.shape.size());
    return info;
}

std::string group_of(std::string const& dataset) {
    return dataset.substr(0, dataset.rfind('/') + 1);
}

}  // namespace

std::unique_ptr<format::IdReader> open_hdf5_ids(Communicator const& comm, FilePointer file,
                                                std::string const& dataset) {
    Hdf5DatasetInfo const info = collectively(comm, "", [&] { return id_info(*file, dataset); });
    std::int64_t width = 8;
    if (info.is_text) {
        RowRange const mine = share_of(info.shape[0], comm.size(), comm.rank());
        std::int64_t const here =
            collectively(comm, "", [&] { return longest_text(*file, info.name, mine); });
        width = comm.all_reduce(here, Reduce::max);
    }
    return std::make_unique<Hdf5Ids>(std::move(file), info, width);
}

std::string own_ids_dataset(Hdf5Reader const& file, std::string const& vectors, std::int64_t rows) {
    for (std::string const& name : {group_of(vectors) + "ids", std::string("/ids")}) {
        if (name == vectors || !file.has(name)) continue;
        auto const shape = file.info(name).shape;
        if (shape.size() == 1 && shape[0] == rows) return name;
    }
    return {};
}

}  // namespace partita::io
