#pragma once

namespace partita::ml {

/// A column whose deviation is this small a part of its size is taken as constant.
constexpr double constant_share = 1e-13;

}  // namespace partita::ml
