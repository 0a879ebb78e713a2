#include "partita/format/npy_column.hpp"

#include "format/byte_order.hpp"
#include "format/element_convert.hpp"
#include "format/npy_header.hpp"
#include "format/utf8.hpp"

#include "partita/core/buffer.hpp"
#include "partita/core/error.hpp"
#include "partita/core/file.hpp"

#include <algorithm>

namespace partita::format {
namespace {

constexpr std::int64_t code_point_bytes = 4;  // of a "U" character, which takes up to 4 in UTF-8
constexpr std::int64_t column_block_bytes = 1 << 20;

bool is_column(std::vector<std::int64_t> const& shape) {
    return shape.size() == 1 || (shape.size() == 2 && shape[1] == 1);
}

class NpyColumn final : public IdReader {
  public:
    NpyColumn(File file, NpyHeader header)
        : IdReader(file.path(), shape_of(file.path(), header)),
          file_(std::move(file)),
          header_(std::move(header)) {}

  private:
    static Shape shape_of(std::string const& path, NpyHeader const& header) {
        bool const is_text = header.kind == 'S' || header.kind == 'U';
        check(is_text || header.element(),
              "{}: expected ids of type int64, int32, uint8 or strings, got '{}'", path,
              header.descr);
        check(is_column(header.shape), "{}: expected one dimension, got shape {}", path,
              header.shape_text());
        check(header.shape[0] > 0, "{}: expected at least one id, got 0", path);
        check(header.item_bytes > 0, "{}: expected ids of at least one character, got '{}'", path,
              header.descr);
        return {header.shape[0], is_text, is_text ? header.item_bytes : 8};
    }

    void do_read_numbers(std::int64_t first, std::int64_t last, std::int64_t* out) const override {
        ElementType const type = *header_.element();
        for_each_block(first, last, [&](std::int64_t begin, std::int64_t rows, std::byte* items) {
            if (header_.big_endian) swap_elements(items, rows, size_of(type));
            std::int64_t const done =
                convert_while_fitting(type, items, ElementType::int64, out + (begin - first), rows);
            if (done < rows)
                fail("{}: row {}: {}", path(), begin + done,
                     misfit_text(type, items, done, ElementType::int64));
        });
    }

    void do_read_texts(std::int64_t first, std::int64_t last, char* out) const override {
        if (header_.kind == 'S') {
            file_.read_at(offset_of(first), out, (last - first) * width());
            return;
        }
        for_each_block(first, last, [&](std::int64_t begin, std::int64_t rows, std::byte* items) {
            if (header_.big_endian)
                swap_elements(items, rows * (header_.item_bytes / code_point_bytes), 4);
            for (std::int64_t i = 0; i < rows; ++i)
                encode_text(begin + i, items + i * header_.item_bytes,
                            out + (begin + i - first) * width());
        });
    }

    void encode_text(std::int64_t row, std::byte const* item, char* out) const {
        char* const end = out + width();
        for (std::int64_t i = 0; i < header_.item_bytes; i += code_point_bytes) {
            auto const c = load_little<std::uint32_t>(item + i);
            if (c == 0) break;
            out = append_utf8(c, out);
            check(out != nullptr, "{}: row {}: expected text, got character number {}", path(), row,
                  c);
        }
        std::fill(out, end, '\0');
    }

    /// Call work(first row of the block, its rows, their bytes) for blocks of rows in turn.
    template <class Work>
    void for_each_block(std::int64_t first, std::int64_t last, Work&& work) const {
        std::int64_t const block =
            std::max<std::int64_t>(1, column_block_bytes / header_.item_bytes);
        Buffer<std::byte> items(std::min(block, last - first) * header_.item_bytes);
        for (std::int64_t begin = first; begin < last; begin += block) {
            std::int64_t const rows = std::min(block, last - begin);
            file_.read_at(offset_of(begin), items.data(), rows * header_.item_bytes);
            work(begin, rows, items.data());
        }
    }

    std::int64_t offset_of(std::int64_t row) const {
        return header_.data_offset + row * header_.item_bytes;
    }

    File file_;
    NpyHeader header_;
};

}  // namespace

std::unique_ptr<IdReader> open_npy_column(std::string const& path) {
    File file = File::open_read(path);
    NpyHeader header = read_npy_header(file);
    return std::make_unique<NpyColumn>(std::move(file), std::move(header));
}

}  // namespace partita::format
