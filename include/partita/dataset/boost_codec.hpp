#pragma once

#include "partita/dataset/codec.hpp"

#include <sstream>
#include <string>

#include <boost/archive/binary_iarchive.hpp>
#include <boost/archive/binary_oarchive.hpp>

namespace partita::dataset {

/// Packs what Boost.Serialization knows: the way out for types that are no aggregates and have
/// serializers already. Several times slower than the other codecs.
///
/// Opt-in: users link Boost::serialization, include the serializers that their types need, and say
///     template <> struct partita::dataset::Codec<Mine> : partita::dataset::BoostCodec<Mine> {};
template <class T>
struct BoostCodec {
    static std::int64_t size(T const& value) { return Codec<std::string>::size(text_of(value)); }
    static std::byte* write(std::byte* out, T const& value) {
        return Codec<std::string>::write(out, text_of(value));
    }
    static void read(PackedReader& in, T& value) {
        std::string text;
        Codec<std::string>::read(in, text);
        std::istringstream stream(std::move(text));
        boost::archive::binary_iarchive(stream, boost::archive::no_header) >> value;
    }

  private:
    static std::string text_of(T const& value) {
        std::ostringstream stream;
        boost::archive::binary_oarchive(stream, boost::archive::no_header) << value;
        return std::move(stream).str();
    }
};

}  // namespace partita::dataset
