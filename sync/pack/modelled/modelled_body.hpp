// A section's changes as one arithmetic-coded bit stream (docs/FORMATS.md, "Modelled body"): which
// rows, then their cells, each predicted from rows that both ends hold. The smallest coding of a
// change and by far the slowest, so it is for deltas only. One thread.
#pragma once

#include <map>

#include "sync/pack/coding/arithmetic.hpp"
#include "sync/pack/table/change.hpp"

namespace rootlet {

// Information content by use, in 1/65,536 bit.
struct ModelCosts {
  std::uint64_t rows = 0;                 // which rows are deleted, changed, inserted
  std::uint64_t columns = 0;              // which columns change
  std::uint64_t references = 0;           // the references of new rows
  std::vector<std::uint64_t> cells = {};  // by column
};

struct ModelledBody {
  Bytes bytes;
  std::uint64_t raw_bytes = 0;  // what the reader will produce, by its own count
  ModelCosts costs;
  std::vector<Rid> references;  // of the new rows, as in ReferenceRows (body.hpp)
};

// `first` is the changes of the pack's first section, which may be `changes` itself; both must have
// passed check_changes(). `priming_rows`: how many rows of the base, evenly spaced, prime the
// model, and as many again of the rows that change. kBadInput for a cell that its column may not
// hold; otherwise the errors of `base`.
Result<ModelledBody> encode_modelled(const SectionChanges& changes, const SectionChanges& first,
                                     BaseTable& base, std::size_t priming_rows);

// As decode_body(). kUntrusted if the body produces more or less than `raw_bytes`. `costs` may be
// null.
Status decode_modelled(ArithmeticCoder::Source source, const SectionSchema& schema,
                       bool first_section, std::uint64_t raw_bytes, BaseRows& base, RowLists& lists,
                       ChangeSink& sink, ModelCosts* costs = nullptr);

}  // namespace rootlet
