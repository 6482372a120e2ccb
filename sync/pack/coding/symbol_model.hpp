// Symbols of a few bits, each bit decided with a probability learned in its context; where a
// context mostly brings the same symbol, whether it does so again is decided first. Written once
// for a coder that writes, one that reads and one that only measures (bit_coder.hpp).
#pragma once

#include <algorithm>
#include <bit>
#include <type_traits>

#include "sync/pack/coding/bit_coder.hpp"
#include "sync/pack/coding/context.hpp"

namespace rootlet {

// How a list of symbols is modelled.
struct SymbolSpec {
  int bits = 0;             // of a symbol; up to kSymbolBits
  std::uint8_t memory = 2;  // how many decisions count; see kMemories
  ContextParts context;     // empty: always the same
  ContextParts fallback;    // counts as long as `context` has seen little; empty: none
  bool guesses = false;     // whole symbols are guessed before their bits are decided
};

inline constexpr int kSymbolBits = 16;
inline constexpr std::uint32_t kMemories[] = {30, 126, 510, 1022};

inline constexpr std::uint64_t kSpread = 0x9E37'79B9'7F4A'7C15;  // makes a place of a context

// The probabilities of all contexts: each has its own place if there are few, else a place by hash,
// which it may have to share.
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
                   : static_cast<std::size_t>((context + 1) * kSpread >> shift_);
  }
  Probability& at(std::size_t start, std::uint32_t node) { return table_[(start + node) & mask_]; }

 private:
  static constexpr int kTableBits = 20;  // 4 MiB

  std::vector<Probability> table_;
  int bits_, shift_ = 0;
  std::size_t mask_ = 0;
  bool direct_ = false;
};

// What a context brings, as far as is known.
struct SymbolGuess {
  std::uint32_t symbol = kNone;
  std::uint32_t streak = 0;  // how often it was right lately, up to kLongest

  static constexpr std::uint32_t kNone = 0xFFFF'FFFF, kSure = 4, kLongest = 15;

  // One that was often right outlives a few exceptions.
  void learn(std::uint32_t truth) {
    if (symbol == truth) {
      streak = std::min(streak + 1, kLongest);
    } else if (streak > 1) {
      streak /= 4;
    } else {
      *this = {.symbol = truth, .streak = 0};
    }
  }
};

// The guesses of all contexts: those that share a place share a guess.
class GuessTable {
 public:
  GuessTable(std::uint64_t contexts, std::size_t items) {
    const int bits = std::min<int>(kTableBits, std::bit_width(items) + 1);
    direct_ = contexts <= std::uint64_t{1} << bits;
    shift_ = 64 - bits;
    table_.resize(direct_ ? static_cast<std::size_t>(contexts) : std::size_t{1} << bits);
  }
  SymbolGuess& at(std::uint64_t context) {
    return table_[direct_ ? static_cast<std::size_t>(context)
                          : static_cast<std::size_t>((context + 1) * kSpread >> shift_)];
  }

 private:
  static constexpr int kTableBits = 16;  // 512 KiB

