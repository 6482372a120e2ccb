// The modelled leaves of a code tree (docs/FORMATS.md, "Modelled numbers"): numbers, split into a
// modelled symbol and uniform low bits, and texts as characters of an alphabet. Decoders return
// kUntrusted for malformed bytes. One thread.
#pragma once

#include <limits>
#include <span>
#include <string>

#include "sync/pack/coding/symbol_model.hpp"

namespace rootlet {

struct NumberModel {
  enum class Form : std::uint8_t {
    kBins = 0,           // number - base: the high bits are the symbol
    kLengths = 1,        // the symbol is the bit width of the unsigned number; then its bits
    kSignedLengths = 2,  // the same for the zigzag number
    kUniform = 3,        // number - base: the high bits are uniform below a bound; no symbol
  };
  Form form = Form::kBins;
  std::int64_t base = 0;      // kBins, kUniform
  std::uint8_t low_bits = 0;  // kBins, kUniform
  std::uint32_t bound = 1;    // kUniform; up to kUniformBound
  SymbolSpec symbols;         // their width follows from the form
};

using Numbers = std::vector<std::int64_t>;

inline constexpr int kLengthSymbolBits = 7;  // bit widths 0 to 64

inline constexpr std::uint32_t kUniformBound = 1U << 16;

inline constexpr double kNoLimit = std::numeric_limits<double>::infinity();

// Sets base and bits so that a kBins or kUniform model covers `numbers` (not empty), with the
// model's low bits or as many more as needed.
void fit_range(NumberModel& model, const Numbers& numbers);

// Appends model and numbers. A kBins or kUniform model must be fitted to them. With a `priming`,
// the model first learns the dictionary's `indexes`.
void encode_numbers(ByteWriter& out, const NumberModel& model, const Items& items,
                    BlockCells* cells, const Numbers& numbers,
                    const ValueDictionary* priming = nullptr);
// Estimated bytes of the numbers, without the model. Stops once they are more than `limit`, at some
// number above it.
double cost_of_numbers(const NumberModel& model, const Items& items, BlockCells* cells,
                       const Numbers& numbers, const ValueDictionary* priming = nullptr,
                       double limit = kNoLimit);
// Decodes items.count numbers. With `only_skip`, skips them and returns zeros.
Result<Numbers> decode_numbers(ByteReader& in, const Items& items, BlockCells* cells,
                               bool only_skip, const ValueDictionary* priming = nullptr);

// Characters: symbols below the alphabet's size, of items.count texts of `lengths` characters each,
// end to end.
void encode_characters(ByteWriter& out, const SymbolSpec& spec, const Items& items,
                       BlockCells* cells, std::span<const std::size_t> lengths,
                       std::span<const std::uint32_t> characters,
                       const CharacterDictionary* priming = nullptr);
double cost_of_characters(const SymbolSpec& spec, const Items& items, BlockCells* cells,
                          std::span<const std::size_t> lengths,
                          std::span<const std::uint32_t> characters,
                          const CharacterDictionary* priming = nullptr, double limit = kNoLimit);

// What a reader needs to turn symbols into texts.
struct CharacterSource {
  std::vector<std::string> alphabet;  // UTF-8; not empty
  std::vector<std::size_t> lengths;   // in characters, one for each text
  const CharacterDictionary* priming = nullptr;
};
// Appends the texts to `bytes`, at most `max_bytes` bytes, and the end of each to `ends`. With
// `only_skip`, the texts are empty.
Status decode_characters(ByteReader& in, const CharacterSource& source, const Items& items,
                         BlockCells* cells, std::size_t max_bytes, std::string& bytes,
                         std::vector<std::size_t>& ends, bool only_skip);

// The most characters per coded byte. Beyond that, reading would cost more time than the writer
// saved bytes.
inline constexpr std::size_t kCharactersPerByte = 256;
inline constexpr std::size_t kFewCharacters = 4'096;  // accepted whatever the bytes

}  // namespace rootlet
