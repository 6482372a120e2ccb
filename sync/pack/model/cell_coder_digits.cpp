// Texts of one shape, digit by digit: codes, dates, numbers of identity and telephone.
#include "sync/pack/model/cell_coder.hpp"

namespace rootlet {
namespace {

constexpr std::size_t kSources = 5;
enum Source : std::size_t { kReference, kRemembered, kPrevious, kNextOfPrevious, kNextOfReference };
constexpr std::size_t kIdentityBytes = 18;

std::uint32_t low_bits(char c) {
  return static_cast<unsigned char>(c) & 15U;
}

}  // namespace

// Where in the text we are, and which other texts have agreed with it so far.
struct CellCoder::DigitPlace {
  std::string_view source[kSources];  // empty if it has another length
  bool agrees[kSources] = {};
  std::size_t position = 0;
  std::uint32_t prefix = 0, last_two = 0, field = 0;  // of the digits so far; field: since a mark
  std::uint32_t digit = 0;                            // what it is, if known

  std::uint32_t seen(Source which) const {
    if (source[which].empty()) return 32;
    return low_bits(source[which][position]) | (agrees[which] ? 16U : 0U);
  }
  void pass(char made) {
    for (std::size_t i = 0; i < kSources; ++i) {
      agrees[i] = agrees[i] && source[i][position] == made;
    }
    const std::uint32_t value = low_bits(made);
    prefix = hash_of(prefix, value + 1);
    last_two = (last_two << 4 | value) & 0xFF;
    field = hash_of(field, value + 1);
  }
};

void CellCoder::code_digits(Cell& cell) {
  const std::string& shape = cell.statistics.shape;
  const bool fits = coder_.knows() && has_shape(cell.truth.text, shape);
  if (!coder_.flag(fits, cell.question + 9, {})) return code_text(cell, true);
  DigitPlace place;
  const auto take = [&](Source which, std::string_view text) {
    if (text.size() == shape.size()) place.source[which] = text;
    place.agrees[which] = !place.source[which].empty();
  };
  take(kReference, cell.reference.text);
  take(kRemembered, cell.remembered.text);
  take(kPrevious, cell.previous.text);
  take(kNextOfPrevious, cell.previous.text.empty() ? std::string_view() : next_of_previous_);
  take(kNextOfReference, cell.reference.text.empty() ? std::string_view() : next_of_reference_);
  made_.clear();
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const char truth = coder_.knows() ? cell.truth.text[i] : '0';
    place.position = i;
    place.digit = low_bits(truth);
    char made = shape[i];
    switch (shape[i]) {
      case kAnyDigit:
        made = code_digit(cell, place);
        break;
      case kIdentityCheck:
        made = code_check(cell, made_, truth);
        break;
      case kChanceDigit:
      case kChanceToFive: {
        const std::uint32_t count = shape[i] == kChanceDigit ? 10 : 6;
        made = static_cast<char>('0' + coder_.predictor().uniform(place.digit, count));
        break;
      }
      default:
        place.field = 0;
    }
    if (made != shape[i]) place.pass(made);
    made_.push_back(made);
  }
  finish(cell, {CellView::Kind::kText, 0, made_});
}

char CellCoder::code_digit(Cell& cell, DigitPlace& place) {
  const auto position = static_cast<std::uint32_t>(place.position);
  const auto column = static_cast<std::uint32_t>(cell.column);
  const std::uint32_t role = cell.role, question = cell.question;
  const std::uint32_t reference = place.seen(kReference), previous = place.seen(kPrevious);
  const std::uint32_t remembered = place.seen(kRemembered);
  const std::uint32_t agreeing = (place.agrees[kReference] ? 1U : 0U) |
                                 (place.agrees[kPrevious] ? 2U : 0U) |
                                 (place.agrees[kRemembered] ? 4U : 0U);
  const std::uint32_t first_weights = (column * 24 + position) % 1'024;
  ContextSet contexts(3'072 + first_weights, 2'048 + (column * 64 + role * 8 + agreeing) % 512);
  contexts.add(hash_of(question, position));
  contexts.add(hash_of(question, position, place.prefix));
  contexts.add(hash_of(question, position, place.last_two, place.field));
  contexts.add(hash_of(question + 1, position, previous, place.seen(kNextOfPrevious)));
  contexts.add(
      hash_of(question + 2, position, hash_of(reference, place.seen(kNextOfReference), role)));
  contexts.add(
      hash_of(question + 3, position, remembered, place.agrees[kRemembered] ? 1 : place.prefix));
  contexts.add(hash_of(question + 4, position, cell.second, place.prefix));
  contexts.add(hash_of(question + 5, position, hash_of(reference, previous, remembered), role));
  // One question while a source still agrees.
  for (const Source which : {kReference, kRemembered, kPrevious, kNextOfPrevious}) {
    if (!place.agrees[which]) continue;
    const std::uint32_t guess = low_bits(place.source[which][place.position]);
    const auto id = static_cast<std::uint32_t>(which) + 1;
    ContextSet asked = contexts.beside(guess * 5 + id, 4'096 + first_weights,
                                       2'560 + (column * 32 + role * 8 + id) % 512);
    if (coder_.predictor().flag(asked, place.digit == guess) && guess < 10) {
      return static_cast<char>('0' + guess);
    }
    break;
  }
  const std::uint32_t digit = coder_.predictor().bits(contexts, place.digit, 4, 1);
  return static_cast<char>('0' + (digit < 10 ? digit : 9));
}

// The check character that the rule expects; of others all are alike.
char CellCoder::code_check(Cell& cell, std::string_view digits, char truth) {
  const char expected = digits.size() == kIdentityBytes - 1 ? identity_check_of(digits) : '0';
  if (coder_.flag(truth == expected, cell.question + 12, {})) return expected;
  const std::uint32_t number = coder_.predictor().uniform(truth == 'X' ? 10 : low_bits(truth), 11);
  return number == 10 ? 'X' : static_cast<char>('0' + number);
}

}  // namespace rootlet
