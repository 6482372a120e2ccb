// Names of the codes, as `pack show` prints them (docs/FORMATS.md, "Column codes"), and the digit
// strings of kDigits.
#include "sync/pack/coding/codes.hpp"

#include <charconv>

namespace rootlet {

std::string_view name_of(Code code) {
  switch (code) {
    case Code::kSigned:
      return "signed";
    case Code::kUnsigned:
      return "unsigned";
    case Code::kSame:
      return "same";
    case Code::kFromPrevious:
      return "from-previous";
    case Code::kFromOld:
      return "from-old";
    case Code::kRuns:
      return "runs";
    case Code::kChoice:
      return "choice";
    case Code::kModelled:
      return "modelled";
    case Code::kSplit:
      return "split";
    case Code::kCommon:
      return "common";
    case Code::kRepeated:
      return "repeated";
    case Code::kFromCell:
      return "from-cell";
    case Code::kPlainText:
      return "plain-text";
    case Code::kSameText:
      return "same-text";
    case Code::kAfterPrefix:
      return "after-prefix";
    case Code::kTextChoice:
      return "text-choice";
    case Code::kDigits:
      return "digits";
    case Code::kInsideOld:
      return "inside-old";
    case Code::kCharacters:
      return "characters";
    case Code::kDate:
      return "date";
    case Code::kMoment:
      return "moment";
    case Code::kIdentity:
      return "identity";
    case Code::kPartOfCell:
      return "part-of-cell";
    case Code::kRepeatedText:
      return "repeated-text";
    case Code::kCounted:
      return "counted";
    case Code::kEither:
      return "either";
    case Code::kKnownChoice:
      return "known-choice";
    case Code::kKnownCharacters:
      return "known-characters";
    case Code::kPieces:
      return "pieces";
    case Code::kCreditCode:
      return "credit-code";
    case Code::kAroundCell:
      return "around-cell";
    case Code::kSomeNull:
      return "some-null";
    case Code::kAllNull:
      return "all-null";
    case Code::kNullMarks:
      return "null-marks";
  }
  return "unknown";
}

bool is_digits(std::string_view text) {
  if (text.empty() || text.size() > kMaxDigits) return false;
  for (const char c : text) {
    if (c < '0' || c > '9') return false;
  }
  return true;
}

std::int64_t number_from_digits(std::string_view text) {
  std::int64_t value = 0;
  if (is_digits(text)) std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace rootlet
