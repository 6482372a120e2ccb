// Codes flags and numbers in contexts: the building blocks of the modelled coder. Each function
// returns what it coded; when reading, it ignores `value`. One thread.
#pragma once

#include <initializer_list>

#include "sync/pack/model/predictor.hpp"

namespace rootlet {

class ModelCoder {
 public:
  ModelCoder(ArithmeticCoder coder, int table_log) : predictor_(std::move(coder), table_log) {}
  Predictor& predictor() { return predictor_; }
  const Predictor& predictor() const { return predictor_; }
  ArithmeticCoder& coder() { return predictor_.coder(); }
  // True when writing or priming: the values passed in are coded. False when reading.
  bool has_input() { return coder().has_input(); }

  using ContextValues = std::initializer_list<std::uint32_t>;  // at most 7
  // `decision` identifies the decision: it separates contexts and selects the mixing weights.
  bool flag(bool value, std::uint32_t decision, ContextValues context_values);
  // Low bits beyond `modelled_bits` are coded as uniform. `limit` as in ContextSet::add().
  struct NumberOptions {
    int modelled_bits = 20;
    std::uint32_t limit = 60;
  };
  std::uint64_t number(std::uint64_t value, std::uint32_t decision, ContextValues context_values,
                       NumberOptions options);
  std::uint64_t number(std::uint64_t value, std::uint32_t decision, ContextValues context_values) {
    return number(value, decision, context_values, NumberOptions());
  }
  std::int64_t difference(std::int64_t value, std::uint32_t decision, ContextValues context_values,
                          NumberOptions options);

 private:
  Predictor predictor_;
};

}  // namespace rootlet
