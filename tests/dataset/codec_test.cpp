#include "partita/dataset/codec.hpp"

#include "partita/core/random.hpp"
#include "partita/dataset/boost_codec.hpp"
#include "partita/dataset/key_hash.hpp"

#include <array>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include <boost/serialization/map.hpp>
#include <boost/serialization/string.hpp>
#include <gtest/gtest.h>

namespace partita::dataset {

using Table = std::map<std::string, int>;
template <>
struct Codec<Table> : BoostCodec<Table> {};

namespace {

template <class T>
std::vector<std::byte> pack(T const& value) {
    std::vector<std::byte> bytes(static_cast<std::size_t>(Codec<T>::size(value)));
    EXPECT_EQ(Codec<T>::write(bytes.data(), value), bytes.data() + bytes.size());
    return bytes;
}

template <class T>
stored_t<T> unpack(std::vector<std::byte> const& bytes) {
    PackedReader reader(bytes.data(), static_cast<std::int64_t>(bytes.size()));
    stored_t<T> value{};
    Codec<stored_t<T>>::read(reader, value);
    EXPECT_TRUE(reader.at_end());
    return value;
}

template <class T>
void expect_round_trip(T const& value) {
    EXPECT_EQ(unpack<T>(pack(value)), value);
}

enum class Suit { hearts, spades };

struct Card {
    Suit suit;
    int number;
    friend bool operator==(Card const&, Card const&) = default;
};

struct Order {
    std::int64_t id;
    std::string customer;
    std::vector<Card> cards;
    std::optional<double> discount;
    friend bool operator==(Order const&, Order const&) = default;
};

class Hidden {
  public:
    Hidden() = default;
    Hidden(int number, std::string text) : number_(number), text_(std::move(text)) {}
    friend bool operator==(Hidden const&, Hidden const&) = default;
    friend auto partita_members(Hidden& hidden) { return std::tie(hidden.number_, hidden.text_); }

  private:
    int number_ = 0;
    std::string text_;
};

struct Holder {
    std::string_view text;
    int number;
};
struct Pointing {
    int const* pointer;
};

static_assert(Flat<int> && Flat<Card> && Flat<std::pair<std::int64_t, double>>);
static_assert(Flat<std::tuple<int, std::array<float, 3>, Suit>>);
static_assert(!Flat<std::string> && !Flat<std::string_view> && !Flat<Order> && !Flat<Holder>);
static_assert(!Flat<Pointing> && !Flat<int*> && !Flat<std::pair<int, std::string>>);
static_assert(
    std::is_same_v<stored_t<std::pair<std::string_view, int> const&>, std::pair<std::string, int>>);

TEST(Codec, BringsBackWhatItPacked) {
    expect_round_trip(42);
    expect_round_trip(-1.5);
    expect_round_trip(true);
    expect_round_trip(Suit::spades);
    expect_round_trip(std::string());
    expect_round_trip(std::string("a\0b", 3));
    expect_round_trip(std::pair(std::string("key"), std::int64_t{7}));
    expect_round_trip(std::tuple(1, std::string("two"), 3.0));
    expect_round_trip(std::vector<std::vector<std::string>>{{}, {"a", ""}, {"b"}});
    expect_round_trip(std::vector<bool>{true, false, true});
    expect_round_trip(std::array<std::string, 2>{"x", "y"});
    expect_round_trip(std::optional<std::string>());
    expect_round_trip(std::optional<std::string>("some"));
    expect_round_trip(Card{Suit::spades, 12});
    expect_round_trip(Order{1, "Ada", {{Suit::hearts, 1}, {Suit::spades, 13}}, 0.25});
    expect_round_trip(Hidden(3, "three"));
    expect_round_trip(Table{{"one", 1}, {"two", 2}});
}

TEST(Codec, PacksTextOfAnyLength) {
    RandomStream random(2024);  // the seed
    for (std::size_t const length : {0, 1, 253, 254, 255, 256, 65536, 1000000}) {
        std::string text(length, ' ');
        for (char& c : text) c = static_cast<char>(random());
        expect_round_trip(text);
        EXPECT_EQ(Codec<std::string>::size(text),
                  static_cast<std::int64_t>(length) + (length < 255 ? 1 : 9));
    }
}

TEST(Codec, StoresViewsAsOwners) {
    std::string const text = "a word";
    EXPECT_EQ(unpack<std::string_view>(pack(std::string_view(text))), text);
    EXPECT_EQ(
        (unpack<std::pair<std::string_view, int>>(pack(std::pair(std::string_view(text), 1)))),
        std::pair(text, 1));
    EXPECT_EQ(to_stored(std::tuple(std::string_view("x"), 2)), std::tuple(std::string("x"), 2));
}

/// Whatever is cut off or changed, reading ends with an error or a value, never elsewhere.
TEST(Codec, RefusesBytesThatEndEarly) {
    auto const whole = pack(Order{1, std::string(300, 'x'), {{Suit::hearts, 1}}, 0.25});
    for (std::size_t size = 0; size < whole.size(); ++size) {
        PackedReader reader(whole.data(), static_cast<std::int64_t>(size));
        Order order;
        EXPECT_THROW(Codec<Order>::read(reader, order), Error) << size;
    }
    std::vector<std::byte> const endless(9, std::byte{255});
    EXPECT_THROW(unpack<std::string>(endless), Error);
    EXPECT_THROW(unpack<std::vector<std::int64_t>>(endless), Error);
}

TEST(KeyHash, IsEqualForEqualKeys) {
    EXPECT_EQ(key_hash(0.0), key_hash(-0.0));
    EXPECT_EQ(key_hash(std::string("word")), key_hash(std::string_view("word")));
    EXPECT_EQ(key_hash(std::pair(std::string("a"), 1)),
              key_hash(std::pair(std::string_view("a"), 1)));
    EXPECT_EQ(key_hash(std::int32_t{-5}), key_hash(std::int64_t{-5}));
    EXPECT_NE(key_hash(std::pair(1, 2)), key_hash(std::pair(2, 1)));
    EXPECT_NE(key_hash(Card{Suit::hearts, 1}), key_hash(Card{Suit::spades, 1}));
}

/// These decide who owns a key, in files too: they must never change.
TEST(KeyHash, StaysWhatItIs) {
    EXPECT_EQ(key_hash(std::int64_t{1}), mix64(1));
    EXPECT_EQ(key_hash(std::int64_t{1}), 0x910a2dec89025cc1u);
    EXPECT_EQ(key_hash(std::string("longer than fifteen bytes")),
              hash_bytes("longer than fifteen bytes"));
}

}  // namespace
}  // namespace partita::dataset
