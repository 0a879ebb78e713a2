// The functions of FAISS 1.7.3's distances_simd.cpp, all of them: were one missing, the linker
// would take FAISS's object for it and find the others twice. cmake/FaissKernels.cmake compares the
// names with the archive's.

#include "knn/faiss_kernels.hpp"
#include "knn/faiss_kernels/vector_functions.hpp"

#include <algorithm>

#include <faiss/impl/FaissAssert.h>
#include <faiss/utils/distances.h>
#include <faiss/utils/utils.h>

namespace partita::knn {

bool faiss_kernels_active() { return true; }

}  // namespace partita::knn

using partita::knn::active_vector_functions;
using partita::knn::scalar_vector_functions;

namespace faiss {

float fvec_L2sqr(float const* x, float const* y, size_t d) {
    return active_vector_functions->squared_l2(x, y, d);
}
float fvec_inner_product(float const* x, float const* y, size_t d) {
    return active_vector_functions->inner_product(x, y, d);
}
float fvec_norm_L2sqr(float const* x, size_t d) {
    return active_vector_functions->inner_product(x, x, d);
}
float fvec_L1(float const* x, float const* y, size_t d) {
    return active_vector_functions->l1(x, y, d);
}
float fvec_Linf(float const* x, float const* y, size_t d) {
    return active_vector_functions->linf(x, y, d);
}

void fvec_L2sqr_ny(float* dis, float const* x, float const* y, size_t d, size_t ny) {
    active_vector_functions->squared_l2_many(dis, x, y, d, ny);
}
void fvec_inner_products_ny(float* ip, float const* x, float const* y, size_t d, size_t ny) {
    active_vector_functions->inner_product_many(ip, x, y, d, ny);
}

namespace {
/// The first smallest, or 0 of none.
size_t nearest(float const* distances, size_t ny) {
    return static_cast<size_t>(std::min_element(distances, distances + ny) - distances);
}
}  // namespace

size_t fvec_L2sqr_ny_nearest(float* distances_tmp_buffer, float const* x, float const* y, size_t d,
                             size_t ny) {
    fvec_L2sqr_ny(distances_tmp_buffer, x, y, d, ny);
    return nearest(distances_tmp_buffer, ny);
}
size_t fvec_L2sqr_ny_nearest_y_transposed(float* distances_tmp_buffer, float const* x,
                                          float const* y, float const* y_sqlen, size_t d,
                                          size_t d_offset, size_t ny) {
    active_vector_functions->squared_l2_transposed(distances_tmp_buffer, x, y, y_sqlen, d, d_offset,
                                                   ny);
    return nearest(distances_tmp_buffer, ny);
}

void fvec_add(size_t d, float const* a, float const* b, float* c) {
    active_vector_functions->add(d, a, b, c);
}
void fvec_add(size_t d, float const* a, float b, float* c) {
    active_vector_functions->add_number(d, a, b, c);
}
void fvec_sub(size_t d, float const* a, float const* b, float* c) {
    active_vector_functions->subtract(d, a, b, c);
}
void fvec_madd(size_t n, float const* a, float bf, float const* b, float* c) {
    active_vector_functions->add_scaled(n, a, bf, b, c);
}
int fvec_madd_and_argmin(size_t n, float const* a, float bf, float const* b, float* c) {
    fvec_madd(n, a, bf, b, c);
    size_t const least = nearest(c, n);
    // FAISS starts its search at 1e20, and says -1 when nothing is below.
    return n > 0 && c[least] < 1e20f ? static_cast<int>(least) : -1;
}

void compute_PQ_dis_tables_dsub2(size_t d, size_t ksub, float const* centroids, size_t nx,
                                 float const* x, bool is_inner_product, float* dis_tables) {
    FAISS_THROW_IF_NOT(ksub % 8 == 0);
    size_t const sub_quantizers = d / 2;
    for (size_t i = 0; i < nx; ++i, x += d)
        for (size_t m = 0; m < sub_quantizers; ++m, dis_tables += ksub)
            active_vector_functions->pair_distances(dis_tables, x + 2 * m, centroids + 2 * m * ksub,
                                                    ksub, is_inner_product);
}

// FAISS's own reference versions, which nothing but its tests calls.
float fvec_L2sqr_ref(float const* x, float const* y, size_t d) {
    return scalar_vector_functions.squared_l2(x, y, d);
}
float fvec_inner_product_ref(float const* x, float const* y, size_t d) {
    return scalar_vector_functions.inner_product(x, y, d);
}
float fvec_norm_L2sqr_ref(float const* x, size_t d) {
    return scalar_vector_functions.inner_product(x, x, d);
}
float fvec_L1_ref(float const* x, float const* y, size_t d) {
    return scalar_vector_functions.l1(x, y, d);
}
float fvec_Linf_ref(float const* x, float const* y, size_t d) {
    return scalar_vector_functions.linf(x, y, d);
}
void fvec_L2sqr_ny_ref(float* dis, float const* x, float const* y, size_t d, size_t ny) {
    scalar_vector_functions.squared_l2_many(dis, x, y, d, ny);
}
void fvec_inner_products_ny_ref(float* ip, float const* x, float const* y, size_t d, size_t ny) {
    scalar_vector_functions.inner_product_many(ip, x, y, d, ny);
}
void fvec_L2sqr_ny_y_transposed_ref(float* dis, float const* x, float const* y,
                                    float const* y_sqlen, size_t d, size_t d_offset, size_t ny) {
    scalar_vector_functions.squared_l2_transposed(dis, x, y, y_sqlen, d, d_offset, ny);
}
size_t fvec_L2sqr_ny_nearest_ref(float* distances_tmp_buffer, float const* x, float const* y,
                                 size_t d, size_t ny) {
    fvec_L2sqr_ny_ref(distances_tmp_buffer, x, y, d, ny);
    return nearest(distances_tmp_buffer, ny);
}
size_t fvec_L2sqr_ny_nearest_y_transposed_ref(float* distances_tmp_buffer, float const* x,
                                              float const* y, float const* y_sqlen, size_t d,
                                              size_t d_offset, size_t ny) {
    fvec_L2sqr_ny_y_transposed_ref(distances_tmp_buffer, x, y, y_sqlen, d, d_offset, ny);
    return nearest(distances_tmp_buffer, ny);
}

}  // namespace faiss
