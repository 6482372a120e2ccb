// Modelled numbers round-trip in every form.
#include "sync/pack/columns/modelled.hpp"
#include "tests/support/support.hpp"

using namespace rootlet;
using rootlet::test::must;
using rootlet::test::seeded;
using Form = NumberModel::Form;

namespace {

Bytes coded(const NumberModel& model, const Numbers& numbers) {
  ByteWriter out;
  encode_numbers(out, model, {.count = numbers.size()}, nullptr, numbers);
  return to_bytes(out.view());
}

NumberModel fitted(Form form, const Numbers& numbers) {
  NumberModel model;
  model.form = form;
  model.symbols.bits = kLengthSymbolBits;
  if (form == Form::kBins || form == Form::kUniform) fit_range(model, numbers);
  return model;
}

ContextPart before(std::uint32_t size) {
  return {.kind = ContextPart::Kind::kPrevious, .size = size};
}

}  // namespace

TEST_CASE("models: numbers of any size come back from every form, predicted or not") {
  std::uint64_t seed = 0;
  std::mt19937_64 random = seeded(seed);
  CAPTURE(seed);
  for (int round = 0; round < 200; ++round) {
    Numbers numbers;
    const int bits = static_cast<int>(random() % 64);
    const std::size_t count = 1 + random() % 300;
    while (numbers.size() < count) {
      const bool again = !numbers.empty() && random() % 4 != 0;
      numbers.push_back(again ? numbers[random() % numbers.size()]
                              : static_cast<std::int64_t>(random() >> (63 - bits)));
    }
    for (const Form form : {Form::kBins, Form::kLengths, Form::kSignedLengths, Form::kUniform}) {
      NumberModel model = fitted(form, numbers);
      model.symbols.memory = static_cast<std::uint8_t>(random() % 4);
      model.symbols.predicts_symbols = random() % 2 == 0;
      if (random() % 2 == 0) model.symbols.context = {before(64)};
      if (random() % 2 == 0) model.symbols.fallback = {before(5)};
      const Bytes bytes = coded(model, numbers);
      ByteReader in(bytes, "numbers");
      CHECK(must(decode_numbers(in, {.count = count}, nullptr, false)) == numbers);
      CHECK(in.at_end());
    }
  }
}

TEST_CASE("models: uniform numbers cost their entropy and no more") {
  std::mt19937_64 random(7);
  Numbers numbers;
  for (int i = 0; i < 8'000; ++i) numbers.push_back(static_cast<std::int64_t>(random() % 10'000));
  const double entropy_bytes = 8'000 * 13.2877 / 8;
  CHECK(static_cast<double>(coded(fitted(Form::kUniform, numbers), numbers).size()) <
        entropy_bytes + 20);
}

TEST_CASE("models: a symbol that its context always yields costs next to nothing once predicted") {
  Numbers numbers{1};
  while (numbers.size() < 8'000) numbers.push_back((numbers.back() * 6 + 3) % 251);
  NumberModel model = fitted(Form::kBins, numbers);
  model.symbols.context = {before(257)};
  const std::size_t decided = coded(model, numbers).size();
  model.symbols.predicts_symbols = true;
  const std::size_t guessed = coded(model, numbers).size();
  CAPTURE(decided);
  CHECK(guessed < decided);
  CHECK(guessed < 1'200);
}
