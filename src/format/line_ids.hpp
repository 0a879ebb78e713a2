#pragma once

#include "format/text_file.hpp"

#include "partita/format/id_reader.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace partita::format {

/// Ids that stand in the lines of a text file.
class LineIds : public IdReader {
  public:
    /// @param text  Shared with the file that made this reader.
    LineIds(std::shared_ptr<TextFile const> text, LineIndex index);

  private:
    /// The id in a line; `scratch` may hold it.
    virtual std::string_view id_in(std::string_view line, std::string& scratch) const = 0;
    /// How errors name the place: "line 3, column 'id'".
    virtual std::string place_of(std::int64_t row) const = 0;

    void do_read_numbers(std::int64_t first, std::int64_t last, std::int64_t* out) const final;
    void do_read_texts(std::int64_t first, std::int64_t last, char* out) const final;
    void copy_text(std::int64_t row, std::string_view id, char* out) const;

    std::shared_ptr<TextFile const> text_;
    LineIndex index_;
};

/// Take one more id into account.
void note_id(std::string_view id, LineScan& scan);

}  // namespace partita::format
