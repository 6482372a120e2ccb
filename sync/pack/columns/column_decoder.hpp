// The bounded interpreter of column codes (docs/FORMATS.md, "Column codes"). It checks every code,
// count and length before use, takes time linear in its output, and never allocates because an
// unchecked number says so. All errors are kUntrusted and name the column and the byte. One thread.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "core/bytes.hpp"
#include "sync/pack/coding/codes.hpp"
#include "sync/pack/columns/modelled.hpp"
#include "sync/pack/table/table.hpp"

namespace rootlet {

// The cells of a column that are coded, and what they may be coded against. The pointers belong to
// the caller.
struct CellSelection {
  std::size_t count = 0;                     // of cells, at least one
  std::span<const CellView> old_cells = {};  // the old value of each; empty if there are none
  BlockCells* cells = nullptr;               // null: no other column may be used
  const std::vector<std::uint32_t>* rows = nullptr;  // of the block, ascending; only with `cells`
};

class ColumnDecoder {
 public:
  // Continues reading at `in`. With a `tree`, decodes only to show: appends the names of the codes
  // to it and needs nothing but the bytes; of the decoded cells only their number is right.
  explicit ColumnDecoder(ByteReader& in, std::string* tree = nullptr) : in_(in), tree_(tree) {}

  // Decodes which of the selection's rows are marked.
  Result<std::vector<std::uint32_t>> marked_rows(const CellSelection& selection);
  // Appends selection.count cells to `out`.
  Status decode(const ColumnSpec& column, const CellSelection& selection, CellColumn& out);

 private:
  using Rows = std::vector<std::uint32_t>;
  struct Texts {
    std::string bytes;
    std::vector<std::size_t> ends;
    std::size_t size() const { return ends.size(); }
    std::string_view at(std::size_t i) const;
  };
  // The old values of a node's items; null if there are none.
  using OldNumbers = const Numbers*;
  using OldTexts = const std::vector<std::string_view>*;
  // Which of n items are marked, and both groups of items.
  struct Marks {
    std::vector<bool> marked;
    Rows rows[2], positions[2];  // of unmarked items, of marked items
    Items items[2];
  };

  Result<Code> next_code(int depth);
  Result<std::size_t> child_count(std::size_t count);
  Result<std::size_t> column_number();
  Result<Numbers> child_numbers(const Items& items);
  Result<Texts> child_texts(const Items& items);
  Status marks(const Items& items, Marks& out);

  Status runs_of_nulls(std::size_t count, std::vector<bool>& present);

  Result<Numbers> numbers(const Items& items, OldNumbers old_values);
  Result<Numbers> plain_numbers(Code code, const Items& items, const ValueDictionary* priming);
  Result<Numbers> varints(std::size_t count, bool is_signed);
  Result<Numbers> differences(const Items& items, OldNumbers bases);
  Result<Numbers> runs(const Items& items);
  Result<Numbers> choice(const Items& items);
  Result<Numbers> split(const Items& items);
  Result<Numbers> common(const Items& items);
  Result<Numbers> repeated(const Items& items);
  Result<Numbers> from_cell(const Items& items);
  Result<std::vector<std::size_t>> lengths(const Items& items);
  Result<Numbers> days(const Items& items);
  Result<Numbers> numbers_below(const Items& items, std::int64_t bound);

  Result<Texts> texts(const Items& items, OldTexts old_values);
  Result<Texts> plain_text(const Items& items);
  Result<Texts> same_text(const Items& items);
  Result<Texts> after_prefix(const Items& items);
  Result<Texts> text_choice(const Items& items);
  Result<Texts> digits(const Items& items, OldTexts old_values);
  Result<Texts> inside_old(const Items& items, OldTexts old_values);
  Result<Texts> characters(const Items& items);
  Result<Texts> known_characters(const Items& items);
  Result<Texts> characters_of(const Items& items, const Numbers& alphabet,
                              const CharacterDictionary* priming);
  Result<Texts> date(const Items& items);
  Result<Texts> moment(const Items& items);
  Result<Texts> identity(const Items& items);
  Result<Texts> credit_code(const Items& items);
  Result<Texts> part_of_cell(const Items& items);
  Result<Texts> repeated_text(const Items& items);
  Result<Texts> counted(const Items& items);
  Result<Texts> either(const Items& items);
  Result<Texts> known_choice(const Items& items);
  Result<Texts> pieces(const Items& items);
  Result<Texts> around_cell(const Items& items);
  Status append(Texts& out, std::string_view a, std::string_view b = {}, std::string_view c = {});
  Status append_digits(std::string& out, std::int64_t number, std::size_t width) const;
  Status fits(const Texts& texts) const;
  Status check_texts(const ColumnSpec& column, const Texts& texts) const;
  static Texts blank(std::size_t count);

  Status decode_numbers(const ColumnSpec& column, const Items& items,
                        std::span<const CellView> old_cells, const std::vector<bool>& present,
                        CellColumn& out);
  Status decode_texts(const ColumnSpec& column, const Items& items,
                      std::span<const CellView> old_cells, const std::vector<bool>& present,
                      CellColumn& out);
  Error error(std::string_view detail) const { return in_.error(detail); }
  bool only_shows() const { return tree_ != nullptr; }
  void open_branch();
  void close_branch();

  ByteReader& in_;
  std::string* tree_;
  BlockCells* cells_ = nullptr;
  std::size_t codes_ = 0;                     // decoded so far
  const ValueDictionary* priming_ = nullptr;  // of the next node
};

}  // namespace rootlet
