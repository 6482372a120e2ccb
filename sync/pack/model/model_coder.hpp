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
  bool knows() { return coder().knows(); }

  using Facts = std::initializer_list<std::uint32_t>;  // at most 7
  // `question` tells uses apart and picks the weights.
  bool flag(bool value, std::uint32_t question, Facts facts);
  // Of numbers wider than `modelled_bits` the low bits are taken as chance. `memory` as in
  // ContextSet::add().
  struct NumberOptions {
    int modelled_bits = 20;
    std::uint32_t memory = 60;
  };
  std::uint64_t number(std::uint64_t value, std::uint32_t question, Facts facts,
                       NumberOptions options);
  std::uint64_t number(std::uint64_t value, std::uint32_t question, Facts facts) {
    return number(value, question, facts, NumberOptions());
  }
  std::int64_t difference(std::int64_t value, std::uint32_t question, Facts facts,
                          NumberOptions options);

 private:
  Predictor predictor_;
};

}  // namespace rootlet
