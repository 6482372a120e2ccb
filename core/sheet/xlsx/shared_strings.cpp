#include <charconv>

#include "core/sheet/xlsx/workbook.hpp"
#include "core/sheet/xlsx/xlsx_limits.hpp"
#include "core/sheet/xlsx/xml_reader.hpp"

namespace rootlet {
namespace {

constexpr std::size_t kEscapeBytes = 7;  // "_x000D_"

// The character of an escape at the beginning of `text`; 0 if there is none.
std::uint32_t escape_at(std::string_view text) {
  if (text.size() < kEscapeBytes || !text.starts_with("_x") || text[6] != '_') return 0;
  std::uint32_t value = 0;
  const auto [end, problem] = std::from_chars(text.data() + 2, text.data() + 6, value, 16);
  if (problem != std::errc() || end != text.data() + 6) return 0;
  const bool is_space = value == '\t' || value == '\n' || value == '\r';
  const bool is_text = value >= ' ' && value != 0x7F && (value < 0xD800 || value > 0xDFFF);
  return is_space || is_text ? value : 0;
}

// <si><t>…</t></si>, or in runs <si><r><t>…</t></r>…</si>; <rPh> is how to read it.
class StringEvents final : public XmlEvents {
 public:
  explicit StringEvents(std::string what) : what_(std::move(what)) {}

  Status begin(int depth, std::string_view name, const XmlAttributes&) override {
    if (depth == 2) in_text_ = name == "si";
    if (depth == 3) is_reading_ = name != "rPh";
    const bool in_place = depth == 3 || (depth == 4 && is_reading_);
    takes_ = in_text_ && in_place && name == "t";
    return ok();
  }
  Status end(int depth, std::string_view name) override {
    takes_ = false;
    if (depth != 2 || name != "si") return ok();
    strings.add(unescaped_text(text_));
    text_.clear();
    return strings.size() > limits::kSheetStrings ? Status(too_many()) : ok();
  }
  Status text(int, std::string_view piece) override {
    if (!takes_) return ok();
    text_ += piece;
    const std::size_t bytes = strings.bytes() + text_.size();
    return bytes > limits::kSheetStringBytes ? Status(too_many()) : ok();
  }
  SharedStrings strings;

 private:
  Error too_many() const {
    const std::string most = std::to_string(limits::kSheetStringBytes / limits::kMiB);
    return bad_input(what_ + ": its texts are more than " + most + " MiB or a million", what_,
                     {.en = "Take fewer rows, or save the sheet as CSV UTF-8.",
                      .zh = "工作簿中的文字过多（上限 " + most +
                            " MiB 或一百万条）。请减少行数，或另存为 CSV UTF-8。"});
  }
  std::string what_, text_;
  bool in_text_ = false, is_reading_ = false, takes_ = false;
};

}  // namespace

std::string_view SharedStrings::at(std::size_t index) const {
  const std::size_t begin = index == 0 ? 0 : ends_[index - 1];
  return std::string_view(text_).substr(begin, ends_[index] - begin);
}

std::string unescaped_text(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t mark = std::min(text.find("_x"), text.size());
    out += text.substr(0, mark);
    text.remove_prefix(mark);
    const std::uint32_t value = escape_at(text);
    if (value != 0) append_utf8(out, value);
    if (value == 0 && !text.empty()) out += '_';
    text.remove_prefix(std::min(value != 0 ? kEscapeBytes : 1, text.size()));
  }
  return out;
}

Result<SharedStrings> read_strings(const ZipFile& archive, const std::string& part,
                                   const std::string& what) {
  StringEvents events(what);
  if (part.empty()) return std::move(events.strings);
  ROOTLET_TRY(TextSource source, archive.read(part));
  XmlReader reader(std::move(source), what + ": " + part, events);
  ROOTLET_TRY(reader.read_all());
  return std::move(events.strings);
}

}  // namespace rootlet
