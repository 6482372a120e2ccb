// Writes a plan's codes in the order in which column_decoder reads them (docs/FORMATS.md, "Column
// codes").
#include "sync/pack/columns/column_writer.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "core/limits.hpp"

namespace rootlet {
namespace {

constexpr std::size_t kMinModelled = 12;  // shorter lists are varints

template <typename T>
bool all_same(const std::vector<T>& values) {
  return std::all_of(values.begin(), values.end(),
                     [&](const T& value) { return value == values.front(); });
}

// The code and the numbers as varints.
Bytes plain_numbers(const Numbers& values) {
  const bool is_signed =
      std::any_of(values.begin(), values.end(), [](std::int64_t value) { return value < 0; });
  ByteWriter out;
  out.u8(static_cast<std::uint8_t>(is_signed ? Code::kSigned : Code::kUnsigned));
  for (const std::int64_t value : values) {
    if (is_signed) {
      out.zigzag(value);
    } else {
      out.varint(static_cast<std::uint64_t>(value));
    }
  }
  return out.take();
}

// True if a reader would reject so many characters for so few bytes.
bool is_refused(const Characters& characters, std::size_t coded_bytes) {
  return characters.symbols.size() > kFewCharacters &&
         characters.symbols.size() / kCharactersPerByte >= coded_bytes / 2;
}

void fit_model(NumberModel& model, bool is_signed, const Numbers& values) {
  if (model.form == NumberModel::Form::kBins || model.form == NumberModel::Form::kUniform) {
    fit_range(model, values);
    return;
  }
  if (is_signed) model.form = NumberModel::Form::kSignedLengths;
  model.symbols.bits = kLengthSymbolBits;
}

// A plan's child, created on first use.
ColumnPlan& child_plan(ColumnPlan& plan, std::size_t index) {
  if (plan.children.size() <= index) plan.children.resize(index + 1, {.code = Code::kModelled});
  return plan.children[index];
}

}  // namespace

bool ColumnWriter::number_leaf(ColumnPlan& plan, const Items& items, const Numbers& values,
                               const ValueDictionary* priming) {
  if (all_same(values)) {
    put(Code::kSame);
    out_.zigzag(values.front());
    return true;
  }
  const Bytes plain = plain_numbers(values);
  if (values.size() < kMinModelled || plan.code != Code::kModelled) {
    out_.raw(plain);
    return true;
  }
  fit_model(plan.model, plain.front() == static_cast<std::uint8_t>(Code::kSigned), values);
  if (tuner_ != nullptr) tuner_->tune(plan.model, items, values, priming);
  ByteWriter modelled;
  encode_numbers(modelled, plan.model, items, cells_, values, priming);
  if (modelled.size() + 1 >= plain.size()) {
    out_.raw(plain);
    return true;
  }
  put(Code::kModelled);
  out_.raw(modelled.view());
  return true;
}

// A child without items has no node.
bool ColumnWriter::child(ColumnPlan& plan, const Items& items, const Numbers& values) {
  return values.empty() || numbers(plan, items.for_child(), values, {});
}

bool ColumnWriter::child(ColumnPlan& plan, const Items& items, const TextViews& values) {
  return values.empty() || texts(plan, items.for_child(), values, {});
}

bool ColumnWriter::marks(ColumnPlan& plan, const Items& items, const Numbers& marks) {
  out_.varint(static_cast<std::uint64_t>(std::count(marks.begin(), marks.end(), 1)));
  return child(plan, items, marks);
}

bool ColumnWriter::split(ColumnPlan& plan, const Items& items, const Numbers& values) {
  if (*std::min_element(values.begin(), values.end()) < 0) return false;
  const Quotients quotients = quotients_of(values, plan.number);
  put(Code::kSplit);
  out_.varint(plan.number);
  return child(child_plan(plan, 0), items, quotients.quotients) &&
         child(child_plan(plan, 1), items, quotients.remainders);
}

bool ColumnWriter::choice(ColumnPlan& plan, const Items& items, const Numbers& values) {
  const std::optional<Chosen> chosen = chosen_of(values, values.size());
  put(Code::kChoice);
  out_.varint(chosen->values.size());
  return child(child_plan(plan, 0), items.without_rows(chosen->values.size()), chosen->values) &&
         child(child_plan(plan, 1), items, chosen->indexes);
}

bool ColumnWriter::common(ColumnPlan& plan, const Items& items, const Numbers& values) {
  const std::optional<Common> common = common_of(items, values, plan.number);
  if (!common) return false;
  put(Code::kCommon);
  out_.varint(common->values.size());
  out_.varint(common->others.size());
  return child(child_plan(plan, 0), items.without_rows(common->values.size()), common->values) &&
         child(child_plan(plan, 1), items, common->indexes) &&
         child(child_plan(plan, 2), common->other_items.items(), common->others);
}

bool ColumnWriter::repeated(ColumnPlan& plan, const Items& items, const Numbers& values) {
  const Repeats<std::int64_t> repeats = repeats_of(items, values);
  put(Code::kRepeated);
  out_.varint(values.size() - repeats.others.size());
  return child(child_plan(plan, 0), items, repeats.marks) &&
         child(child_plan(plan, 1), repeats.other_items.items(), repeats.others);
}

bool ColumnWriter::from_cell(ColumnPlan& plan, const Items& items, const Numbers& values) {
  const auto column = static_cast<std::size_t>(plan.number);
  if (cells_ == nullptr || items.rows == nullptr || !cells_->has(column)) return false;
  const Numbers& seen = cells_->feature(column, plan.feature);
  Numbers bases;
  for (const std::uint32_t row : *items.rows) bases.push_back(seen[row]);
  put(Code::kFromCell);
  out_.varint(column);
  out_.u8(static_cast<std::uint8_t>(plan.feature));
  return child(child_plan(plan, 0), items, differences_of(values, bases));
}

bool ColumnWriter::numbers(ColumnPlan& plan, const Items& items, const Numbers& values,
                           const Numbers& old_values) {
  const ValueDictionary* priming = std::exchange(priming_, nullptr);
  switch (plan.code) {
    case Code::kFromPrevious:
      put(plan.code);
      return child(child_plan(plan, 0), items, deltas_of(values));
    case Code::kFromOld:
      if (old_values.empty()) return false;
      put(plan.code);
      return child(child_plan(plan, 0), items, differences_of(values, old_values));
    case Code::kChoice:
      return choice(plan, items, values);
    case Code::kSplit:
      return split(plan, items, values);
    case Code::kCommon:
      return common(plan, items, values);
    case Code::kRepeated:
      return repeated(plan, items, values);
    case Code::kFromCell:
      return from_cell(plan, items, values);
    default:
      return number_leaf(plan, items, values, priming);
  }
}

bool ColumnWriter::plain_text(ColumnPlan& plan, const Items& items, const TextViews& values) {
  Numbers lengths;
  std::size_t total = 0;
  for (const std::string_view value : values) {
    lengths.push_back(static_cast<std::int64_t>(value.size()));
    total += value.size();
  }
  put(Code::kPlainText);
  out_.varint(total);
  if (!child(child_plan(plan, 0), items, lengths)) return false;
  for (const std::string_view value : values) out_.raw(as_bytes(value));
  return true;
}

bool ColumnWriter::after_prefix(ColumnPlan& plan, const Items& items, const TextViews& values) {
  const Prefixes prefixes = prefixes_of(values);
  Items rest = items;
  rest.positions = &prefixes.positions;
  put(Code::kAfterPrefix);
  return child(child_plan(plan, 0), items, prefixes.kept) &&
         child(child_plan(plan, 1), rest, prefixes.rest);
}

bool ColumnWriter::inside_old(ColumnPlan& plan, const Items& items, const TextViews& values,
                              const TextViews& old_values) {
  if (old_values.empty()) return false;
  const Insides insides = insides_of(values, old_values);
  put(Code::kInsideOld);
  return child(child_plan(plan, 0), items, insides.heads) &&
         child(child_plan(plan, 1), items, insides.tails) &&
         child(child_plan(plan, 2), items, insides.middles);
}

bool ColumnWriter::text_choice(ColumnPlan& plan, const Items& items, const TextViews& values) {
  const std::optional<ChosenTexts> chosen = chosen_of(values, values.size());
  put(Code::kTextChoice);
  out_.varint(chosen->values.size());
  return child(child_plan(plan, 0), items.without_rows(chosen->values.size()), chosen->values) &&
         child(child_plan(plan, 1), items, chosen->indexes);
}

bool ColumnWriter::characters(ColumnPlan& plan, const Items& items, const TextViews& values) {
  const std::optional<Characters> characters = characters_of(values);
  if (!characters) return plain_text(plan, items, values);
  SymbolSpec& spec = plan.model.symbols;
  spec.bits = static_cast<int>(std::bit_width(characters->alphabet.size() - 1));
  if (tuner_ != nullptr) tuner_->tune(spec, items, *characters, nullptr);
  ByteWriter coded;
  encode_characters(coded, spec, items, cells_, characters->lengths, characters->symbols);
  std::size_t bytes = 0;  // few texts do not pay for a model
  for (const std::string_view value : values) bytes += value.size();
  if (is_refused(*characters, coded.size()) ||
      coded.size() + characters->alphabet.size() >= bytes) {
    return plain_text(plan, items, values);
  }
  return put_characters(Code::kCharacters, plan, items, *characters, coded.view());
}

bool ColumnWriter::put_characters(Code code, ColumnPlan& plan, const Items& items,
                                  const Characters& characters, ByteView coded) {
  const Numbers& alphabet = characters.alphabet;
  put(code);
  out_.varint(alphabet.size());
  const bool written = child(child_plan(plan, 0), items.without_rows(alphabet.size()), alphabet) &&
                       child(child_plan(plan, 1), items, characters.length_numbers());
  out_.raw(coded);
  return written;
}

bool ColumnWriter::moment(ColumnPlan& plan, const Items& items, const TextViews& values) {
  const std::optional<Moments> moments = moments_of(values, plan.number);
  if (!moments) return with_exceptions(plan, 3 + plan.number, items, values);
  put(Code::kMoment);
  out_.u8(static_cast<std::uint8_t>(plan.number));
  return child(child_plan(plan, 0), items, moments->days) &&
         child(child_plan(plan, 1), items, moments->seconds);
}

bool ColumnWriter::identity(ColumnPlan& plan, const Items& items, const TextViews& values) {
  const std::optional<Identities> identities = identities_of(values);
  if (!identities) return with_exceptions(plan, 0, items, values);
  put(Code::kIdentity);
  return child(child_plan(plan, 0), items, identities->areas) &&
         child(child_plan(plan, 1), items, identities->days) &&
         child(child_plan(plan, 2), items, identities->orders);
}

bool ColumnWriter::credit_code(ColumnPlan& plan, const Items& items, const TextViews& values) {
  const std::optional<CreditCodes> codes = credit_codes_of(values);
  if (!codes) return with_exceptions(plan, kCreditCodeForm, items, values);
  put(Code::kCreditCode);
  return child(child_plan(plan, 0), items, codes->kinds) &&
         child(child_plan(plan, 1), items, codes->areas) &&
         child(child_plan(plan, 2), items, codes->numbers);
}

bool ColumnWriter::part_of_cell(const ColumnPlan& plan, const Items& items,
                                const TextViews& values) {
  const auto column = static_cast<std::size_t>(plan.number);
  if (cells_ == nullptr || items.rows == nullptr || !cells_->has(column)) return false;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::string_view text = cells_->at(column, (*items.rows)[i]).text;
    if (plan.begin + plan.length > text.size()) return false;
    const std::string_view found =
        text.substr(plan.begin, plan.length == 0 ? std::string_view::npos : plan.length);
    if (found != values[i]) return false;
  }
  put(Code::kPartOfCell);
  out_.varint(column);
  out_.varint(plan.begin);
  out_.varint(plan.length);
  return true;
}

