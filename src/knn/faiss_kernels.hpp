#pragma once

namespace partita::knn {

/// Whether this program's FAISS computes distances with our kernels rather than its own.
///
/// The distribution's FAISS is built for the oldest x86-64. Its archive keeps the distance loops in
/// one object; where that object is the one we know (cmake/FaissKernels.cmake), we define all of
/// its functions ourselves, by instruction set, and the linker never takes the original. Programs
/// that link this module ask for this function by a linker option, which puts ours first.
/// FAISS's calls of its flat and HNSW searches are turned to ours too (faiss_searches.cpp).
bool faiss_kernels_active();

}  // namespace partita::knn
