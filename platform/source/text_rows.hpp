// Rows of a CSV text in UTF-8, whatever it was made from. A scanner finds and fingerprints rows on
// its own thread, a filter blanks the unchanged ones, the CSV reader splits the rest ahead of the
// caller.
#pragma once

#include "core/encoding/text_stream.hpp"
#include "platform/source/row_filter.hpp"
#include "platform/source/row_source.hpp"

namespace rootlet::platform {

struct TextRowsOptions {
  char delimiter = ',';
  // Our own exports guard cells against spreadsheets, and end with a mark: both are taken off.
  bool may_be_export = false;
  RowFilter::Progress progress = {};
  // Called if the last row has no line end, on a thread of the source.
  std::function<void(std::uint64_t line)> on_open_end = {};
};

class TextRows {
 public:
  // `name` is how errors call the source. Everything given must outlive this.
  TextRows(TextSource text, const std::string& name, const SourceSetup& setup,
           TextRowsOptions options);

  // The header; nullopt if there is none.
  Result<std::optional<SourceColumns>> begin();
  std::optional<SourceBatch> next() { return batches_->next(); }
  void end() { batches_.reset(); }            // as RowSource
  void set_fingerprints(SourceTable& table);  // as RowSource

 private:
  bool fill(SourceBatch& batch);

  TextRowsOptions options_;
  // Each reads from the one above it, so they end in the opposite order.
  RowScanner scanner_;
  RowFilter filter_;
  CsvReader reader_;
  std::optional<ReadAhead<SourceBatch>> batches_;
};

}  // namespace rootlet::platform