bool ColumnWriter::repeated_text(ColumnPlan& plan, const Items& items, const TextViews& values) {
  const Repeats<std::string_view> repeats = repeats_of(items, values);
  put(Code::kRepeatedText);
  out_.varint(values.size() - repeats.others.size());
  return child(child_plan(plan, 0), items, repeats.marks) &&
         child(child_plan(plan, 1), repeats.other_items.items(), repeats.others);
}

bool ColumnWriter::counted(ColumnPlan& plan, const Items& items, const TextViews& values) {
  const std::optional<Counted> counted = counted_of(items, values);
  if (!counted) return false;
  put(Code::kCounted);
  if (!child(child_plan(plan, 0), items, counted->views())) return false;
  out_.varint(counted->deltas.size());
  return child(child_plan(plan, 1), counted->number_items.items(), counted->deltas);
}

bool ColumnWriter::date(ColumnPlan& plan, const Items& items, const TextViews& values) {
  const std::optional<Numbers> days = days_of(values, plan.number);
  if (!days) return with_exceptions(plan, 1 + plan.number, items, values);
  put(Code::kDate);
  out_.u8(static_cast<std::uint8_t>(plan.number));
  return child(child_plan(plan, 0), items, *days);
}

// If most texts have the plan's form, turns `plan` into kEither with the old plan for those; false
// otherwise.
bool ColumnWriter::with_exceptions(ColumnPlan& plan, std::uint64_t form, const Items& items,
                                   const TextViews& values) {
  const auto fits = std::count_if(values.begin(), values.end(),
                                  [&](std::string_view value) { return has_form(value, form); });
  if (fits * 2 < static_cast<std::ptrdiff_t>(values.size())) return false;
  ColumnPlan rule = std::move(plan);
  plan = {.code = Code::kEither, .number = form};
  plan.children = {{.code = Code::kModelled}, std::move(rule), {.code = Code::kCharacters}};
  return either(plan, items, values);
}

