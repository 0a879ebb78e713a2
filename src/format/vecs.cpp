#include "format/byte_order.hpp"
#include "format/open_formats.hpp"
#include "format/shape_check.hpp"

#include "partita/core/buffer.hpp"
#include "partita/core/error.hpp"
#include "partita/core/file.hpp"

#include <algorithm>
#include <cstring>

namespace partita::format {
namespace {

constexpr std::int64_t dim_bytes = 4;  // each row starts with its dimension, an int32
constexpr std::int64_t vecs_block_bytes = 1 << 20;

std::int64_t stored_row_bytes(VectorShape const& shape) {
    return dim_bytes + shape.dim * static_cast<std::int64_t>(size_of(shape.type));
}

/// The first row's dimension and the file's length tell the shape.
VectorShape vecs_shape(File const& file, ElementType type) {
    std::byte start[dim_bytes];
    std::int64_t const bytes = file.size();
    check(bytes > 0, "{}: expected at least one row, got an empty file", file.path());
    check(bytes >= dim_bytes, "{}: expected at least {} bytes, got {}", file.path(), dim_bytes,
          bytes);
    file.read_at(0, start, dim_bytes);
    VectorShape shape{0, load_little<std::int32_t>(start), type};
    check(shape.dim > 0, "{}: expected vectors of at least one dimension, got {}", file.path(),
          shape.dim);
    std::int64_t const row_bytes = stored_row_bytes(shape);
    check(bytes % row_bytes == 0,
          "{}: expected a multiple of {} bytes (rows of dimension {}), got {}", file.path(),
          row_bytes, shape.dim, bytes);
    shape.rows = bytes / row_bytes;
    return shape;
}

class VecsReader final : public VectorReader {
  public:
    VecsReader(File file, VectorShape const& shape)
        : VectorReader(file.path(), shape),
          file_(std::move(file)),
          row_bytes_(stored_row_bytes(shape)) {}

  private:
    void do_read(std::int64_t first, std::int64_t last, void* out) const override {
        std::int64_t const block = std::max<std::int64_t>(1, vecs_block_bytes / row_bytes_);
        Buffer<std::byte> stored(std::min(block, last - first) * row_bytes_);
        auto* target = static_cast<std::byte*>(out);
        for (std::int64_t begin = first; begin < last; begin += block) {
            std::int64_t const end = std::min(last, begin + block);
            file_.read_at(begin * row_bytes_, stored.data(), (end - begin) * row_bytes_);
            for (std::int64_t row = begin; row < end; ++row)
                target = copy_row(row, stored.data() + (row - begin) * row_bytes_, target);
        }
    }

    std::byte* copy_row(std::int64_t row, std::byte const* stored, std::byte* target) const {
        auto const dim = load_little<std::int32_t>(stored);
        check(dim == shape().dim, "{}: row {}: expected dimension {} as in the first row, got {}",
              path(), row, shape().dim, dim);
        std::int64_t const values = row_bytes_ - dim_bytes;
        std::memcpy(target, stored + dim_bytes, static_cast<std::size_t>(values));
        return target + values;
    }

    File file_;
    std::int64_t row_bytes_;
};

}  // namespace

std::unique_ptr<VectorReader> open_vecs(std::string const& path, ElementType type) {
    File file = File::open_read(path);
    VectorShape const shape = vecs_shape(file, type);
    return std::make_unique<VecsReader>(std::move(file), shape);
}

}  // namespace partita::format
