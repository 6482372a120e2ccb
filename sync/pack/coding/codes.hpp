// The codes of a column (docs/FORMATS.md, "Section body"). A coded column is a small tree in
// preorder: a code, its parameters, its children. A code makes n numbers or n texts; children make
// what it works from. The numbers are the format: never reuse one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace rootlet {

enum class Code : std::uint8_t {
  // n numbers (64 bits, arithmetic wraps).
  kSigned = 0x01,        // n zigzag varints
  kUnsigned = 0x02,      // n varints
  kSame = 0x03,          // one zigzag varint, n times
  kFromPrevious = 0x04,  // numbers: difference to the number before, the first to 0
  kFromOld = 0x05,       // numbers: difference to the old number; updates only
  kRuns = 0x06,          // k; k numbers: run lengths; k numbers: the values
  kChoice = 0x07,        // k; k numbers: the values; n numbers: which one
  kModelled = 0x08,      // a model and the bytes of its coder
  kSplit = 0x09,         // divisor; n numbers: the quotients; n numbers: the remainders
  kCommon = 0x0A,        // k, m; k numbers: the values; n numbers: which one, k: another; m numbers
  kRepeated = 0x0B,      // m; n numbers: 1 as the number before; m numbers: the others
  kFromCell = 0x0C,      // column, look; n numbers: difference to the number in that cell

  // n texts.
  kPlainText = 0x41,    // n numbers: lengths; then the bytes
  kSameText = 0x42,     // length, bytes: n times
  kAfterPrefix = 0x43,  // n numbers: bytes taken over from the text before; n texts: the rest
  kTextChoice = 0x44,   // k; k texts: the values; n numbers: which one
  kDigits = 0x45,       // width; n numbers: decimal, padded with zeros (width 0: not padded)
  kInsideOld = 0x46,    // n numbers, n numbers: bytes kept at the old text's start and end; n texts
  kCharacters = 0x47,   // k; k numbers: the alphabet; n numbers: lengths; a model and its bytes
  kDate = 0x48,         // form; n numbers: days
  kMoment = 0x49,       // form; n numbers: days; n numbers: seconds of the day
  kIdentity = 0x4A,     // n numbers: areas; n numbers: days of birth; n numbers: orders
  kPartOfCell = 0x4B,   // column, begin, length: bytes of that cell's text
  kRepeatedText = 0x4C,  // m; n numbers: 1 as the text before; m texts: the others
  kCounted = 0x4D,       // n texts: with gaps for numbers; m; m numbers: differences to the same
                         // gap of the text before
  kEither = 0x4E,        // m; n numbers: 1 is an exception; n - m texts; m texts
  kKnownChoice = 0x4F,   // k and whether to learn; k texts: values that are not known; n numbers:
                         // which one
  kKnownCharacters = 0x50,  // k; k numbers: characters that are not known; n numbers: lengths; a
                            // model and its bytes

  // Before the tree of a column with nulls.
  kSomeNull = 0x81,  // varint run lengths: present, null, present … until n; then the present cells
  kAllNull = 0x82,
  kNullMarks = 0x83,  // m; n numbers: 1 is present; then the m present cells
};

inline constexpr std::uint64_t kPrimed = 1;  // kKnownChoice: its numbers learn first
inline constexpr int kCodeDepth = 8;         // of the tree
inline constexpr std::size_t kCodesPerColumn = 96;
inline constexpr std::size_t kMaxDigits = 18;  // below 2^63

std::string_view name_of(Code code);  // for people; "unknown" for a byte that is no code

// True for 1 to kMaxDigits ASCII digits.
bool is_digits(std::string_view text);
// What kDigits sees in an old text: its number, or 0 if it is not 1 to kMaxDigits digits.
std::int64_t number_from_digits(std::string_view text);

}  // namespace rootlet