bool ColumnWriter::either(ColumnPlan& plan, const Items& items, const TextViews& values) {
  const Exceptions exceptions = exceptions_of(items, values, plan.number);
  put(Code::kEither);
  out_.varint(exceptions.others.size());
  return child(child_plan(plan, 0), items, exceptions.marks) &&
         child(child_plan(plan, 1), exceptions.rule_items.items(), exceptions.rule) &&
         child(child_plan(plan, 2), exceptions.other_items.items(), exceptions.others);
}

bool ColumnWriter::known_choice(ColumnPlan& plan, const Items& items, const TextViews& values) {
  if (cells_ == nullptr || cells_->value_dictionary().values.empty()) return false;
  const ValueDictionary& dictionary = cells_->value_dictionary();
  const ChosenTexts chosen = chosen_of(values, dictionary.values);
  put(Code::kKnownChoice);
  out_.varint(chosen.values.size() << 1 | plan.number);
  if (!child(child_plan(plan, 0), items.without_rows(chosen.values.size()), chosen.values))
    return false;
  if (plan.number == kPrimed) priming_ = &dictionary;
  return child(child_plan(plan, 1), items, chosen.indexes);
}

bool ColumnWriter::known_characters(ColumnPlan& plan, const Items& items, const TextViews& values) {
  if (cells_ == nullptr || cells_->character_dictionary().alphabet.empty()) return false;
  const CharacterDictionary& dictionary = cells_->character_dictionary();
  const std::optional<Characters> characters = characters_of(values, dictionary.alphabet);
  if (!characters) return false;
  const std::size_t alphabet_size = dictionary.alphabet.size() + characters->alphabet.size();
  SymbolSpec& spec = plan.model.symbols;
  spec.bits = static_cast<int>(std::bit_width(alphabet_size - 1));
  if (tuner_ != nullptr) tuner_->tune(spec, items, *characters, &dictionary);
  ByteWriter coded;
  encode_characters(coded, spec, items, cells_, characters->lengths, characters->symbols,
                    &dictionary);
  if (is_refused(*characters, coded.size())) return false;
  return put_characters(Code::kKnownCharacters, plan, items, *characters, coded.view());
}

