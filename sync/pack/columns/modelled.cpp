// Modelled numbers and characters (docs/FORMATS.md, "Modelled numbers"). One template for each
// leaf; encoder, decoder and cost counter differ only in the coder.
#include "sync/pack/columns/modelled.hpp"

#include <cstdlib>

namespace rootlet {
namespace {

constexpr int kMantissaBits = 3;    // modelled bits below the leading 1; the rest is uniform
constexpr int kMaxSymbolBits = 12;  // that the encoder uses for bins
constexpr int kUniformBits = 16;    // log2 of the largest bound of uniform()
constexpr std::uint8_t kHasFallback = 0x10, kPredictsSymbols = 0x20;
constexpr std::uint8_t kMemoryShift = 2;

std::uint64_t zigzag(std::int64_t value) {
  return static_cast<std::uint64_t>(value) << 1 ^ static_cast<std::uint64_t>(value >> 63);
}

std::int64_t from_zigzag(std::uint64_t coded) {
  return static_cast<std::int64_t>((coded >> 1) ^ (~(coded & 1) + 1));
}

template <typename Coder>
std::uint64_t code_raw(Coder& coder, std::uint64_t value, int bits) {
  std::uint64_t made = 0;
  while (bits > 0) {
    const int now = std::min(bits, kRawBitsAtOnce);
    bits -= now;
    const auto piece = static_cast<std::uint32_t>(value >> bits & ((1U << now) - 1));
    made = made << now | coder.uniform(1U << now, piece);
  }
  return made;
}

bool has_lengths(const NumberModel& model) {
  return model.form == NumberModel::Form::kLengths ||
         model.form == NumberModel::Form::kSignedLengths;
}

template <typename Coder>
class NumberCoder {
 public:
  NumberCoder(Coder& coder, const NumberModel& model, const Items& items, BlockCells* cells,
              const ValueDictionary* priming)
      : coder_(coder),
        model_(model),
        items_(items),
        memory_(kMemories[model.symbols.memory]),
        symbols_(coder, model.symbols, items, cells,
                 items.count + (priming != nullptr ? priming->rows.size() : 0)),
        mantissas_(has_lengths(model) ? 65U << kMantissaBits : 0) {
    if (priming != nullptr && model.form == NumberModel::Form::kBins) prime(*priming, cells);
  }

  void run(Numbers& numbers) {
    run(numbers, [] { return false; });
  }
  // Until is_over() says so.
  template <typename IsOver>
  void run(Numbers& numbers, IsOver is_over) {
    symbols_.start();
    for (std::size_t i = 0; i < numbers.size() && !is_over(); ++i) {
      numbers[i] = has_lengths(model_) ? code_by_length(i, numbers[i]) : code_binned(i, numbers[i]);
    }
  }

 private:
  std::uint32_t position(std::size_t item) const {
    return items_.positions != nullptr ? (*items_.positions)[item] : 0;
  }

  // Skips values for which the model has no symbol.
  void prime(const ValueDictionary& priming, BlockCells* cells) {
    const typename SymbolModel<Coder>::Contexts contexts(
        model_.symbols, {.count = priming.rows.size(), .rows = &priming.rows}, cells);
    symbols_.start();
    for (std::size_t i = 0; i < priming.rows.size(); ++i) {
      if (priming.indexes[i] < model_.base) continue;
      const auto above =
          static_cast<std::uint64_t>(priming.indexes[i]) - static_cast<std::uint64_t>(model_.base);
      const std::uint64_t symbol = above >> model_.low_bits;
      if (symbol >> model_.symbols.bits != 0) continue;
      symbols_.prime(contexts, i, 0, static_cast<std::uint32_t>(symbol));
    }
  }

