#pragma once

#include "partita/comm/collectively.hpp"
#include "partita/dataset/ordered_file.hpp"
#include "partita/dataset/row_fields.hpp"
#include "partita/format/csv_text.hpp"

#include <charconv>
#include <cstdint>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

namespace partita::dataset {

/// Append a number, as short as it can be without loss.
template <class T>
requires std::is_arithmetic_v<T>
void append_number(std::string& out, T value) {
    char text[32];
    char* const end = [&] {
        if constexpr (std::is_same_v<T, bool>)
            return std::to_chars(text, text + sizeof text, static_cast<int>(value)).ptr;
        else
            return std::to_chars(text, text + sizeof text, value).ptr;
    }();
    out.append(text, end);
}

/// Fill one file with what append(std::string& out, element) adds for each element. Collective.
/// @return  How many elements there were.
template <class Input, class Append>
std::int64_t save_lines(Input const& input, std::string_view name, std::string const& path,
                        std::string_view head, SaveOptions const& options, Append const& append) {
    OrderedFile file(input.plan());
    auto const counts = run_partitions(input.plan(), name, [&](std::int64_t partition) {
        OrderedFile::Part part(file, partition);
        Append run = append;
        std::int64_t count = 0;
        input.push()(partition, [&](auto const& item) {
            run(part.text(), item);
            part.flush_if_large();
            ++count;
        });
        part.flush();
        return count;
    });
    file.write(path, head, options);
    return input.context().comm().all_reduce(
        std::accumulate(counts.begin(), counts.end(), std::int64_t{0}), Reduce::sum);
}

template <class Input>
std::int64_t save_text(Input const& input, std::string const& path, SaveOptions const& options) {
    return save_lines(input, "save_text", path, "", options,
                      [](std::string& out, auto const& item) {
                          if constexpr (std::is_arithmetic_v<std::remove_cvref_t<decltype(item)>>)
                              append_number(out, item);
                          else
                              out += std::string_view(item);
                          out += '\n';
                      });
}

/// Appends an element's fields as a CSV line.
class CsvLine {
  public:
    CsvLine(std::string& out, char delimiter) : out_(out), delimiter_(delimiter) {}

    template <class T>
    requires std::is_arithmetic_v<T>
    void operator()(T number) {
        start_field();
        append_number(out_, number);
    }
    void operator()(std::string_view text) {
        start_field();
        if (!text.empty()) format::append_csv_text(out_, text, delimiter_);
    }
    template <class T>
    void operator()(NullField<T>) {
        start_field();
    }
    void finish(std::size_t fields) {
        check(fields == 0 || fields == count_, "expected {} fields, as there are names, got {}",
              fields, count_);
        out_ += '\n';
    }

  private:
    void start_field() {
        if (count_++ > 0) out_ += delimiter_;
    }

    std::string& out_;
    char delimiter_;
    std::size_t count_ = 0;
};

/// @param fields  fields(element, visit) calls visit for each field of the element's row.
template <class Input, class Fields = MemberFields>
std::int64_t save_csv(Input const& input, std::string const& path,
                      std::vector<std::string> const& names, SaveOptions const& options,
                      Fields fields = {}) {
    char const delimiter = path.ends_with(".tsv") ? '\t' : ',';
    std::string head;
    CsvLine header(head, delimiter);
    for (std::string const& name : names) header(std::string_view(name));
    if (!names.empty()) header.finish(names.size());
    return save_lines(
        input, "save_csv", path, head, options,
        [delimiter, columns = names.size(), fields](std::string& out, auto const& item) mutable {
            CsvLine line(out, delimiter);
            fields(item, line);
            line.finish(columns);
        });
}

}  // namespace partita::dataset