bool ColumnWriter::pieces(ColumnPlan& plan, const Items& items, const TextViews& values) {
  const std::optional<Pieces> pieces = pieces_of(items, values, plan.affixes);
  if (!pieces) return false;
  put(Code::kPieces);
  for (const std::string& affix : plan.affixes) out_.sized(as_bytes(affix));
  if (!child(child_plan(plan, 0), items, pieces->separators)) return false;
  out_.varint(pieces->pieces.size());
  return child(child_plan(plan, 1), pieces->piece_items.items(), pieces->pieces);
}

bool ColumnWriter::around_cell(ColumnPlan& plan, const Items& items, const TextViews& values) {
  const auto column = static_cast<std::size_t>(plan.number);
  const std::optional<Frames> frames = frames_of(items, values, cells_, column);
  if (!frames) return false;
  put(Code::kAroundCell);
  out_.varint(column);
  return child(child_plan(plan, 0), items, frames->views());
}

bool ColumnWriter::digits(ColumnPlan& plan, const Items& items, const TextViews& values,
                          const TextViews& old_values) {
  const std::optional<std::size_t> width = digits_width(values);
  if (!width) return false;
  put(Code::kDigits);
  out_.varint(*width);
  return numbers(child_plan(plan, 0), items.for_child(), numbers_of_digits(values),
                 numbers_of_digits(old_values));
}

bool ColumnWriter::texts(ColumnPlan& plan, const Items& items, const TextViews& values,
                         const TextViews& old_values) {
  if (all_same(values) && plan.code != Code::kInsideOld) {
    put(Code::kSameText);
    out_.sized(as_bytes(values.front()));
    return true;
  }
  switch (plan.code) {
    case Code::kAfterPrefix:
      return after_prefix(plan, items, values);
    case Code::kInsideOld:
      return inside_old(plan, items, values, old_values);
    case Code::kTextChoice:
      return text_choice(plan, items, values);
    case Code::kDigits:
      return digits(plan, items, values, old_values);
    case Code::kDate:
      return date(plan, items, values);
    case Code::kMoment:
      return moment(plan, items, values);
    case Code::kIdentity:
      return identity(plan, items, values);
    case Code::kCreditCode:
      return credit_code(plan, items, values);
    case Code::kPartOfCell:
      return part_of_cell(plan, items, values);
    case Code::kRepeatedText:
      return repeated_text(plan, items, values);
    case Code::kCounted:
      return counted(plan, items, values);
    case Code::kEither:
      return either(plan, items, values);
    case Code::kKnownChoice:
      return known_choice(plan, items, values);
    case Code::kKnownCharacters:
      return known_characters(plan, items, values);
    case Code::kPieces:
      return pieces(plan, items, values);
    case Code::kAroundCell:
      return around_cell(plan, items, values);
    case Code::kPlainText:
      return plain_text(plan, items, values);
    default:
      return characters(plan, items, values);
  }
}

}  // namespace rootlet
