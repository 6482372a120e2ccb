// Flags and numbers under contexts: what the modelled coder's parts are made of.
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
  // True if what is passed in is what is coded; false while reading, when it means nothing.
  bool has_input() { return coder().has_input(); }

  using ContextValues = std::initializer_list<std::uint32_t>;  // at most 7
  // `decision` tells uses apart and picks the weights.
  bool flag(bool value, std::uint32_t decision, ContextValues context_values);
  // Of numbers wider than `modelled_bits` the low bits are taken as chance. `limit` as in
  // ContextSet::add().
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
