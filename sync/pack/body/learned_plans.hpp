// What the encoder of a table's new rows learned of their columns: the order in which to code them,
// and a tree of codes for each. Another table with the same columns can start from it (another
// partition of the dataset), and is then encoded in a fraction of the time. One thread; a const one
// may be shared.
#pragma once

#include <vector>

#include "sync/pack/columns/column_encoder.hpp"

namespace rootlet {

struct SectionPlans {
  ColumnEncoder encoder;
  std::vector<std::size_t> order;  // of columns; empty: not learned
};

struct LearnedPlans {
  std::vector<SectionPlans> sections;
};

}  // namespace rootlet
