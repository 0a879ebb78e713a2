#pragma once

#include "partita/dataset/codec.hpp"
#include "partita/dataset/text_key.hpp"

#include <string>
#include <string_view>

namespace partita::dataset {

/// How a table of keys keeps them: as they are, but for text.
template <class Key>
class TableKeys {
  public:
    using Kept = Key;

    explicit TableKeys(MemoryAccount&) {}

    /// What is compared with kept keys.
    template <class AnyKey>
    static AnyKey const& probe(AnyKey const& key) {
        return key;
    }
    template <class AnyKey>
    Kept keep(AnyKey&& key) {
        if constexpr (!Flat<Key>) bytes_ += Codec<std::remove_cvref_t<AnyKey>>::size(key);
        return Kept(std::forward<AnyKey>(key));
    }
    void clear() { bytes_ = 0; }
    /// What keys hold besides themselves, about.
    std::int64_t memory_bytes() const { return bytes_; }

  private:
    std::int64_t bytes_ = 0;
};

template <>
class TableKeys<std::string> {
  public:
    using Kept = TextKey;

    explicit TableKeys(MemoryAccount& account) : pool_(account) {}

    static TextKey probe(std::string_view text) { return TextKey(text); }
    Kept keep(std::string_view text) { return pool_.keep(TextKey(text)); }
    void clear() { pool_.clear(); }
    std::int64_t memory_bytes() const { return pool_.memory_bytes(); }

  private:
    TextPool pool_;
};

/// A kept key is packed like the text that it is.
template <>
struct Codec<TextKey> : Codec<std::string_view> {};
template <>
struct Stored<TextKey> {
    using type = std::string;
};
namespace detail {
template <>
inline constexpr bool is_view<TextKey> = true;
}

}  // namespace partita::dataset
