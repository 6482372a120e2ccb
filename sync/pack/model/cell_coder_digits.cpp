// Texts of one shape, coded digit by digit: codes, dates, identity and telephone numbers
// (docs/FORMATS.md, "Modelled body").
#include "sync/pack/model/cell_coder.hpp"

namespace rootlet {
namespace {

constexpr std::size_t kSources = 5;
enum Source : std::size_t { kReference, kCached, kPrevious, kNextOfPrevious, kNextOfReference };
constexpr std::size_t kIdentityBytes = 18;

std::uint32_t low_bits(char c) {
  return static_cast<unsigned char>(c) & 15U;
}

}  // namespace

// The position in the text, and which source texts agree with it so far.
struct CellCoder::DigitProgress {
  std::string_view source[kSources];  // empty unless as long as the text
  bool agrees[kSources] = {};
  std::size_t position = 0;
  std::uint32_t prefix = 0, last_two = 0, field = 0;  // of the digits so far
  std::uint32_t digit = 0;  // the digit to code; meaningless while reading

  std::uint32_t source_digit(Source which) const {
    if (source[which].empty()) return 32;
    return low_bits(source[which][position]) | (agrees[which] ? 16U : 0U);
  }
  void advance(char made) {
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
  const bool fits = coder_.has_input() && has_shape(cell.actual.text, shape);
  if (!coder_.flag(fits, cell.decision + 9, {})) return code_text(cell, true);
  DigitProgress progress;
  const auto take = [&](Source which, std::string_view text) {
    if (text.size() == shape.size()) progress.source[which] = text;
    progress.agrees[which] = !progress.source[which].empty();
  };
  take(kReference, cell.reference.text);
  take(kCached, cell.cached.text);
  take(kPrevious, cell.previous.text);
  take(kNextOfPrevious, cell.previous.text.empty() ? std::string_view() : next_of_previous_);
  take(kNextOfReference, cell.reference.text.empty() ? std::string_view() : next_of_reference_);
  text_.clear();
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const char actual = coder_.has_input() ? cell.actual.text[i] : '0';
    progress.position = i;
    progress.digit = low_bits(actual);
    char made = shape[i];
    switch (shape[i]) {
      case kAnyDigit:
        made = code_digit(cell, progress);
        break;
      case kIdentityCheck:
        made = code_check(cell, text_, actual);
        break;
      case kRandomDigit:
      case kRandomToFive: {
        const std::uint32_t count = shape[i] == kRandomDigit ? 10 : 6;
        made = static_cast<char>('0' + coder_.predictor().uniform(progress.digit, count));
        break;
      }
      default:
        progress.field = 0;
    }
    if (made != shape[i]) progress.advance(made);
    text_.push_back(made);
  }
  finish(cell, {CellView::Kind::kText, 0, text_});
}

char CellCoder::code_digit(Cell& cell, DigitProgress& progress) {
  const auto position = static_cast<std::uint32_t>(progress.position);
  const auto column = static_cast<std::uint32_t>(cell.column);
  const std::uint32_t role = cell.role, decision = cell.decision;
  const std::uint32_t reference = progress.source_digit(kReference),
                      previous = progress.source_digit(kPrevious);
  const std::uint32_t cached = progress.source_digit(kCached);
  const std::uint32_t agreeing = (progress.agrees[kReference] ? 1U : 0U) |
                                 (progress.agrees[kPrevious] ? 2U : 0U) |
                                 (progress.agrees[kCached] ? 4U : 0U);
  const std::uint32_t first_weights = (column * 24 + position) % 1'024;
  ContextSet contexts(3'072 + first_weights, 2'048 + (column * 64 + role * 8 + agreeing) % 512);
  contexts.add(hash_of(decision, position));
  contexts.add(hash_of(decision, position, progress.prefix));
  contexts.add(hash_of(decision, position, progress.last_two, progress.field));
  contexts.add(hash_of(decision + 1, position, previous, progress.source_digit(kNextOfPrevious)));
  contexts.add(hash_of(decision + 2, position,
                       hash_of(reference, progress.source_digit(kNextOfReference), role)));
  contexts.add(
      hash_of(decision + 3, position, cached, progress.agrees[kCached] ? 1 : progress.prefix));
  contexts.add(hash_of(decision + 4, position, cell.second_hash, progress.prefix));
  contexts.add(hash_of(decision + 5, position, hash_of(reference, previous, cached), role));
  // If a source still agrees, first code whether its next digit is right.
  for (const Source which : {kReference, kCached, kPrevious, kNextOfPrevious}) {
    if (!progress.agrees[which]) continue;
    const std::uint32_t predicted = low_bits(progress.source[which][progress.position]);
    const auto id = static_cast<std::uint32_t>(which) + 1;
    ContextSet hit_contexts = contexts.combined_with(predicted * 5 + id, 4'096 + first_weights,
                                                     2'560 + (column * 32 + role * 8 + id) % 512);
    if (coder_.predictor().flag(hit_contexts, progress.digit == predicted) && predicted < 10) {
      return static_cast<char>('0' + predicted);
    }
    break;
  }
  const std::uint32_t digit = coder_.predictor().bits(contexts, progress.digit, 4, 1);
  return static_cast<char>('0' + (digit < 10 ? digit : 9));
}

// The check digit that GB 11643 prescribes, or any other with equal probability.
char CellCoder::code_check(Cell& cell, std::string_view digits, char actual) {
  const char expected = digits.size() == kIdentityBytes - 1 ? identity_check_of(digits) : '0';
  if (coder_.flag(actual == expected, cell.decision + 12, {})) return expected;
  const std::uint32_t number =
      coder_.predictor().uniform(actual == 'X' ? 10 : low_bits(actual), 11);
  return number == 10 ? 'X' : static_cast<char>('0' + number);
}

}  // namespace rootlet
