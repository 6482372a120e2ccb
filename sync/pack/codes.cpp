// Names of the codes, as `pack show` prints them, and the digit strings that kDigits stands for.
#include "sync/pack/codes.hpp"

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
    case Code::kSomeNull:
      return "some-null";
    case Code::kAllNull:
      return "all-null";
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
