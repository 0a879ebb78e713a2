#pragma once

#include "partita/frame/block.hpp"

namespace partita::frame {

/// The texts with a dictionary, in the order in which they appear, when no more than a quarter of
/// the rows begins a new one; else the column as it is. Depends on the texts alone.
///
/// A block of which few texts differ is smaller then, and groups, joins and expressions look at
/// each different text once.
Column with_dictionary(Column const& texts);

/// The same for all columns of texts.
Block with_dictionaries(Block const& block);

}  // namespace partita::frame
