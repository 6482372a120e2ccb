// The codes of a column (docs/FORMATS.md, "Column codes"). A coded column is a small tree in
// preorder: a code, its parameters, its children. A code produces n numbers or n texts from what
// its children produce. The values are part of the format: never reuse one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace rootlet {

enum class Code : std::uint8_t {
  // Produce n numbers (64 bits, arithmetic wraps).
  kSigned = 0x01,        // n zigzag varints
  kUnsigned = 0x02,      // n varints
  kSame = 0x03,          // one zigzag varint, n times
  kFromPrevious = 0x04,  // numbers: difference from the previous number; the first from 0
  kFromOld = 0x05,       // numbers: difference from the old number; updates only
  kRuns = 0x06,          // k; k numbers: run lengths; k numbers: the values
  kChoice = 0x07,        // k; k numbers: the values; n numbers: indexes
  kModelled = 0x08,      // a model and the bytes of its coder
  kSplit = 0x09,         // divisor; n numbers: the quotients; n numbers: the remainders
  kCommon = 0x0A,    // k, m; k numbers: the values; n numbers: indexes, k: other; m numbers: others
  kRepeated = 0x0B,  // m; n numbers: 1 if equal to the previous number; n - m numbers: the others
  kFromCell = 0x0C,  // column, feature; n numbers: difference from that cell's feature

  // Produce n texts.
  kPlainText = 0x41,    // n numbers: lengths; then the bytes
  kSameText = 0x42,     // length, bytes; n times this text
  kAfterPrefix = 0x43,  // n numbers: bytes kept from the previous text; n texts: the rest
  kTextChoice = 0x44,   // k; k texts: the values; n numbers: indexes
  kDigits = 0x45,       // width; n numbers: decimal, padded with zeros (width 0: not padded)
  kInsideOld = 0x46,    // n numbers, n numbers: bytes kept at the old text's start and end; n texts
  kCharacters = 0x47,   // k; k numbers: the alphabet; n numbers: lengths; a model and its bytes
  kDate = 0x48,         // form; n numbers: days
  kMoment = 0x49,       // form; n numbers: days; n numbers: seconds of the day
  kIdentity = 0x4A,     // n numbers: areas; n numbers: days of birth; n numbers: orders
  kPartOfCell = 0x4B,   // column, begin, length: a byte range of that cell's text
  kRepeatedText = 0x4C,  // m; n numbers: 1 if equal to the previous text; n - m texts: the others
  kCounted = 0x4D,      // n texts with placeholders for numbers; m; m numbers: differences from the
                        // number in the same placeholder of the previous text
  kEither = 0x4E,       // m; n numbers: 1 marks an exception; n - m texts; m texts: the exceptions
  kKnownChoice = 0x4F,  // k and whether to prime the model; k texts that the dictionary lacks; n
                        // numbers: indexes
  kKnownCharacters = 0x50,  // k; k numbers: characters that the dictionary lacks; n numbers:
                            // lengths; a model and its bytes
  kPieces = 0x51,      // start, end, separator; n numbers: separators in each text; m; m texts: the
                       // pieces between start, separators and end
  kCreditCode = 0x53,  // n numbers: kinds; n numbers: areas; n numbers: organisations
  kAroundCell = 0x52,  // column; n texts, in which a placeholder stands for that cell's text

  // Before the tree of a column with nulls.
  kSomeNull = 0x81,  // varint run lengths: present, null, present … up to n; then the present cells
  kAllNull = 0x82,
  kNullMarks = 0x83,  // m; n numbers: 1 if present; then the m present cells
};

inline constexpr char kCellPlaceholder = '\x02';    // kAroundCell
inline constexpr std::uint64_t kPrimed = 1;         // kKnownChoice: the dictionary primes the model
inline constexpr std::size_t kMaxPieces = 262'144;  // kPieces: in a column of a block
inline constexpr int kCodeDepth = 8;                // levels of the tree
inline constexpr std::size_t kCodesPerColumn = 96;
inline constexpr std::size_t kMaxDigits = 18;  // fits in 63 bits

std::string_view name_of(Code code);  // for people; "unknown" for a byte that is no code

// True for 1 to kMaxDigits ASCII digits.
bool is_digits(std::string_view text);
// The number that kDigits takes for an old text: 0 unless the text is 1 to kMaxDigits digits.
std::int64_t number_from_digits(std::string_view text);

}  // namespace rootlet
