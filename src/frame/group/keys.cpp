#include "frame/group/keys.hpp"

#include "frame/group/key_index.hpp"

#include "partita/core/hash.hpp"

#include <cmath>
#include <cstring>

namespace partita::frame {

namespace {

constexpr std::uint64_t null_hash = 0x6e756c6c6e756c6cu;

template <class Hash>
void combine_each(Column const& column, bool first, std::uint64_t* out, Hash const& hash) {
    for (std::int64_t i = 0; i < column.size(); ++i) {
        std::uint64_t const one = column.is_null(i) ? null_hash : hash(i);
        out[i] = first ? one : combine_hashes(out[i], one);
    }
}

}  // namespace

void hash_rows(std::span<Column const> columns, std::int64_t rows, std::uint64_t* out) {
    if (columns.empty()) std::memset(out, 0, static_cast<std::size_t>(rows) * sizeof *out);
    bool first = true;
    for (Column const& column : columns) {
        if (column.has_small_dictionary()) {
            Column const texts = column.dictionary();
            std::vector<std::uint64_t> of_text(static_cast<std::size_t>(texts.size()));
            for (std::int64_t i = 0; i < texts.size(); ++i)
                of_text[static_cast<std::size_t>(i)] = hash_bytes(texts.text(i));
            combine_each(column, first, out,
                         [&](std::int64_t i) { return of_text[column.codes()[i]]; });
        } else if (column.type() == Type::text)
            combine_each(column, first, out,
                         [&](std::int64_t i) { return hash_bytes(column.text(i)); });
        else
            with_key_bits(column, [&](auto const& bits) {
                if (first && !column.nulls())
                    for (std::int64_t i = 0; i < rows; ++i) out[i] = mix64(bits(i));
                else
                    combine_each(column, first, out,
                                 [&](std::int64_t i) { return mix64(bits(i)); });
            });
        first = false;
    }
}

GroupTable::GroupTable(std::span<Field const> keys) : fields_(keys.begin(), keys.end()) {
    for (Field const& field : fields_) keys_.emplace_back(field.type);
    index_ = make_key_index(fields_);
}

GroupTable::~GroupTable() = default;

bool GroupTable::needs_hashes() const { return index_->needs_hashes(); }

bool GroupTable::find(std::span<Column const> keys, std::uint64_t const* hashes, std::int64_t rows,
                      std::int64_t most_bytes, std::uint32_t* out) {
    new_rows_.clear();
    // Room is counted by what a group takes on average, so that the loops need not ask.
    std::int64_t const each = groups_ > 0 ? bytes() / groups_ + 1 : 64;
    std::int64_t const most_groups =
        groups_ + std::max<std::int64_t>((most_bytes - bytes()) / each, groups_ == 0 ? 1 : 0);
    std::int64_t const most = full_ ? groups_ : std::min<std::int64_t>(most_groups, none - 1);
    groups_ = index_->find(keys, hashes, rows, most, new_rows_, out);
    add_keys(keys, new_rows_);
    // For good: a key that found no room must not find some later, after some of its rows.
    full_ = groups_ >= most;
    return !full_;
}

void GroupTable::begin_block() { index_->begin_block(); }

void GroupTable::lookup(std::span<Column const> keys, std::uint64_t const* hashes,
                        std::int64_t rows, std::uint32_t* out) const {
    index_->lookup(keys, hashes, rows, out);
}

void GroupTable::add_keys(std::span<Column const> keys, std::span<std::uint32_t const> rows) {
    if (rows.empty()) return;
    for (std::size_t c = 0; c < keys_.size(); ++c) {
        Column const added = keys[c].take(rows);
        keys_[c].append_rows(added, 0, added.size());
        key_bytes_ +=
            added.type() == Type::text ? added.text_bytes() + 8 * added.size() : 9 * added.size();
    }
}

std::int64_t GroupTable::bytes() const { return key_bytes_ + index_->bytes(); }

std::vector<Column> GroupTable::take_keys() {
    std::vector<Column> columns;
    for (ColumnBuilder& key : keys_) columns.push_back(key.finish());
    groups_ = key_bytes_ = 0;
    full_ = false;
    index_ = make_key_index(fields_);
    return columns;
}

}  // namespace partita::frame
