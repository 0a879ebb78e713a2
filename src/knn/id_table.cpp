#include "partita/knn/id_table.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/error.hpp"
#include "partita/core/row_range.hpp"
#include "partita/io/id_file.hpp"

#include <cstring>

namespace partita::knn {

IdTable::IdTable(std::string const& path, std::int64_t rows) : file_(path) {
    auto const* bytes = reinterpret_cast<char const*>(file_.data());
    check(file_.size() > 10 && std::memcmp(bytes, "\x93NUMPY\x01\x00", 8) == 0,
          "{}: expected ids as a .npy file", path);
    auto const length =
        static_cast<unsigned char>(bytes[8]) + 256 * static_cast<unsigned char>(bytes[9]);
    check(file_.size() >= 10 + length, "{}: truncated", path);
    std::string_view const header(bytes + 10, static_cast<std::size_t>(length));
    auto const quote = header.find("'descr': '");
    check(quote != std::string_view::npos, "{}: damaged .npy header", path);
    std::string_view const type =
        header.substr(quote + 10, header.find('\'', quote + 10) - quote - 10);
    if (type == "<i8") {
        kind_ = io::IdKind::int64;
    } else {
        check(type.substr(0, 2) == "|S", "{}: expected int64 or byte-string ids, got '{}'", path,
              type);
        kind_ = io::IdKind::text;
        width_ = std::atoll(std::string(type.substr(2)).c_str());
    }
    values_ = file_.data() + 10 + length;
    check(width_ > 0 && width_ <= file_.size() && rows * width_ == file_.size() - 10 - length,
          "{}: expected {} ids of {} bytes, got {} bytes", path, rows, width_,
          file_.size() - 10 - length);
}

std::int64_t IdTable::number(std::int64_t position) const {
    if (kind_ == io::IdKind::row_numbers) return position;
    std::int64_t value;
    std::memcpy(&value, values_ + position * 8, sizeof value);
    return value;
}

char const* IdTable::padded_text(std::int64_t position) const {
    return reinterpret_cast<char const*>(values_) + position * width_;
}

std::string IdTable::to_string(std::int64_t position) const {
    if (kind_ != io::IdKind::text) return std::to_string(number(position));
    char const* text = padded_text(position);
    return {text, ::strnlen(text, static_cast<std::size_t>(width_))};
}

void write_id_table(Communicator const& comm, io::IdColumn const& ids, std::string const& path,
                    bool overwrite) {
    io::IdFile file(comm, path, ids.rows(), {ids.kind(), ids.width()}, overwrite);
    RowRange const mine = share_of(ids.rows(), comm.size(), comm.rank());
    collectively(comm, "", [&] {
        constexpr std::int64_t block_rows = 1 << 16;
        for (std::int64_t first = mine.first; first < mine.last; first += block_rows) {
            io::IdBlock const block = ids.read(first, std::min(first + block_rows, mine.last));
            file.write(first, block.rows, block);
        }
    });
    file.commit();
}

}  // namespace partita::knn