  std::int64_t code_binned(std::size_t item, std::int64_t number) {
    const std::uint64_t base = static_cast<std::uint64_t>(model_.base);
    const std::uint64_t above = static_cast<std::uint64_t>(number) - base;
    const auto input = static_cast<std::uint32_t>(above >> model_.low_bits);
    const std::uint64_t high = model_.form == NumberModel::Form::kUniform
                                   ? coder_.uniform(model_.bound, input)
                                   : symbols_.code(item, position(item), input);
    const std::uint64_t low = code_raw(coder_, above, model_.low_bits);
    return static_cast<std::int64_t>(base + (high << model_.low_bits | low));
  }

  std::int64_t code_by_length(std::size_t item, std::int64_t number) {
    const bool is_signed = model_.form == NumberModel::Form::kSignedLengths;
    const std::uint64_t input = is_signed ? zigzag(number) : static_cast<std::uint64_t>(number);
    const std::uint32_t length = std::min(
        64U,
        symbols_.code(item, position(item), static_cast<std::uint32_t>(std::bit_width(input))));
    const std::uint64_t made = length < 2 ? length : code_mantissa(input, length);
    return is_signed ? from_zigzag(made) : static_cast<std::int64_t>(made);
  }

  // A number of `length` bits, at least 2.
  std::uint64_t code_mantissa(std::uint64_t value, std::uint32_t length) {
    const int below = static_cast<int>(length) - 1;
    const int modelled = std::min(below, kMantissaBits);
    std::uint32_t node = 1;
    for (int bit = below - 1; bit >= below - modelled; --bit) {
      Probability& own = mantissas_[(length << kMantissaBits) + node];
      const bool one = coder_.bit(own.p_one(), (value >> bit & 1) != 0);
      own.update(one, memory_);
      node = node << 1 | (one ? 1U : 0U);
    }
    const int left = below - modelled;
    return std::uint64_t{node} << left | code_raw(coder_, value, left);
  }

