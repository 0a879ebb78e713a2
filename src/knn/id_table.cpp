#include "partita/knn/id_table.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/error.hpp"
#include "partita/core/row_range.hpp"
#include "partita/io/shared_file.hpp"

#include <cstring>

namespace partita::knn {

namespace {

/// NumPy's format 1.0: magic, version, length of the text, a Python literal padded to 64 bytes.
std::string npy_header(std::string const& type, std::int64_t rows) {
    std::string text =
        fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({},), }}", type, rows);
    constexpr std::size_t preamble = 10;
    text.append(63 - (preamble + text.size()) % 64, ' ');
    text.push_back('\n');
    std::string header("\x93NUMPY\x01\x00", 8);
    header.push_back(static_cast<char>(text.size() & 0xff));
    header.push_back(static_cast<char>(text.size() >> 8));
    return header + text;
}

std::string type_of(io::IdColumn const& ids) {
    return ids.kind() == io::IdKind::text ? fmt::format("|S{}", ids.width()) : "<i8";
}

}  // namespace

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
    bool const is_text = ids.kind() == io::IdKind::text;
    std::int64_t const width = is_text ? ids.width() : 8;
    std::string const header = npy_header(type_of(ids), ids.rows());
    auto const header_bytes = static_cast<std::int64_t>(header.size());
    io::SharedFile file(comm, path, header_bytes + ids.rows() * width, overwrite);
    RowRange const mine = share_of(ids.rows(), comm.size(), comm.rank());
    collectively(comm, "", [&] {
        if (comm.is_root()) file.write_at(0, header.data(), header_bytes);
        constexpr std::int64_t block_rows = 1 << 16;
        for (std::int64_t first = mine.first; first < mine.last; first += block_rows) {
            io::IdBlock const block = ids.read(first, std::min(first + block_rows, mine.last));
            void const* data = is_text ? static_cast<void const*>(block.texts.data())
                                       : static_cast<void const*>(block.numbers.data());
            file.write_at(header_bytes + first * width, data, block.rows * width);
        }
    });
    file.commit();
}

}  // namespace partita::knn
