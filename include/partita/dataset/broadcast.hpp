#pragma once

#include "partita/comm/collectively.hpp"
#include "partita/dataset/codec.hpp"
#include "partita/dataset/shared_bytes.hpp"

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace partita::dataset {

/// Root's value, for functions on all ranks to read (Spark: broadcast variable):
/// `Broadcast names(context, std::move(table))`, in a function `names->at(i)`.
///
/// A handle, to be captured by value; the value goes with the last one. Arrays of flat elements
/// (std::vector, read as std::span) and texts (std::string, read as std::string_view) are one copy
/// per node when they are large. Other values, of whatever a Codec can pack, are one copy per rank,
/// which its threads share.
template <class T>
class Broadcast {
  public:
    /// Collective; other ranks' values are ignored.
    /// @throws CollectiveError when the packed value exceeds what a rank may keep.
    Broadcast(Context const& context, T value) {
        std::vector<std::byte> packed = collectively(context.comm(), "broadcast", [&] {
            std::vector<std::byte> bytes;
            if (!context.comm().is_root()) return bytes;
            bytes.resize(static_cast<std::size_t>(Codec<T>::size(value)));
            Codec<T>::write(bytes.data(), value);
            return bytes;
        });
        SharedBytes const shared(context, packed);
        packed = {};
        value_ = collectively(context.comm(), "broadcast", [&] {
            auto mine = std::make_shared<T>(std::move(value));
            if (context.comm().is_root()) return mine;
            auto const bytes = shared.bytes();
            PackedReader reader(bytes.data(), static_cast<std::int64_t>(bytes.size()));
            *mine = T{};
            Codec<T>::read(reader, *mine);
            return mine;
        });
    }

    T const& operator*() const { return *value_; }
    T const* operator->() const { return value_.get(); }

  private:
    std::shared_ptr<T const> value_;
};

template <Flat E>
class Broadcast<std::vector<E>> {
  public:
    Broadcast(Context const& context, std::vector<E> const& value)
        : shared_(std::make_shared<SharedBytes>(context, std::as_bytes(std::span(value)))),
          view_(reinterpret_cast<E const*>(shared_->bytes().data()),
                shared_->bytes().size() / sizeof(E)) {}

    std::span<E const> operator*() const { return view_; }
    std::span<E const> const* operator->() const { return &view_; }
    E const& operator[](std::size_t i) const { return view_[i]; }
    bool is_shared() const { return shared_->is_shared(); }

  private:
    std::shared_ptr<SharedBytes const> shared_;
    std::span<E const> view_;
};

template <>
class Broadcast<std::string> {
  public:
    Broadcast(Context const& context, std::string const& value)
        : shared_(std::make_shared<SharedBytes>(context, std::as_bytes(std::span(value)))),
          view_(reinterpret_cast<char const*>(shared_->bytes().data()), shared_->bytes().size()) {}

    std::string_view operator*() const { return view_; }
    std::string_view const* operator->() const { return &view_; }
    bool is_shared() const { return shared_->is_shared(); }

  private:
    std::shared_ptr<SharedBytes const> shared_;
    std::string_view view_;
};

template <class E>
Broadcast(Context const&, std::vector<E>) -> Broadcast<std::vector<E>>;

}  // namespace partita::dataset