  Coder& coder_;
  const NumberModel& model_;
  const Items& items_;
  const std::uint32_t memory_;
  SymbolModel<Coder> symbols_;
  std::vector<Probability> mantissas_;  // by length and the bits so far
};

// Calls visit(text, position) for each character, until it returns false.
template <typename Model, typename Visit>
void for_each_character(Model& model, const Items& items, std::span<const std::size_t> lengths,
                        Visit visit) {
  for (std::size_t text = 0; text < lengths.size(); ++text) {
    model.start();
    const std::uint32_t start = items.positions != nullptr ? (*items.positions)[text] : 0;
    for (std::size_t i = 0; i < lengths[text]; ++i) {
      if (!visit(text, start + static_cast<std::uint32_t>(i))) return;
    }
  }
}

template <typename Coder>
void prime_characters(SymbolModel<Coder>& model, const SymbolSpec& spec,
                      const CharacterDictionary& priming, BlockCells* cells) {
  const Items items{.count = priming.rows.size(), .rows = &priming.rows};
  const typename SymbolModel<Coder>::Contexts contexts(spec, items, cells);
  const std::uint32_t* next = priming.symbols.data();
  for_each_character(model, items, priming.lengths, [&](std::size_t text, std::uint32_t position) {
    model.prime(contexts, text, position, *next++);
    return true;
  });
}

std::size_t symbols_of(const CharacterDictionary* priming) {
  return priming != nullptr ? priming->symbols.size() : 0;
}

template <typename Coder>
void code_characters(Coder& coder, const SymbolSpec& spec, const Items& items, BlockCells* cells,
                     std::span<const std::size_t> lengths,
                     std::span<const std::uint32_t> characters, const CharacterDictionary* priming,
                     auto is_over) {
  SymbolModel<Coder> model(coder, spec, items, cells, characters.size() + symbols_of(priming));
  if (priming != nullptr) prime_characters(model, spec, *priming, cells);
  const std::uint32_t* next = characters.data();
  for_each_character(model, items, lengths, [&](std::size_t text, std::uint32_t position) {
    model.code(text, position, *next++);
    return !is_over();
  });
}

void put_spec(ByteWriter& out, unsigned form, const SymbolSpec& spec) {
  out.u8(static_cast<std::uint8_t>(form | static_cast<unsigned>(spec.memory) << kMemoryShift |
                                   (spec.fallback.empty() ? 0U : kHasFallback) |
                                   (spec.predicts_symbols ? kPredictsSymbols : 0U)));
  put_context(out, spec.context);
  if (!spec.fallback.empty()) put_context(out, spec.fallback);
}

// Returns the form.
Result<unsigned> read_spec(ByteReader& in, const Items& items, const BlockCells* cells,
                           bool only_skip, unsigned last_form, SymbolSpec& spec) {
  ROOTLET_TRY(const std::uint8_t shape, in.u8());
  const unsigned form = shape & 3U;
  if (shape >= 2 * kPredictsSymbols || form > last_form)
    return in.error("an unknown form of a model");
  spec.memory = shape >> kMemoryShift & 3;
  spec.predicts_symbols = (shape & kPredictsSymbols) != 0;
  ROOTLET_TRY(spec.context, read_context(in, items, cells, only_skip));
  if ((shape & kHasFallback) != 0) {
    ROOTLET_TRY(spec.fallback, read_context(in, items, cells, only_skip));
    if (spec.fallback.empty()) return in.error("a fallback context is empty");
  }
  return form;
}

Result<NumberModel> read_number_model(ByteReader& in, const Items& items, const BlockCells* cells,
                                      bool only_skip) {
  NumberModel model;
  ROOTLET_TRY(const unsigned form,
              read_spec(in, items, cells, only_skip,
                        static_cast<unsigned>(NumberModel::Form::kUniform), model.symbols));
  model.form = static_cast<NumberModel::Form>(form);
  model.symbols.bits = kLengthSymbolBits;
  if (has_lengths(model)) return model;
  ROOTLET_TRY(model.base, in.zigzag());
  ROOTLET_TRY(model.low_bits, in.u8());
  if (model.form == NumberModel::Form::kUniform) {
    ROOTLET_TRY(const std::uint64_t bound, in.varint_up_to(kUniformBound));
    model.bound = static_cast<std::uint32_t>(bound);
    if (bound == 0 || model.low_bits > 48) return in.error("modelled numbers have too many bits");
    model.symbols.bits = 0;
    return model;
  }
  ROOTLET_TRY(const std::uint8_t bits, in.u8());
  if (bits > kSymbolBits || model.low_bits > 63 || model.low_bits + bits > 64) {
    return in.error("modelled numbers have too many bits");
  }
  model.symbols.bits = bits;
  return model;
}

}  // namespace

void fit_range(NumberModel& model, const Numbers& numbers) {
  const auto [low, high] = std::minmax_element(numbers.begin(), numbers.end());
  const bool uniform = model.form == NumberModel::Form::kUniform;
  const std::uint64_t range = static_cast<std::uint64_t>(*high) - static_cast<std::uint64_t>(*low);
  const int bits = static_cast<int>(std::bit_width(range));
  const int max_bits = uniform ? kUniformBits : kMaxSymbolBits;
  model.base = *low;
  model.low_bits =
      static_cast<std::uint8_t>(std::max(std::min<int>(model.low_bits, bits), bits - max_bits));
  model.symbols.bits = uniform ? 0 : bits - model.low_bits;
  model.bound = uniform ? static_cast<std::uint32_t>(range >> model.low_bits) + 1 : 1;
}

void encode_numbers(ByteWriter& out, const NumberModel& model, const Items& items,
                    BlockCells* cells, const Numbers& numbers, const ValueDictionary* priming) {
  put_spec(out, static_cast<unsigned>(model.form), model.symbols);
  if (!has_lengths(model)) {
    out.zigzag(model.base);
    out.u8(model.low_bits);
  }
  if (model.form == NumberModel::Form::kBins) {
    out.u8(static_cast<std::uint8_t>(model.symbols.bits));
  }
  if (model.form == NumberModel::Form::kUniform) out.varint(model.bound);
  BitEncoder coder;
  Numbers coded = numbers;
  NumberCoder<BitEncoder>(coder, model, items, cells, priming).run(coded);
  if (coded != numbers) std::abort();  // the model was not fitted to them
  out.sized(coder.finish());
}

double cost_of_numbers(const NumberModel& model, const Items& items, BlockCells* cells,
                       const Numbers& numbers, const ValueDictionary* priming, double limit) {
  BitCost coder;
  Numbers coded = numbers;
  NumberCoder<BitCost>(coder, model, items, cells, priming).run(coded, [&] {
    return coder.bytes() > limit;
  });
  return coder.bytes();
}

Result<Numbers> decode_numbers(ByteReader& in, const Items& items, BlockCells* cells,
                               bool only_skip, const ValueDictionary* priming) {
  ROOTLET_TRY(const NumberModel model, read_number_model(in, items, cells, only_skip));
  ROOTLET_TRY(const ByteView bytes, in.sized(in.left()));
  Numbers numbers(items.count, 0);
  if (only_skip) return numbers;
  BitDecoder coder(bytes);
  NumberCoder<BitDecoder>(coder, model, items, cells, priming).run(numbers);
  if (!coder.at_end()) return in.error("modelled numbers end before their bytes do");
  return numbers;
}

void encode_characters(ByteWriter& out, const SymbolSpec& spec, const Items& items,
                       BlockCells* cells, std::span<const std::size_t> lengths,
                       std::span<const std::uint32_t> characters,
                       const CharacterDictionary* priming) {
  put_spec(out, 0, spec);
  BitEncoder coder;
  code_characters(coder, spec, items, cells, lengths, characters, priming, [] { return false; });
  out.sized(coder.finish());
}

double cost_of_characters(const SymbolSpec& spec, const Items& items, BlockCells* cells,
                          std::span<const std::size_t> lengths,
                          std::span<const std::uint32_t> characters,
                          const CharacterDictionary* priming, double limit) {
  BitCost coder;
  code_characters(coder, spec, items, cells, lengths, characters, priming,
                  [&] { return coder.bytes() > limit; });
  return coder.bytes();
}

Status decode_characters(ByteReader& in, const CharacterSource& source, const Items& items,
                         BlockCells* cells, std::size_t max_bytes, std::string& bytes,
                         std::vector<std::size_t>& ends, bool only_skip) {
  SymbolSpec spec;
  ROOTLET_TRY(read_spec(in, items, cells, only_skip, 0, spec));
  spec.bits = static_cast<int>(std::bit_width(source.alphabet.size() - 1));
  ROOTLET_TRY(const ByteView coded, in.sized(in.left()));
  if (only_skip) {
    ends.insert(ends.end(), items.count, bytes.size());
    return ok();
  }
  std::size_t characters = 0;
  for (const std::size_t length : source.lengths) characters += length;
  if (characters > kFewCharacters + kCharactersPerByte * coded.size()) {
    return in.error("too many characters for their bytes");
  }
  BitDecoder coder(coded);
  SymbolModel<BitDecoder> model(coder, spec, items, cells, characters + symbols_of(source.priming));
  if (source.priming != nullptr) prime_characters(model, spec, *source.priming, cells);
  bool is_valid = true;
  std::size_t texts = 0;
  const std::size_t limit = bytes.size() + max_bytes;
  for_each_character(model, items, source.lengths, [&](std::size_t text, std::uint32_t position) {
    for (; texts < text; ++texts) ends.push_back(bytes.size());
    const std::uint32_t which = model.code(text, position, 0);
    is_valid = which < source.alphabet.size() && bytes.size() <= limit;
    if (is_valid) bytes += source.alphabet[which];
    return is_valid;
  });
  for (; texts < source.lengths.size(); ++texts) ends.push_back(bytes.size());
  if (!is_valid || bytes.size() > limit) return in.error("a character is not in the alphabet");
  if (!coder.at_end()) return in.error("characters end before their bytes do");
  return ok();
}

}  // namespace rootlet
