#include "format/byte_order.hpp"
#include "format/npy_header.hpp"
#include "format/open_formats.hpp"
#include "format/shape_check.hpp"

#include "partita/core/buffer.hpp"
#include "partita/core/error.hpp"
#include "partita/core/file.hpp"

#include <algorithm>
#include <cstring>

namespace partita::format {
namespace {

/// Rows of a column-major file are gathered in blocks of this many, which keeps a block of usual
/// vectors in the cache while its columns are spread over it.
constexpr std::int64_t fortran_block_rows = 4096;

VectorShape npy_shape(File const& file, NpyHeader const& header) {
    auto const type = header.element();
    if (header.kind == 'c')
        fail("{}: expected real numbers, got complex ones ('{}')", file.path(), header.descr);
    if (header.kind == 'S' || header.kind == 'U')
        fail("{}: expected numbers, got strings ('{}')", file.path(), header.descr);
    if (!type)
        fail("{}: expected float32, float64, uint8, int32 or int64, got '{}'", file.path(),
             header.descr);
    check(header.shape.size() == 2, "{}: expected 2 dimensions, got {}: shape {}", file.path(),
          header.shape.size(), header.shape_text());
    VectorShape const shape{header.shape[0], header.shape[1], *type};
    check_not_empty(file.path(), shape);
    return shape;
}

class NpyReader final : public VectorReader {
  public:
    NpyReader(File file, NpyHeader header)
        : VectorReader(file.path(), npy_shape(file, header)),
          file_(std::move(file)),
          header_(std::move(header)) {}

  private:
    void do_read(std::int64_t first, std::int64_t last, void* out) const override {
        if (header_.fortran_order)
            read_columns(first, last, static_cast<std::byte*>(out));
        else
            file_.read_at(offset_of(first * shape().dim), out, (last - first) * row_bytes());
        if (header_.big_endian)
            swap_elements(out, (last - first) * shape().dim, size_of(shape().type));
    }

    void read_columns(std::int64_t first, std::int64_t last, std::byte* out) const {
        for (std::int64_t begin = first; begin < last; begin += fortran_block_rows) {
            std::int64_t const end = std::min(last, begin + fortran_block_rows);
            read_column_block(begin, end, out + (begin - first) * row_bytes());
        }
    }

    void read_column_block(std::int64_t begin, std::int64_t end, std::byte* out) const {
        std::int64_t const width = header_.item_bytes;
        Buffer<std::byte> column((end - begin) * width);
        for (std::int64_t j = 0; j < shape().dim; ++j) {
            file_.read_at(offset_of(j * shape().rows + begin), column.data(), column.size());
            for (std::int64_t i = 0; i < end - begin; ++i)
                std::memcpy(out + i * row_bytes() + j * width, column.data() + i * width,
                            static_cast<std::size_t>(width));
        }
    }

    std::int64_t row_bytes() const { return shape().dim * header_.item_bytes; }
    /// Where the element-th element of the file's own order is.
    std::int64_t offset_of(std::int64_t element) const {
        return header_.data_offset + element * header_.item_bytes;
    }

    File file_;
    NpyHeader header_;
};

}  // namespace

std::unique_ptr<VectorReader> open_npy(std::string const& path) {
    File file = File::open_read(path);
    NpyHeader header = read_npy_header(file);
    return std::make_unique<NpyReader>(std::move(file), std::move(header));
}

}  // namespace partita::format
