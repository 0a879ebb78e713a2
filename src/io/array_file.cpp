#include "partita/io/array_file.hpp"

#include "io/hdf5_handle.hpp"

#include "partita/io/hdf5_reader.hpp"

#include <algorithm>

namespace partita::io {

namespace {

constexpr char text_name[] = "text", numbers_name[] = "numbers", integers_name[] = "integers";

void write_dataset(hid_t file, std::string const& path, char const* name, hid_t type,
                   std::size_t count, void const* data) {
    auto const size = static_cast<hsize_t>(count);
    Hdf5Space const space(H5Screate_simple(1, &size, nullptr));
    Hdf5Dataset dataset(
        H5Dcreate2(file, name, type, space.get(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    check_hdf5(bool(dataset), path, "cannot make a dataset");
    check_hdf5(
        count == 0 || H5Dwrite(dataset.get(), type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) >= 0, path,
        "cannot write");
    check_hdf5(dataset.reset(), path, "cannot write");
}

template <class T>
std::vector<T> read_all(Hdf5Reader const& reader, char const* name, format::ElementType type) {
    Hdf5DatasetInfo const info = reader.info(name);
    check(info.shape.size() == 1, "{}: {}: expected one dimension, got {}", reader.path(), name,
          info.shape.size());
    std::vector<T> values(static_cast<std::size_t>(info.shape[0]));
    if (!values.empty()) reader.read_rows(name, 0, info.shape[0], type, values.data());
    return values;
}

}  // namespace

void write_array_file(std::string const& path, ArrayFile const& file) {
    Hdf5Lock const lock;
    Hdf5File out(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, hdf5_file_access().get()));
    check_hdf5(bool(out), path, "cannot write");
    Hdf5TypeId const text(H5Tcopy(H5T_C_S1));
    H5Tset_size(text.get(), std::max<std::size_t>(file.text.size(), 1));
    H5Tset_strpad(text.get(), H5T_STR_NULLPAD);
    H5Tset_cset(text.get(), H5T_CSET_UTF8);
    write_dataset(out.get(), path, text_name, text.get(), 1, file.text.data());
    write_dataset(out.get(), path, numbers_name, H5T_NATIVE_DOUBLE, file.numbers.size(),
                  file.numbers.data());
    write_dataset(out.get(), path, integers_name, H5T_NATIVE_INT64, file.integers.size(),
                  file.integers.data());
    check_hdf5(out.reset(), path, "cannot write");
}

bool is_array_file(std::string const& path) {
    if (!is_hdf5_file(path)) return false;
    Hdf5Reader const reader(path);
    return reader.has(text_name) && reader.has(numbers_name) && reader.has(integers_name);
}

ArrayFile read_array_file(std::string const& path) {
    Hdf5Reader const reader(path);
    return {reader.read_texts(text_name, 0, 1).at(0),
            read_all<double>(reader, numbers_name, format::ElementType::float64),
            read_all<std::int64_t>(reader, integers_name, format::ElementType::int64)};
}

}  // namespace partita::io
