#include "partita/format/label_file.hpp"

#include "format/line_ids.hpp"
#include "format/text_file.hpp"

namespace partita::format {
namespace {

std::string_view label_in(std::string_view line) {
    auto const first = line.find_first_not_of(" \t");
    if (first == line.npos) return {};
    return line.substr(first, line.find_last_not_of(" \t") - first + 1);
}

class Labels final : public LineIds {
  public:
    using LineIds::LineIds;

  private:
    std::string_view id_in(std::string_view line, std::string&) const override {
        return label_in(line);
    }
    std::string place_of(std::int64_t row) const override {
        return fmt::format("line {}", row + 1);
    }
};

}  // namespace

LabelFile::LabelFile(std::string const& path) : text_(std::make_shared<TextFile>(path)) {}

std::string const& LabelFile::path() const { return text_->path(); }
std::int64_t LabelFile::begin() const { return text_->begin(); }
std::int64_t LabelFile::end() const { return text_->end(); }

LineScan LabelFile::scan(std::int64_t first, std::int64_t last) const {
    return scan_lines(*text_, begin(), first, last,
                      [](std::string_view line, LineScan& scan) { note_id(label_in(line), scan); });
}

std::unique_ptr<IdReader> LabelFile::ids(LineIndex index) const {
    return std::make_unique<Labels>(text_, std::move(index));
}

}  // namespace partita::format
