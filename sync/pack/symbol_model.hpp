// Symbols of a few bits, each bit decided with a probability learned in its context. Written once
// for a coder that writes, one that reads and one that only measures (bit_coder.hpp).
#pragma once

#include <algorithm>
#include <bit>

#include "sync/pack/bit_coder.hpp"
#include "sync/pack/context.hpp"

namespace rootlet {

// How a list of symbols is modelled.
struct SymbolSpec {
  int bits = 0;             // of a symbol; up to kSymbolBits
  std::uint8_t memory = 2;  // how many decisions count; see kMemories
  ContextParts context;     // empty: always the same
  ContextParts fallback;    // counts as long as `context` has seen little; empty: none
};

inline constexpr int kSymbolBits = 16;
inline constexpr std::uint32_t kMemories[] = {30, 126, 510, 1022};

// The probabilities of all contexts: each has its own place if there are few, else a place by hash,
// which it may have to share.
class ProbabilityTable {
 public:
  ProbabilityTable(std::uint64_t contexts, int bits, std::size_t items) : bits_(bits) {
    const int table_bits =
        std::max(std::min<int>(kTableBits, std::bit_width(items) + 4), std::max(bits, 1));
    direct_ = contexts <= (std::uint64_t{1} << table_bits) >> bits;
    shift_ = 64 - table_bits;
    mask_ = (std::size_t{1} << table_bits) - 1;
    table_.resize(direct_ ? static_cast<std::size_t>(contexts) << bits : mask_ + 1);
  }
  std::size_t start_of(std::uint64_t context) const {
    return direct_ ? static_cast<std::size_t>(context) << bits_
                   : static_cast<std::size_t>((context + 1) * 0x9E37'79B9'7F4A'7C15ULL >> shift_);
  }
  Probability& at(std::size_t start, std::uint32_t node) {
    return table_[direct_ ? start + node : (start + node) & mask_];
  }

 private:
  static constexpr int kTableBits = 20;  // 4 MiB

  std::vector<Probability> table_;
  int bits_, shift_ = 0;
  std::size_t mask_ = 0;
  bool direct_ = false;
};

template <typename Coder>
class SymbolModel {
 public:
  // What `spec` looks at, for some items.
  struct Contexts {
    Contexts(const SymbolSpec& spec, const Items& items, BlockCells* cells)
        : own(spec.context, items, cells), fallback(spec.fallback, items, cells) {}
    Context own, fallback;
  };

  // About `symbols` symbols will be coded or learned; both ends must say the same.
  SymbolModel(Coder& coder, const SymbolSpec& spec, const Items& items, BlockCells* cells,
              std::size_t symbols)
      : coder_(coder),
        bits_(spec.bits),
        memory_(kMemories[spec.memory]),
        falls_back_(!spec.fallback.empty()),
        contexts_(spec, items, cells),
        table_(contexts_.own.size(), bits_, symbols),
        fallback_table_(contexts_.fallback.size(), falls_back_ ? bits_ : 0,
                        falls_back_ ? symbols : 0) {}

  // Starts a list or a text.
  void start() { before_ = before_that_ = 0; }

  // Codes one symbol of `item`. A decoder does not look at `value`.
  std::uint32_t code(std::size_t item, std::uint32_t place, std::uint32_t value) {
    return walk(contexts_, item, place, [&](std::uint32_t of_one, int bit) {
      return coder_.bit(of_one, (value >> bit & 1) != 0);
    });
  }
  // Learns a symbol that both ends know, of an item of `contexts`.
  void learn(const Contexts& contexts, std::size_t item, std::uint32_t place, std::uint32_t value) {
    walk(contexts, item, place, [&](std::uint32_t, int bit) { return (value >> bit & 1) != 0; });
  }

 private:
  static constexpr std::uint32_t kTrusted = 2;  // decisions after which a context counts alone

  // decide(probability of a one, which bit) for each bit, from the top.
  template <typename Decide>
  std::uint32_t walk(const Contexts& contexts, std::size_t item, std::uint32_t place,
                     Decide decide) {
    const std::size_t start = table_.start_of(contexts.own.at(item, place, before_, before_that_));
    std::uint32_t node = 1;
    if (falls_back_) {
      const std::size_t other =
          fallback_table_.start_of(contexts.fallback.at(item, place, before_, before_that_));
      for (int bit = bits_ - 1; bit >= 0; --bit) {
        Probability& own = table_.at(start, node);
        Probability& fallback = fallback_table_.at(other, node);
        const bool one = decide((own.seen() >= kTrusted ? own : fallback).of_one(), bit);
        own.learn(one, memory_);
        fallback.learn(one, memory_);
        node = node << 1 | (one ? 1U : 0U);
      }
    } else {
      for (int bit = bits_ - 1; bit >= 0; --bit) {
        Probability& own = table_.at(start, node);
        const bool one = decide(own.of_one(), bit);
        own.learn(one, memory_);
        node = node << 1 | (one ? 1U : 0U);
      }
    }
    const std::uint32_t symbol = node - (1U << bits_);
    before_that_ = before_;
    before_ = symbol + 1;
    return symbol;
  }

  Coder& coder_;
  const int bits_;
  const std::uint32_t memory_;
  const bool falls_back_;
  Contexts contexts_;
  ProbabilityTable table_, fallback_table_;
  std::uint32_t before_ = 0, before_that_ = 0;
};

}  // namespace rootlet
