// The bounded interpreter of column codes: it checks every code, count and length before it uses
// it, works in time linear in what it makes, and never allocates because a number claims so. All
// errors are kUntrusted and name the column and the byte.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "core/bytes.hpp"
#include "sync/pack/codes.hpp"
#include "sync/pack/table.hpp"

namespace rootlet {

class ColumnDecoder {
 public:
  // Reads on from `in`. If `tree` is given, the codes met are written there for people, and old
  // values may be left out: nothing is right about the cells then but their number.
  explicit ColumnDecoder(ByteReader& in, std::string* tree = nullptr) : in_(in), tree_(tree) {}

  // Appends `count` cells to `out`. `olds` is empty, or holds the old value of each cell.
  Status decode(const ColumnSpec& column, std::size_t count, std::span<const CellView> olds,
                CellColumn& out);

 private:
  using Numbers = std::vector<std::int64_t>;
  struct Texts {
    std::string bytes;
    std::vector<std::size_t> ends;
    std::size_t size() const { return ends.size(); }
    std::string_view at(std::size_t i) const;
  };
  struct Node {
    std::size_t count = 0;
    int depth = 0;
  };

  Result<Code> next_code(int depth);
  Result<std::vector<bool>> nulls(std::size_t count);

  Result<Numbers> numbers(Node node, const Numbers* olds);
  Result<Numbers> varints(std::size_t count, bool is_signed);
  Result<Numbers> differences(Node node, const Numbers* bases);
  Result<Numbers> runs(Node node);
  Result<Numbers> choice(Node node);
  Result<std::vector<std::size_t>> lengths(Node node);
  Result<std::size_t> child_count(std::size_t count);

  Result<Texts> texts(Node node, const std::vector<std::string_view>* olds);
  Result<Texts> plain_text(Node node);
  Result<Texts> same_text(Node node);
  Result<Texts> after_prefix(Node node);
  Result<Texts> text_choice(Node node);
  Result<Texts> digits(Node node, const std::vector<std::string_view>* olds);
  Result<Texts> inside_old(Node node, const std::vector<std::string_view>* olds);
  Status append(Texts& out, std::string_view a, std::string_view b = {}, std::string_view c = {});

  Status decode_numbers(const ColumnSpec& column, Node node, std::span<const CellView> olds,
                        const std::vector<bool>& present, CellColumn& out);
  Status decode_texts(const ColumnSpec& column, Node node, std::span<const CellView> olds,
                      const std::vector<bool>& present, CellColumn& out);
  Error error(std::string_view detail) const { return in_.error(detail); }
  void open_branch();
  void close_branch();

  ByteReader& in_;
  std::string* tree_;
};

}  // namespace rootlet
