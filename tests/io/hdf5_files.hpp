#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <hdf5.h>

namespace partita::test {

/// Makes HDF5 files by the library's own calls, as other programs would.
class Hdf5Maker {
  public:
    explicit Hdf5Maker(std::string const& path)
        : file_(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT)) {}
    ~Hdf5Maker() { H5Fclose(file_); }
    Hdf5Maker(Hdf5Maker const&) = delete;
    Hdf5Maker& operator=(Hdf5Maker const&) = delete;

    /// `chunk_rows` > 0 makes it chunked and gzipped.
    void add(std::string const& name, hid_t stored, hid_t given, std::vector<hsize_t> const& shape,
             void const* data, hsize_t chunk_rows = 0) const {
        hid_t const space = H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr);
        hid_t const layout = H5Pcreate(H5P_DATASET_CREATE), links = H5Pcreate(H5P_LINK_CREATE);
        H5Pset_create_intermediate_group(links, 1);
        if (chunk_rows > 0) {
            std::vector<hsize_t> chunk = shape;
            chunk[0] = chunk_rows;
            H5Pset_chunk(layout, static_cast<int>(chunk.size()), chunk.data());
            H5Pset_deflate(layout, 4);
        }
        hid_t const dataset =
            H5Dcreate2(file_, name.c_str(), stored, space, links, layout, H5P_DEFAULT);
        if (data != nullptr) H5Dwrite(dataset, given, H5S_ALL, H5S_ALL, H5P_DEFAULT, data);
        H5Dclose(dataset);
        H5Pclose(links);
        H5Pclose(layout);
        H5Sclose(space);
    }

    void add_floats(std::string const& name, std::vector<hsize_t> const& shape,
                    std::vector<float> const& values, hsize_t chunk_rows = 0) const {
        add(name, H5T_IEEE_F32LE, H5T_NATIVE_FLOAT, shape, values.data(), chunk_rows);
    }
    void add_numbers(std::string const& name, std::vector<hsize_t> const& shape,
                     std::vector<std::int64_t> const& values) const {
        add(name, H5T_STD_I64LE, H5T_NATIVE_INT64, shape, values.data());
    }
    void add_texts(std::string const& name, std::vector<char const*> const& texts) const {
        hid_t const type = text_type(H5T_VARIABLE);
        add(name, type, type, {texts.size()}, texts.data());
        H5Tclose(type);
    }
    /// Texts of `width` bytes each, one after the other.
    void add_fixed_texts(std::string const& name, std::string const& bytes, std::size_t width,
                         H5T_str_t padding = H5T_STR_NULLPAD) const {
        hid_t const type = text_type(width);
        H5Tset_strpad(type, padding);
        add(name, type, type, {bytes.size() / width}, bytes.data());
        H5Tclose(type);
    }
    void set_text(std::string const& name, std::string const& value) const {
        hid_t const type = text_type(H5T_VARIABLE);
        char const* const text = value.c_str();
        set(name, type, &text);
        H5Tclose(type);
    }
    void set_number(std::string const& name, double value) const {
        set(name, H5T_NATIVE_DOUBLE, &value);
    }
    hid_t id() const { return file_; }

  private:
    static hid_t text_type(std::size_t width) {
        hid_t const type = H5Tcopy(H5T_C_S1);
        H5Tset_size(type, width);
        H5Tset_cset(type, H5T_CSET_UTF8);
        return type;
    }
    void set(std::string const& name, hid_t type, void const* value) const {
        hid_t const space = H5Screate(H5S_SCALAR);
        hid_t const attribute =
            H5Acreate2(file_, name.c_str(), type, space, H5P_DEFAULT, H5P_DEFAULT);
        H5Awrite(attribute, type, value);
        H5Aclose(attribute);
        H5Sclose(space);
    }

    hid_t file_;
};

}  // namespace partita::test
