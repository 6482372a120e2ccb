// The leaves of a code tree where entropy goes (docs/FORMATS.md, "Modelled numbers"): numbers split
// into a symbol and low bits that are sent as they are, and texts as characters of an alphabet.
#pragma once

#include <span>
#include <string>

#include "sync/pack/coding/symbol_model.hpp"

namespace rootlet {

struct NumberModel {
  enum class Form : std::uint8_t {
    kBins = 0,           // number - base: the high bits are the symbol
    kLengths = 1,        // the symbol is how many bits the unsigned number has; then these bits
    kSignedLengths = 2,  // the same of the zigzag number
    kUniform = 3,        // number - base: the high bits are below a bound, all alike; no symbol
  };
  Form form = Form::kBins;
  std::int64_t base = 0;      // kBins, kUniform
  std::uint8_t low_bits = 0;  // kBins, kUniform
  std::uint32_t bound = 1;    // kUniform; up to kUniformBound
  SymbolSpec symbols;         // its bits are those of the form
};

using Numbers = std::vector<std::int64_t>;

inline constexpr int kLengthSymbolBits = 7;  // a 64-bit number has 0 to 64 bits

inline constexpr std::uint32_t kUniformBound = 1U << 16;

// Sets base and bits so that a kBins or kUniform model holds `numbers` (not empty), with the
// model's low bits or as many more as it takes.
void fit_range(NumberModel& model, const Numbers& numbers);

// Model and numbers. A kBins or kUniform model was fitted to them; it may learn first from a
// `priming`: the numbers `which`.
void encode_numbers(ByteWriter& out, const NumberModel& model, const Items& items,
                    BlockCells* cells, const Numbers& numbers,
                    const ValueDictionary* priming = nullptr);
// About how many bytes the numbers take, the model not counted.
double cost_of_numbers(const NumberModel& model, const Items& items, BlockCells* cells,
                       const Numbers& numbers, const ValueDictionary* priming = nullptr);
// If `only_skip`, nothing is looked at and zeros come back.
Result<Numbers> decode_numbers(ByteReader& in, const Items& items, BlockCells* cells,
                               bool only_skip, const ValueDictionary* priming = nullptr);

// Characters: symbols below `alphabet`, of items.count texts of `lengths` characters each, one text
// after the other.
void encode_characters(ByteWriter& out, const SymbolSpec& spec, const Items& items,
                       BlockCells* cells, std::span<const std::size_t> lengths,
                       std::span<const std::uint32_t> characters,
                       const CharacterDictionary* priming = nullptr);
double cost_of_characters(const SymbolSpec& spec, const Items& items, BlockCells* cells,
                          std::span<const std::size_t> lengths,
                          std::span<const std::uint32_t> characters,
                          const CharacterDictionary* priming = nullptr);

// What a reader needs to make texts of characters.
struct CharacterSource {
  std::vector<std::string> alphabet;  // UTF-8; not empty
  std::vector<std::size_t> lengths;   // of the texts, in characters
  const CharacterDictionary* priming = nullptr;
};
// Appends the texts to `bytes`, at most `max_bytes` bytes, and where each ends to `ends`. If
// `only_skip`, the texts are empty.
Status decode_characters(ByteReader& in, const CharacterSource& source, const Items& items,
                         BlockCells* cells, std::size_t max_bytes, std::string& bytes,
                         std::vector<std::size_t>& ends, bool only_skip);

// More characters than this of one coded byte are refused: they would cost a reader more time than
// the writer saved bytes.
inline constexpr std::size_t kCharactersPerByte = 256;
inline constexpr std::size_t kFewCharacters = 4'096;  // always taken

}  // namespace rootlet
