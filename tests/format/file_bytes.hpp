#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace partita::format::test {

/// The bytes of values, lowest first. Together these helpers are a second, independent encoder:
/// files are put together by hand from what their formats' descriptions say.
template <class T>
std::string little(T value) {
    std::string bytes(sizeof value, '\0');
    std::memcpy(bytes.data(), &value, sizeof value);
    return bytes;
}

/// Highest byte first.
template <class T>
std::string big(T value) {
    std::string bytes = little(value);
    std::reverse(bytes.begin(), bytes.end());
    return bytes;
}

template <class T>
std::string little_all(std::vector<T> const& values) {
    std::string bytes;
    for (T const value : values) bytes += little(value);
    return bytes;
}

template <class T>
std::string big_all(std::vector<T> const& values) {
    std::string bytes;
    for (T const value : values) bytes += big(value);
    return bytes;
}

/// A .npy file of version 1 (2-byte header length) or 2 and 3 (4-byte length).
inline std::string npy_bytes(std::string const& dict, std::string const& data, int version = 1) {
    std::size_t const before = version == 1 ? 10 : 12;
    std::string header = dict;
    while ((before + header.size() + 1) % 64 != 0) header += ' ';
    header += '\n';
    auto const size = static_cast<std::uint32_t>(header.size());
    return "\x93NUMPY" + std::string{static_cast<char>(version), '\0'} +
           (version == 1 ? little(static_cast<std::uint16_t>(size)) : little(size)) + header + data;
}

inline std::string npy_dict(std::string const& descr, std::string const& shape,
                            std::string const& fortran = "False") {
    return "{'descr': '" + descr + "', 'fortran_order': " + fortran + ", 'shape': " + shape + ", }";
}

}  // namespace partita::format::test
