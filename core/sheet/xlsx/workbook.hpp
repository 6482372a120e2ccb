// What a workbook says of itself: its sheets, its number formats, its date system, its shared
// texts. Found by the relationships between its parts, as the standard has it (ECMA-376 part 2, 9;
// part 1, 18.2, 18.4, 18.8), and never by usual names.
#pragma once

#include <vector>

#include "core/sheet/xlsx/number_text.hpp"
#include "core/sheet/xlsx/zip_file.hpp"

namespace rootlet {

struct Workbook {
  struct Table {
    std::string name;
    std::string part;  // in the archive
    bool is_hidden = false;
  };
  std::vector<Table> tables;  // sheets with cells, in the order of their tabs
  DateSystem dates = DateSystem::k1900;
  std::vector<NumberFormat> formats;  // by a cell's style
  std::string strings_part;           // "" if there are no shared texts

  // The named sheet; for "" the first one that people see, else the first. kBadInput with the
  // names there are.
  Result<const Table*> table(std::string_view name, const std::string& what) const;
};

Result<Workbook> read_workbook(const ZipFile& archive, const std::string& what);

// Texts that cells share, one after the other.
class SharedStrings {
 public:
  std::size_t size() const { return ends_.size(); }
  std::string_view at(std::size_t index) const;  // REQUIRES: index < size()

  void add(std::string_view text) {
    text_ += text;
    ends_.push_back(text_.size());
  }
  std::size_t bytes() const { return text_.size(); }

 private:
  std::string text_;
  std::vector<std::size_t> ends_;
};

Result<SharedStrings> read_strings(const ZipFile& archive, const std::string& part,
                                   const std::string& what);

// "_x000D_" is how workbooks write characters that XML has not (ECMA-376 part 1, 22.9.2.19). A
// control character or a surrogate written so is left as it is written, but tab and line ends.
std::string unescaped_text(std::string_view text);

}  // namespace rootlet
