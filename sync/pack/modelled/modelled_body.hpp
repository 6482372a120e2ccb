// A section's changes as one stream of modelled bits (docs/FORMATS.md, "Modelled body"): which
// rows, then their cells, each predicted from rows that both ends hold. The smallest way to say a
// change, and slower by far than column codes, so it is for deltas.
#pragma once

#include <map>

#include "sync/pack/coding/arithmetic.hpp"
#include "sync/pack/table/change.hpp"

namespace rootlet {

// Bits spent, in 1/65,536, by what they say.
struct ModelCosts {
  std::uint64_t rows = 0;                 // which rows are deleted, changed, new
  std::uint64_t columns = 0;              // which columns change
  std::uint64_t references = 0;           // which rows new ones resemble
  std::vector<std::uint64_t> cells = {};  // by column
};

struct ModelledBody {
  Bytes bytes;
  std::uint64_t raw_bytes = 0;  // what the reader will make of it, as it counts
  ModelCosts costs;
  std::vector<Rid> references;  // of the new rows, as body.hpp's ReferenceRows
};

// `first` is the changes of the pack's first section, which may be `changes` itself; both are sound
// (check_changes). `priming_rows`: of the base, at even distances, from which the model
// learns first; as many again of those that change. Errors are those of `base`.
Result<ModelledBody> encode_modelled(const SectionChanges& changes, const SectionChanges& first,
                                     BaseTable& base, std::size_t priming_rows);

// As decode_body(). Refuses, as kUntrusted, to make more than `raw_bytes`. `costs` may be null.
Status decode_modelled(ArithmeticCoder::Source source, const SectionSchema& schema,
                       bool first_section, std::uint64_t raw_bytes, BaseRows& base, RowLists& lists,
                       ChangeSink& sink, ModelCosts* costs = nullptr);

}  // namespace rootlet
