#include "knn/index/faiss_layout.hpp"

#include "support/knn_oracle.hpp"
#include "support/temp_folder.hpp"

#include "partita/core/error.hpp"

#include <fstream>

#include <faiss/IndexFlat.h>
#include <faiss/IndexHNSW.h>
#include <faiss/IndexIVFFlat.h>
#include <faiss/IndexScalarQuantizer.h>
#include <faiss/index_io.h>
#include <gtest/gtest.h>

namespace partita::knn {
namespace {

constexpr int dim = 5;
constexpr int rows = 200;

class FaissLayoutTest : public testing::Test {
  protected:
    FaissLayoutTest() : vectors_(test::normal_vectors(rows, dim, 7)) {}

    std::string write(faiss::Index& index) {
        index.add(rows, vectors_.data());
        std::string const path = folder_.file("index");
        faiss::write_index(&index, path.c_str());
        return path;
    }

    /// Every proper prefix of the file must be refused, and none may crash the reader.
    template <class Read>
    void expect_prefixes_refused(std::string const& path, Read read) {
        std::ifstream in(path, std::ios::binary);
        std::string const bytes((std::istreambuf_iterator<char>(in)), {});
        std::string const part = folder_.file("part");
        for (std::size_t length = 1; length < bytes.size(); length += 1 + length / 16) {
            std::ofstream(part, std::ios::binary | std::ios::trunc)
                .write(bytes.data(), static_cast<std::streamsize>(length));
            EXPECT_THROW(read(MappedFile(part)), Error) << length << " of " << bytes.size();
        }
    }

    /// Any byte may lie: the reader must either refuse or give places inside the file.
    template <class Read>
    void expect_lies_survived(std::string const& path, Read read) {
        std::ifstream in(path, std::ios::binary);
        std::string const bytes((std::istreambuf_iterator<char>(in)), {});
        std::string const lie = folder_.file("lie");
        for (std::size_t at = 0; at < std::min<std::size_t>(bytes.size(), 300); ++at) {
            std::string changed = bytes;
            changed[at] = static_cast<char>(changed[at] ^ 0xff);
            std::ofstream(lie, std::ios::binary | std::ios::trunc)
                .write(changed.data(), static_cast<std::streamsize>(changed.size()));
            try {
                read(MappedFile(lie));
            } catch (Error const&) {
            }
        }
    }

