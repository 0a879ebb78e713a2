#include "format/bad_files.hpp"
#include "format/file_bytes.hpp"

namespace partita::format::test {
namespace {

std::string const six_floats = little_all<float>({1, 2, 3, 4, 5, 6});

BadFile bad_type(std::string const& descr, int item_bytes, std::string const& message) {
    return {"type.npy",
            npy_bytes(npy_dict(descr, "(1, 2)"), std::string(2 * std::size_t(item_bytes), '\0')),
            message};
}

BadFile bad_dict(std::string const& dict, std::string const& message) {
    return {"dict.npy", npy_bytes(dict, six_floats), message};
}

/// Files whose start is not a .npy header.
std::vector<BadFile> bad_starts() {
    std::string const good = npy_bytes(npy_dict("<f4", "(2, 3)"), six_floats);
    std::string newer = good, half_magic = good, long_header = good;
    newer[6] = 4;
    half_magic[5] = 'X';
    long_header[9] = '\x7f';
    return {
        {"empty.npy", "", "expected a .npy file, got other contents"},
        {"text.npy", "hello, this is a text", "expected a .npy file, got other contents"},
        {"magic.npy", half_magic, "expected a .npy file, got other contents"},
        {"short.npy", good.substr(0, 9), "expected a .npy file, got other contents"},
        {"version.npy", newer, "expected .npy version 1, 2 or 3, got 4.0"},
        {"header.npy", good.substr(0, 100), "expected a header of 128 bytes, but the file has 100"},
        {"long.npy", long_header, "expected a header of 32640 bytes, but the file has 152"},
        {"huge.npy", std::string("\x93NUMPY\x02\0\xff\xff\xff\xff{}", 14),
         "expected a header of at most 1048576 bytes, got 4294967295"},
    };
}

/// Headers that no NumPy writes.
std::vector<BadFile> bad_dicts() {
    return {
        bad_dict("", "expected '{' in the header, got its end"),
        bad_dict("[1, 2]", "expected '{' in the header, got \"[1, 2]\""),
        bad_dict("{'descr': '<f4'}", "expected a header with the key 'fortran_order'"),
        bad_dict("{'descr': '<f4', 'descr': '<f4'}", "header key 'descr' appears twice"),
        bad_dict("{'color': 1}",
                 "expected the header keys descr, fortran_order and shape, got 'color'"),
        bad_dict("{'descr: <f4, }", "a quote in the header does not end"),
        bad_dict("{'descr' '<f4'}", "expected ':' in the header, got \"'<f4'}\""),
        bad_dict("{'descr': 4}", "expected a quoted word in the header, got \"4}\""),
        bad_dict(npy_dict("<f4", "(2, 3)", "Maybe"),
                 "expected True or False in the header, got \"Maybe, 'shape': (2,\""),
        bad_dict(npy_dict("<f4", "(2, -3)"),
                 "expected a size from 0 to 2^63-1 in the header's shape, got \"-3), }\""),
        bad_dict(npy_dict("<f4", "(2, 99999999999999999999)"),
                 "expected a size from 0 to 2^63-1 in the header's shape, got "
                 "\"99999999999999999999\""),
        bad_dict(npy_dict("<f4", "(2, 3"),
                 "expected a size from 0 to 2^63-1 in the header's shape, got \"}\""),
        bad_dict(npy_dict("<f4", "(2, 3)") + "{}",
                 "expected the header to end after its dictionary, got \"{}\""),
    };
}

/// Element types that are no vectors' numbers.
std::vector<BadFile> bad_types() {
    return {
        bad_type("|O", 8, "expected an array of numbers, got Python objects ('|O')"),
        bad_type("<c8", 8, "expected real numbers, got complex ones ('<c8')"),
        bad_type("|S5", 5, "expected numbers, got strings ('|S5')"),
        bad_type("<U2", 8, "expected numbers, got strings ('<U2')"),
        bad_type("|b1", 1, "expected float32, float64, uint8, int32 or int64, got '|b1'"),
        bad_type("<f2", 2, "expected float32, float64, uint8, int32 or int64, got '<f2'"),
        bad_type("<u4", 4, "expected float32, float64, uint8, int32 or int64, got '<u4'"),
        bad_type("<M8[ns]", 8, "expected an element type such as '<f4', got '<M8[ns]'"),
        bad_type("", 8, "expected an element type such as '<f4', got ''"),
        bad_type("<f", 4, "expected an element type such as '<f4', got '<f'"),
        bad_type("<f-4", 4, "expected an element type such as '<f4', got '<f-4'"),
        bad_type("<f99999999999999999999", 4,
                 "expected an element type such as '<f4', got '<f99999999999999999999'"),
        bad_dict("{'descr': [('x', '<f4'), ('y', '<f4')], 'fortran_order': False, 'shape': (3,), }",
                 "expected an array of numbers, got a structured array"),
    };
}

/// Shapes that are no matrix or that the file does not hold.
std::vector<BadFile> bad_shapes() {
    std::string const good = npy_bytes(npy_dict("<f4", "(2, 3)"), six_floats);
    return {
        {"cut.npy", good.substr(0, good.size() - 1),
         "expected 24 bytes of data for shape (2, 3) of '<f4', got 23"},
        {"more.npy", good + "x", "expected 24 bytes of data for shape (2, 3) of '<f4', got 25"},
        bad_dict(npy_dict("<f4", "(6,)"), "expected 2 dimensions, got 1: shape (6,)"),
        bad_dict(npy_dict("<f4", "(1, 2, 3)"), "expected 2 dimensions, got 3: shape (1, 2, 3)"),
        {"scalar.npy", npy_bytes(npy_dict("<f4", "()"), little(1.f)),
         "expected 2 dimensions, got 0: shape ()"},
        {"rows.npy", npy_bytes(npy_dict("<f4", "(0, 3)"), ""), "expected at least one row, got 0"},
        {"dim.npy", npy_bytes(npy_dict("<f4", "(3, 0)"), ""),
         "expected vectors of at least one dimension, got 0"},
        {"lie.npy", npy_bytes(npy_dict("<f4", "(4611686018427387904, 4)"), six_floats),
         "expected 9223372036854775807 bytes of data for shape (4611686018427387904, 4) of '<f4', "
         "got 24"},
    };
}

}  // namespace

std::vector<BadFile> bad_npy_files() {
    std::vector<BadFile> all;
    for (auto const& some : {bad_starts(), bad_dicts(), bad_types(), bad_shapes()})
        all.insert(all.end(), some.begin(), some.end());
    return all;
}

std::vector<BadFile> bad_npy_columns() {
    return {
        {"matrix.npy", npy_bytes(npy_dict("|u1", "(1, 2)"), "ab"),
         "expected one dimension, got shape (1, 2)"},
        {"scalar.npy", npy_bytes(npy_dict("|u1", "()"), "a"),
         "expected one dimension, got shape ()"},
        {"zero.npy", npy_bytes(npy_dict("|u1", "(0,)"), ""), "expected at least one id, got 0"},
        {"type.npy", npy_bytes(npy_dict("<c8", "(1,)"), "12345678"),
         "expected ids of type int64, int32, uint8 or strings, got '<c8'"},
        {"width.npy", npy_bytes(npy_dict("|S0", "(3,)"), ""),
         "expected ids of at least one character, got '|S0'"},
        {"cut.npy", npy_bytes(npy_dict("|S2", "(3,)"), "abcde"),
         "expected 6 bytes of data for shape (3,) of '|S2', got 5"},
        {"half.npy", npy_bytes(npy_dict("<f8", "(2,)"), little_all<double>({1, 2.5})),
         "row 1: expected a whole number from -9223372036854775808 to 9223372036854775807, got "
         "2.5"},
        {"text.npy", npy_bytes(npy_dict("<U1", "(2,)"), little_all<std::uint32_t>({65, 0xd800})),
         "row 1: expected text, got character number 55296"},
    };
}

}  // namespace partita::format::test
