// Models symbols of up to 16 bits: each bit has an adaptive probability in its context. Where a
// context usually yields the same symbol, one decision first says whether it does so again
// (docs/FORMATS.md, "Modelled numbers"). One template for the encoder, the decoder and the cost
// counter (bit_coder.hpp). One thread.
#pragma once

#include <algorithm>
#include <bit>
#include <type_traits>

#include "sync/pack/coding/bit_coder.hpp"
#include "sync/pack/coding/context.hpp"

namespace rootlet {

// How a list of symbols is modelled.
struct SymbolSpec {
  int bits = 0;                   // per symbol; up to kSymbolBits
  std::uint8_t memory = 2;        // index into kMemories: how slowly probabilities adapt
  ContextParts context;           // empty: one context for all symbols
  ContextParts fallback;          // used while `context` has seen little; empty: none
  bool predicts_symbols = false;  // predict whole symbols before coding their bits
};

inline constexpr int kSymbolBits = 16;
inline constexpr std::uint32_t kMemories[] = {30, 126, 510, 1022};

inline constexpr std::uint64_t kHashFactor = 0x9E37'79B9'7F4A'7C15;  // hashes contexts

// The probabilities of all contexts. Each context has entries of its own if there are few contexts;
// otherwise a hash picks entries, which contexts may share.
class ProbabilityTable {
 public:
  ProbabilityTable(std::uint64_t contexts, int bits, std::size_t items) : bits_(bits) {
    const int table_bits =
        std::max(std::min<int>(kTableBits, std::bit_width(items) + 4), std::max(bits, 1));
    direct_ = contexts <= (std::uint64_t{1} << table_bits) >> bits;
    shift_ = 64 - table_bits;
    mask_ = direct_ ? ~std::size_t{0} : (std::size_t{1} << table_bits) - 1;
    table_.resize(direct_ ? static_cast<std::size_t>(contexts) << bits : mask_ + 1);
  }
  std::size_t start_of(std::uint64_t context) const {
    return direct_ ? static_cast<std::size_t>(context) << bits_
                   : static_cast<std::size_t>((context + 1) * kHashFactor >> shift_);
  }
  Probability& at(std::size_t start, std::uint32_t node) { return table_[(start + node) & mask_]; }

 private:
  static constexpr int kTableBits = 20;  // 4 MiB

  std::vector<Probability> table_;
  int bits_, shift_ = 0;
  std::size_t mask_ = 0;
  bool direct_ = false;
};

// The symbol that a context last yielded repeatedly.
struct SymbolPrediction {
  std::uint32_t symbol = kNone;
  std::uint32_t streak = 0;  // recent hits, up to kMaxStreak

  static constexpr std::uint32_t kNone = 0xFFFF'FFFF, kConfident = 4, kMaxStreak = 15;

  // A long streak survives a few exceptions.
  void update(std::uint32_t actual) {
    if (symbol == actual) {
      streak = std::min(streak + 1, kMaxStreak);
    } else if (streak > 1) {
      streak /= 4;
    } else {
      *this = {.symbol = actual, .streak = 0};
    }
  }
};

// The predictions of all contexts; contexts with the same hash share one.
class PredictionTable {
 public:
  PredictionTable(std::uint64_t contexts, std::size_t items) {
    const int bits = std::min<int>(kTableBits, std::bit_width(items) + 1);
    direct_ = contexts <= std::uint64_t{1} << bits;
    shift_ = 64 - bits;
    table_.resize(direct_ ? static_cast<std::size_t>(contexts) : std::size_t{1} << bits);
  }
  SymbolPrediction& at(std::uint64_t context) {
    return table_[direct_ ? static_cast<std::size_t>(context)
                          : static_cast<std::size_t>((context + 1) * kHashFactor >> shift_)];
  }

 private:
  static constexpr int kTableBits = 16;  // 512 KiB

  std::vector<SymbolPrediction> table_;
  int shift_ = 0;
  bool direct_ = false;
};

template <typename Coder>
class SymbolModel {
 public:
  // `spec`'s context and fallback, evaluated for some items.
  struct Contexts {
    Contexts(const SymbolSpec& spec, const Items& items, BlockCells* cells)
        : own(spec.context, items, cells), fallback(spec.fallback, items, cells) {}
    Context own, fallback;
  };

  // About `symbols` symbols will be coded or used for priming; both ends must pass the same number,
  // since it sizes the tables.
  SymbolModel(Coder& coder, const SymbolSpec& spec, const Items& items, BlockCells* cells,
              std::size_t symbols)
      : coder_(coder),
        bits_(spec.bits),
        memory_(kMemories[spec.memory]),
        has_fallback_(!spec.fallback.empty()),
        contexts_(spec, items, cells),
        table_(contexts_.own.size(), bits_, symbols),
        fallback_table_(contexts_.fallback.size(), has_fallback_ ? bits_ : 0,
                        has_fallback_ ? symbols : 0) {
    if (!spec.predicts_symbols) return;
    predictions_.emplace_back(contexts_.own.size(), symbols);
    if (has_fallback_) predictions_.emplace_back(contexts_.fallback.size(), symbols);
  }

