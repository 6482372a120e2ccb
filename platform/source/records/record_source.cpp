// Writes records as CSV text, on a thread of its own: a database's driver may need one to itself.
#include "platform/source/records/record_source.hpp"

#include <algorithm>

#include "core/limits.hpp"
#include "core/thread/read_ahead.hpp"
#include "platform/source/records/record_numbers.hpp"
#include "platform/source/text_rows.hpp"

namespace rootlet::platform {
namespace {

constexpr std::size_t kTextBytes = 128 * limits::kKiB;
constexpr std::size_t kPiecesAhead = 4;

class RecordSource final : public RowSource {
 public:
  RecordSource(RecordNames names, std::unique_ptr<RecordReader> reader)
      : names_(std::move(names)), reader_(std::move(reader)) {}

  const std::string& name() const override { return names_.source; }
  std::string control_totals() const override { return names_.control; }
  std::uint64_t number_of(std::uint64_t line) const override { return numbers_.at(line); }
  std::string place_of(std::uint64_t line) const override {
    if (line == kHeaderLine) return "the columns";
    return std::string(names_.unit) + " " + std::to_string(number_of(line));
  }

  Result<SourceColumns> begin(const SourceSetup& setup) override {
    ROOTLET_TRY(const std::vector<std::string> names, reader_->columns(setup));
    if (names.empty()) return bad_input(names_.source + ": there are no columns", names_.source);
    const std::vector<std::string_view> header(names.begin(), names.end());
    append(piece_.text, header);
    pieces_.emplace(kPiecesAhead, [this](Piece& piece) { return fill(piece); });
    rows_.emplace([this](std::span<char> space) { return read(space); }, names_.source, setup,
                  TextRowsOptions{.progress = [progress = setup.progress](std::uint64_t bytes) {
                    if (progress) progress(bytes, 0);
                  }});
    ROOTLET_TRY(std::optional<SourceColumns> columns, rows_->begin());
    return std::move(*columns);
  }

  std::optional<SourceBatch> next() override { return rows_->next(); }
  void end() override {
    if (rows_) rows_->end();
  }
  std::function<Status()> marking() override { return reader_->marking(); }
  void set_fingerprints(SourceTable& table) override { rows_->set_fingerprints(table); }

 private:
  static constexpr std::uint64_t kHeaderLine = 1;

  struct Piece {
    std::string text = {};
    std::optional<Error> error = {};  // why the source ended after this text
  };

  void append(std::string& text, std::span<const std::string_view> fields) {
    const std::size_t before = text.size();
    append_csv_row(text, fields);
    line_ += static_cast<std::uint64_t>(
        std::count(text.begin() + static_cast<std::ptrdiff_t>(before), text.end(), '\n'));
  }

  Result<std::size_t> read(std::span<char> space) {
    while (given_ == piece_.text.size()) {
      if (piece_.error) return *piece_.error;
      std::optional<Piece> next = pieces_->next();
      if (!next) return std::size_t{0};
      piece_ = std::move(*next);
      given_ = 0;
    }
    const std::size_t bytes = piece_.text.copy(space.data(), space.size(), given_);
    given_ += bytes;
    return bytes;
  }

  // False: this piece is the last.
  bool fill(Piece& piece) {
    while (piece.text.size() < kTextBytes) {
      const Result<bool> more = reader_->next(record_);
      if (more.has_error()) piece.error = more.error();
      if (more.has_error() || !more.value()) return false;
      numbers_.note(line_, record_.number);
      append(piece.text, record_.fields);
    }
    return true;
  }

  RecordNames names_;
  std::unique_ptr<RecordReader> reader_;
  RecordReader::Record record_;
  RecordNumbers numbers_;
  std::uint64_t line_ = kHeaderLine;  // where the next row begins
  std::optional<ReadAhead<Piece>> pieces_;
  Piece piece_;  // that the scanner is reading
  std::size_t given_ = 0;
  std::optional<TextRows> rows_;  // last: it reads from the rest
};

}  // namespace

std::unique_ptr<RowSource> record_source(RecordNames names, std::unique_ptr<RecordReader> reader) {
  return std::make_unique<RecordSource>(std::move(names), std::move(reader));
}

}  // namespace rootlet::platform
