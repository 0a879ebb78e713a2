#pragma once

#include <string>
#include <vector>

namespace partita::format::test {

/// A file that must be refused, and the sentence that says why (after "path: ").
struct BadFile {
    std::string name;
    std::string contents;
    std::string message;
};

std::vector<BadFile> bad_npy_files();
std::vector<BadFile> bad_vecs_files();
std::vector<BadFile> bad_bin_files();
std::vector<BadFile> bad_idx_files();
std::vector<BadFile> bad_npy_columns();
std::vector<BadFile> bad_csv_files();
std::vector<BadFile> bad_label_files();

}  // namespace partita::format::test