    test::TempFolder folder_;
    std::vector<float> vectors_;
};

TEST_F(FaissLayoutTest, FlatVectorsLieWhereFaissWroteThem) {
    faiss::IndexFlatL2 index(dim);
    MappedFile const file(write(index));
    FlatLayout const flat = read_flat_layout(file);
    EXPECT_EQ(flat.header.rows, rows);
    EXPECT_EQ(flat.header.dim, dim);
    EXPECT_TRUE(flat.header.l2);
    EXPECT_EQ(std::memcmp(flat.data, vectors_.data(), vectors_.size() * sizeof(float)), 0);
}

TEST_F(FaissLayoutTest, InnerProductIsSeen) {
    faiss::IndexFlatIP index(dim);
    EXPECT_FALSE(read_flat_layout(MappedFile(write(index))).header.l2);
}

TEST_F(FaissLayoutTest, InvertedListsLieWhereFaissWroteThem) {
    faiss::IndexFlatL2 quantizer(dim);
    faiss::IndexIVFFlat index(&quantizer, dim, 7);
    index.train(rows, vectors_.data());
    MappedFile const file(write(index));
    IvfLayout const ivf = read_ivf_layout(file);
    ASSERT_EQ(ivf.lists.size(), 7u);
    std::int64_t seen = 0;
    for (ListLayout const& list : ivf.lists)
        for (std::int64_t i = 0; i < list.size; ++i, ++seen) {
            auto const id = load_at<std::int64_t>(list.ids, i);
            auto const* vector = list.codes + i * dim * 4;
            EXPECT_EQ(std::memcmp(vector, vectors_.data() + id * dim, dim * 4), 0);
        }
    EXPECT_EQ(seen, rows);
}

TEST_F(FaissLayoutTest, SparseListSizesAreRead) {
    faiss::IndexFlatL2 quantizer(dim);
    std::vector<float> centroids = test::normal_vectors(64, dim, 3);
    quantizer.add(64, centroids.data());
    faiss::IndexIVFFlat index(&quantizer, dim, 64);
    index.add(3, vectors_.data());  // most lists stay empty
    std::string const path = folder_.file("sparse");
    faiss::write_index(&index, path.c_str());
    MappedFile const file(path);
    std::int64_t total = 0;
    for (ListLayout const& list : read_ivf_layout(file).lists) total += list.size;
    EXPECT_EQ(total, 3);
}

TEST_F(FaissLayoutTest, CodesBecomeWhatFaissMakesOfThem) {
    for (auto type : {faiss::ScalarQuantizer::QT_fp16, faiss::ScalarQuantizer::QT_8bit})
        for (bool by_residual : {false, true}) {
            faiss::IndexFlatL2 quantizer(dim);
            faiss::IndexIVFScalarQuantizer index(&quantizer, dim, 7, type, faiss::METRIC_L2,
                                                 by_residual);
            index.nprobe = 8;
            index.train(rows, vectors_.data());
            MappedFile const file(write(index));
            ASSERT_TRUE(has_ivf_layout(file));
            IvfLayout const ivf = read_ivf_layout(file);
            EXPECT_EQ(ivf.coding.by_residual, by_residual);
            index.make_direct_map();
            std::vector<float> wanted(dim), found(dim);
            std::vector<std::int64_t> sizes;
            for (std::size_t l = 0; l < ivf.lists.size(); ++l) {
                ListLayout const& list = ivf.lists[l];
                sizes.push_back(list.size);
                float const* const centroid = ivf.centroids.data + l * dim;
                for (std::int64_t i = 0; i < list.size; ++i) {
                    index.reconstruct(load_at<std::int64_t>(list.ids, i), wanted.data());
                    decode(ivf.coding, list.codes + i * ivf.coding.code_bytes(), 1, centroid,
                           found.data());
                    for (std::size_t d = 0; d < dim; ++d) EXPECT_FLOAT_EQ(found[d], wanted[d]);
                    // Where a number lies between two halves, FAISS may take the other.
                    std::vector<std::byte> code(static_cast<std::size_t>(index.code_size));
                    float const* const vector =
                        vectors_.data() + load_at<std::int64_t>(list.ids, i) * dim;
                    encode(ivf.coding, vector, 1, centroid, code.data());
                    decode(ivf.coding, code.data(), 1, centroid, found.data());
                    for (std::size_t d = 0; d < dim; ++d)
                        EXPECT_LE(std::abs(found[d] - vector[d]),
                                  std::abs(wanted[d] - vector[d]) + 1e-6f);
                }
            }
            auto const prefix = ivf_prefix(rows, true, 8, ivf.coding, ivf.centroids.data, sizes);
            EXPECT_EQ(std::memcmp(prefix.data(), file.data(), prefix.size()), 0);
        }
}

TEST_F(FaissLayoutTest, OtherCodesAreLeftToFaiss) {
    faiss::IndexFlatL2 quantizer(dim);
    faiss::IndexIVFScalarQuantizer index(&quantizer, dim, 7, faiss::ScalarQuantizer::QT_4bit);
    index.train(rows, vectors_.data());
    MappedFile const file(write(index));
    EXPECT_FALSE(has_ivf_layout(file));
    EXPECT_THROW(read_ivf_layout(file), Error);
}

TEST_F(FaissLayoutTest, GraphLiesWhereFaissWroteIt) {
    faiss::IndexHNSWFlat index(dim, 6);
    MappedFile const file(write(index));
    HnswLayout const graph = read_hnsw_layout(file);
    EXPECT_EQ(graph.entry_point, index.hnsw.entry_point);
    EXPECT_EQ(graph.max_level, index.hnsw.max_level);
    ASSERT_EQ(graph.link_count, static_cast<std::int64_t>(index.hnsw.neighbors.size()));
    for (std::int64_t i = 0; i < graph.link_count; ++i)
        EXPECT_EQ(load_at<std::int32_t>(graph.links, i),
                  index.hnsw.neighbors[static_cast<std::size_t>(i)]);
}

TEST_F(FaissLayoutTest, OurBytesAreFaisss) {
    faiss::IndexFlatL2 quantizer(dim);
    faiss::IndexIVFFlat index(&quantizer, dim, 7);
    index.train(rows, vectors_.data());
    index.nprobe = 8;
    std::string const path = write(index);
    std::vector<std::int64_t> sizes;
    for (std::size_t l = 0; l < 7; ++l)
        sizes.push_back(static_cast<std::int64_t>(index.invlists->list_size(l)));
    auto const* centroids = reinterpret_cast<float const*>(quantizer.codes.data());
    ListCoding floats;
    floats.dim = dim;
    auto const prefix = ivf_prefix(rows, true, 8, floats, centroids, sizes);
    MappedFile const file(path);
    ASSERT_LE(prefix.size(), static_cast<std::size_t>(file.size()));
    EXPECT_EQ(std::memcmp(prefix.data(), file.data(), prefix.size()), 0);
}

TEST_F(FaissLayoutTest, DamagedFilesAreRefused) {
    faiss::IndexFlatL2 flat(dim);
    expect_prefixes_refused(write(flat), [](MappedFile file) { read_flat_layout(file); });
    expect_lies_survived(write(flat), [](MappedFile file) { read_flat_layout(file); });
    faiss::IndexFlatL2 quantizer(dim);
    faiss::IndexIVFFlat ivf(&quantizer, dim, 7);
    ivf.train(rows, vectors_.data());
    expect_prefixes_refused(write(ivf), [](MappedFile file) { read_ivf_layout(file); });
    faiss::IndexFlatL2 coarse(dim);
    faiss::IndexIVFScalarQuantizer codes(&coarse, dim, 7, faiss::ScalarQuantizer::QT_8bit);
    codes.train(rows, vectors_.data());
    expect_prefixes_refused(write(codes), [](MappedFile file) { read_ivf_layout(file); });
    expect_lies_survived(write(codes), [](MappedFile file) { read_ivf_layout(file); });
    expect_lies_survived(write(ivf), [](MappedFile file) { read_ivf_layout(file); });
    faiss::IndexHNSWFlat hnsw(dim, 6);
    expect_prefixes_refused(write(hnsw), [](MappedFile file) { read_hnsw_layout(file); });
    expect_lies_survived(write(hnsw), [](MappedFile file) { read_hnsw_layout(file); });
}

TEST_F(FaissLayoutTest, OtherFilesAreNamed) {
    std::string const path = folder_.file("text");
    std::ofstream(path) << "id,age\n1,2\n and some more text to be longer than a header";
    try {
        read_faiss_header(MappedFile(path));
        FAIL() << "expected an Error";
    } catch (Error const& e) {
        EXPECT_NE(std::string(e.what()).find("not a FAISS index"), std::string::npos) << e.what();
    }
}

}  // namespace
}  // namespace partita::knn
