#include "knn/items.hpp"

#include "cli/root_text.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/error.hpp"
#include "partita/core/file.hpp"

namespace partita::cli {

std::vector<std::string> read_items(Communicator const& comm, std::string const& spec) {
    bool from_file = false;
    std::string const text = root_text(comm, [&] {
        from_file = file_exists(spec);
        return from_file ? read_text_file(spec) : spec;
    });
    char const separator = comm.broadcast(static_cast<char>(from_file ? '\n' : ','));
    std::vector<std::string> items;
    for (std::size_t begin = 0; begin < text.size();) {
        std::size_t const end = std::min(text.find(separator, begin), text.size());
        std::string item = text.substr(begin, end - begin);
        if (!item.empty() && item.back() == '\r') item.pop_back();
        if (!item.empty()) items.push_back(std::move(item));
        begin = end + 1;
    }
    collectively(comm, "", [&] { check(!items.empty(), "{}: expected ids, found none", spec); });
    return items;
}

}  // namespace partita::cli
