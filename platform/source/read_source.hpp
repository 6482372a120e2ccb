// Reads the new full state of a dataset from a source into a SourceTable.
//
// Either every row satisfies the definition, or the error names the source, line and column of each
// mistake, up to kSourceMistakes (row_reader.hpp) of them. The source names its columns in any
// order, by name or title, or as its mapping says; a missing, unknown or doubled column is a
// mistake. An empty field is null; a key is never null. No error holds a value of a row. If some
// rows may be set aside, those with mistakes are left out of the table as long as their keys can be
// read.
//
// Of a list of changes (SourceSetup::is_change_list) the last row of each key counts, and of a
// deleted row only the key is read.
#pragma once

#include "platform/source/row_source.hpp"
#include "sync/pack/table/dataset.hpp"

namespace rootlet::platform {

// Rows that the source leaves out as unchanged are not in the table; their keys are still compared
// with those of the others. kBadInput for mistakes; else the source's own error.
Result<SourceTable> read_source(RowSource& source, const SourceSetup& setup);

// The same, with nothing known from before: every row is read.
Result<SourceTable> read_whole_source(const DatasetDefinition& definition, RowSource& source);

}  // namespace rootlet::platform
