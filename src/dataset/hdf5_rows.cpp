#include "partita/dataset/hdf5_rows.hpp"

#include <algorithm>

namespace partita::dataset {

void Hdf5ColumnsShape::add(Hdf5ColumnsShape const& other) {
    rows += other.rows;
    for (std::size_t i = 0; i < widths.size(); ++i)
        widths[i] = std::max(widths[i], other.widths[i]);
}

std::vector<io::Hdf5DatasetSpec> Hdf5ColumnsShape::specs() const {
    std::vector<io::Hdf5DatasetSpec> specs;
    for (std::size_t i = 0; i < kinds.size(); ++i)
        specs.push_back({names[i], {kinds[i], widths[i]}, rows, 0});
    return specs;
}

Hdf5ColumnsBlock::Hdf5ColumnsBlock(Hdf5ColumnsShape const& shape, io::Hdf5Writer const& writer,
                                   std::int64_t first_row)
    : shape_(shape), writer_(writer), next_row_(first_row), bytes_(shape.kinds.size()) {}

void Hdf5ColumnsBlock::operator()(std::string_view text) {
    // HDF5 pads texts with zeros, so what ends in them would come back shorter.
    check(!text.ends_with('\0'), "column '{}': a text ends in a zero byte, which HDF5 cannot keep",
          shape_.names[column_]);
    auto const width = static_cast<std::size_t>(shape_.widths[column_]);
    auto& bytes = bytes_[column_++];
    bytes.insert(bytes.end(), text.begin(), text.end());
    bytes.insert(bytes.end(), width - text.size(), '\0');
}

void Hdf5ColumnsBlock::finish_row() {
    constexpr std::size_t most_bytes = 1 << 20;
    column_ = 0;
    ++rows_;
    if (std::any_of(bytes_.begin(), bytes_.end(),
                    [&](auto const& bytes) { return bytes.size() >= most_bytes; }))
        flush();
}

void Hdf5ColumnsBlock::flush() {
    for (std::size_t i = 0; i < bytes_.size(); ++i) {
        if (rows_ > 0) writer_.write_rows(shape_.names[i], next_row_, rows_, bytes_[i].data());
        bytes_[i].clear();
    }
    next_row_ += rows_;
    rows_ = 0;
}

}  // namespace partita::dataset
