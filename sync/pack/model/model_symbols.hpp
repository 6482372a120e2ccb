// The values that a column has had so far, numbered in order of appearance, so that both ends
// number them alike.
#pragma once

#include <string>
#include <vector>

#include "sync/pack/model/predictor.hpp"

namespace rootlet {

template <typename Value>
class SymbolList {
 public:
  explicit SymbolList(std::size_t most) : most_(most) {}

  static constexpr std::uint32_t kNone = 0xFFFFFFFFU;
  // The number of `value`, whose hash is `hash`; kNone if it is new.
  template <typename View>
  std::uint32_t find(const View& value, std::uint32_t hash) const {
    if (slots_.empty()) return kNone;
    for (std::size_t i = hash & mask();; i = (i + 1) & mask()) {
      if (slots_[i] == kNone) return kNone;
      if (values_[slots_[i]] == value) return slots_[i];
    }
  }
  // Adds a new value; ignored once there are `most`.
  template <typename View>
  void add(const View& value, std::uint32_t hash) {
    if (values_.size() >= most_) return;
    if (2 * (values_.size() + 1) > slots_.size()) grow();
    values_.emplace_back(value);
    hashes_.push_back(hash);
    insert(static_cast<std::uint32_t>(values_.size() - 1));
  }
  std::size_t size() const { return values_.size(); }
  const Value& at(std::uint32_t number) const { return values_[number]; }

 private:
  std::size_t mask() const { return slots_.size() - 1; }
  void insert(std::uint32_t number) {
    std::size_t i = hashes_[number] & mask();
    while (slots_[i] != kNone) i = (i + 1) & mask();
    slots_[i] = number;
  }
  void grow() {
    slots_.assign(slots_.empty() ? 64 : 2 * slots_.size(), kNone);
    for (std::uint32_t number = 0; number < values_.size(); ++number) insert(number);
  }

  std::size_t most_;
  std::vector<Value> values_;
  std::vector<std::uint32_t> hashes_, slots_;
};

using Alphabet = SymbolList<std::uint32_t>;  // code points
using Vocabulary = SymbolList<std::string>;  // whole cells

}  // namespace rootlet