  std::vector<SymbolGuess> table_;
  int shift_ = 0;
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
                        falls_back_ ? symbols : 0) {
    if (!spec.guesses) return;
    guesses_.emplace_back(contexts_.own.size(), symbols);
    if (falls_back_) guesses_.emplace_back(contexts_.fallback.size(), symbols);
  }

  // Starts a list or a text.
  void start() { before_ = before_that_ = 0; }

  // Codes one symbol of `item`. A decoder does not look at `value`.
  std::uint32_t code(std::size_t item, std::uint32_t place, std::uint32_t value) {
    return one(contexts_, item, place, value,
               [](Coder& coder, std::uint32_t of_one, bool bit) { return coder.bit(of_one, bit); });
  }
  // Learns a symbol that both ends know, of an item of `contexts`.
  void learn(const Contexts& contexts, std::size_t item, std::uint32_t place, std::uint32_t value) {
    one(contexts, item, place, value, [](Coder&, std::uint32_t, bool bit) { return bit; });
  }

 private:
  static constexpr std::uint32_t kTrusted = 2;  // decisions after which a context counts alone

  // whether(coder, probability of a one, the bit of `value`) is how a bit becomes known.
  template <typename Whether>
  std::uint32_t one(const Contexts& contexts, std::size_t item, std::uint32_t place,
                    std::uint32_t value, Whether whether) {
    const std::uint64_t own = contexts.own.at(item, place, before_, before_that_);
    const std::uint64_t fallback =
        falls_back_ ? contexts.fallback.at(item, place, before_, before_that_) : 0;
    const std::uint32_t symbol = guesses_.empty() ? walk(own, fallback, value, whether)
                                                  : guess(own, fallback, value, whether);
    before_that_ = before_;
    before_ = symbol + 1;
    return symbol;
  }

  template <typename Whether>
  std::uint32_t guess(std::uint64_t own, std::uint64_t fallback, std::uint32_t value,
                      Whether whether) {
    SymbolGuess& first = guesses_.front().at(own);
    SymbolGuess& second = falls_back_ ? guesses_.back().at(fallback) : first;
    const bool knows = first.symbol != SymbolGuess::kNone;
    const SymbolGuess& taken = knows ? first : second;
    bool right = false;
    if (taken.streak >= SymbolGuess::kSure) {
      Probability& chance = right_[knows ? 0 : 1][taken.streak];
      right = whether(coder_, chance.of_one(), value == taken.symbol);
      chance.learn(right, memory_);
    }
    const std::uint32_t symbol = right ? taken.symbol : walk(own, fallback, value, whether);
    first.learn(symbol);
    if (falls_back_) second.learn(symbol);
    return symbol;
  }

  template <typename Whether>
  std::uint32_t walk(std::uint64_t own, std::uint64_t fallback, std::uint32_t value,
                     Whether whether) {
    if constexpr (std::is_trivially_copyable_v<Coder>) {
      Coder at_work = coder_;  // a local: its state can stay in registers
      const std::uint32_t symbol = walk(at_work, own, fallback, value, whether);
      coder_ = at_work;
      return symbol;
    } else {
      return walk(coder_, own, fallback, value, whether);
    }
  }

  // Bit by bit, from the top.
  template <typename Whether>
  std::uint32_t walk(Coder& coder, std::uint64_t own_context, std::uint64_t fallback_context,
                     std::uint32_t value, Whether whether) {
    const int bits = bits_;
    const std::uint32_t memory = memory_;
    const std::size_t start = table_.start_of(own_context);
    std::uint32_t node = 1;
    if (falls_back_) {
      const std::size_t other = fallback_table_.start_of(fallback_context);
      for (int bit = bits - 1; bit >= 0; --bit) {
        Probability& own = table_.at(start, node);
        Probability& fallback = fallback_table_.at(other, node);
        const bool one = whether(coder, (own.seen() >= kTrusted ? own : fallback).of_one(),
                                 (value >> bit & 1) != 0);
        own.learn(one, memory);
        fallback.learn(one, memory);
        node = node << 1 | (one ? 1U : 0U);
      }
    } else {
      for (int bit = bits - 1; bit >= 0; --bit) {
        Probability& own = table_.at(start, node);
        const bool one = whether(coder, own.of_one(), (value >> bit & 1) != 0);
        own.learn(one, memory);
        node = node << 1 | (one ? 1U : 0U);
      }
    }
    return node - (1U << bits);
  }

  Coder& coder_;
  const int bits_;
  const std::uint32_t memory_;
  const bool falls_back_;
  Contexts contexts_;
  ProbabilityTable table_, fallback_table_;
  std::vector<GuessTable> guesses_;  // of the context and the fallback, if symbols are guessed
  Probability right_[2][SymbolGuess::kLongest + 1];  // by whose guess it is, and its streak
  std::uint32_t before_ = 0, before_that_ = 0;
};

}  // namespace rootlet