  // Starts a list or a text: no previous symbols.
  void start() { previous_ = second_previous_ = 0; }

  // Codes one symbol of `item` and returns it. A decoder ignores `value`.
  std::uint32_t code(std::size_t item, std::uint32_t position, std::uint32_t value) {
    return code_symbol(
        contexts_, item, position, value,
        [](Coder& coder, std::uint32_t p_one, bool bit) { return coder.bit(p_one, bit); });
  }
  // Learns a symbol that both ends know, of an item of `contexts`, without coding it.
  void prime(const Contexts& contexts, std::size_t item, std::uint32_t position,
             std::uint32_t value) {
    code_symbol(contexts, item, position, value,
                [](Coder&, std::uint32_t, bool bit) { return bit; });
  }

 private:
  static constexpr std::uint32_t kMinCount = 2;  // below it the fallback decides

  // code_bit(coder, probability of a 1, bit of `value`) returns the coded bit.
  template <typename CodeBit>
  std::uint32_t code_symbol(const Contexts& contexts, std::size_t item, std::uint32_t position,
                            std::uint32_t value, CodeBit code_bit) {
    const std::uint64_t own = contexts.own.at(item, position, previous_, second_previous_);
    const std::uint64_t fallback =
        has_fallback_ ? contexts.fallback.at(item, position, previous_, second_previous_) : 0;
    const std::uint32_t symbol = predictions_.empty()
                                     ? code_bits(own, fallback, value, code_bit)
                                     : code_predicted(own, fallback, value, code_bit);
    second_previous_ = previous_;
    previous_ = symbol + 1;
    return symbol;
  }

  template <typename CodeBit>
  std::uint32_t code_predicted(std::uint64_t own, std::uint64_t fallback, std::uint32_t value,
                               CodeBit code_bit) {
    SymbolPrediction& first = predictions_.front().at(own);
    SymbolPrediction& second = has_fallback_ ? predictions_.back().at(fallback) : first;
    const bool has_own = first.symbol != SymbolPrediction::kNone;
    const SymbolPrediction& prediction = has_own ? first : second;
    bool is_hit = false;
    if (prediction.streak >= SymbolPrediction::kConfident) {
      Probability& hit_probability = hit_probability_[has_own ? 0 : 1][prediction.streak];
      is_hit = code_bit(coder_, hit_probability.p_one(), value == prediction.symbol);
      hit_probability.update(is_hit, memory_);
    }
    const std::uint32_t symbol =
        is_hit ? prediction.symbol : code_bits(own, fallback, value, code_bit);
    first.update(symbol);
    if (has_fallback_) second.update(symbol);
    return symbol;
  }

  template <typename CodeBit>
  std::uint32_t code_bits(std::uint64_t own, std::uint64_t fallback, std::uint32_t value,
                          CodeBit code_bit) {
    if constexpr (std::is_trivially_copyable_v<Coder>) {
      Coder local = coder_;  // a local copy, whose state can stay in registers
      const std::uint32_t symbol = code_bits(local, own, fallback, value, code_bit);
      coder_ = local;
      return symbol;
    } else {
      return code_bits(coder_, own, fallback, value, code_bit);
    }
  }

  // From the top bit down the binary tree; `node` is the bits so far after a leading 1.
  template <typename CodeBit>
  std::uint32_t code_bits(Coder& coder, std::uint64_t own_context, std::uint64_t fallback_context,
                          std::uint32_t value, CodeBit code_bit) {
    const int bits = bits_;
    const std::uint32_t memory = memory_;
    const std::size_t start = table_.start_of(own_context);
    std::uint32_t node = 1;
    if (has_fallback_) {
      const std::size_t other = fallback_table_.start_of(fallback_context);
      for (int bit = bits - 1; bit >= 0; --bit) {
        Probability& own = table_.at(start, node);
        Probability& fallback = fallback_table_.at(other, node);
        const bool one = code_bit(coder, (own.count() >= kMinCount ? own : fallback).p_one(),
                                  (value >> bit & 1) != 0);
        own.update(one, memory);
        fallback.update(one, memory);
        node = node << 1 | (one ? 1U : 0U);
      }
    } else {
      for (int bit = bits - 1; bit >= 0; --bit) {
        Probability& own = table_.at(start, node);
        const bool one = code_bit(coder, own.p_one(), (value >> bit & 1) != 0);
        own.update(one, memory);
        node = node << 1 | (one ? 1U : 0U);
      }
    }
    return node - (1U << bits);
  }

  Coder& coder_;
  const int bits_;
  const std::uint32_t memory_;
  const bool has_fallback_;
  Contexts contexts_;
  ProbabilityTable table_, fallback_table_;
  std::vector<PredictionTable> predictions_;  // of context and fallback
  Probability hit_probability_[2][SymbolPrediction::kMaxStreak +
                                  1];  // by whose prediction it is, and by its streak
  std::uint32_t previous_ = 0, second_previous_ = 0;
};

}  // namespace rootlet
