// A recursive search (docs/FORMATS.md, "Column codes"). Costs are estimated bytes, summed from the
// leaves; nothing is written.
#include "sync/pack/columns/plan_search.hpp"

#include <algorithm>
#include <bit>

#include "sync/pack/coding/text_forms.hpp"

namespace rootlet {
namespace {

constexpr std::size_t kMinModelled = 12;
constexpr std::size_t kMinTuned = 256;
constexpr double kModelBytes = 7;  // cost of storing a model
constexpr double kNodeBytes = 2;
constexpr double kBytesPerPrimingSymbol = 0.01;  // stands for the time that priming takes
constexpr double kUniformAdvantage = 1.003;      // uniform numbers decode faster
constexpr std::size_t kMaxChoices = 4'096;

template <typename T>
bool all_same(const std::vector<T>& values) {
  return std::all_of(values.begin(), values.end(),
                     [&](const T& value) { return value == values.front(); });
}

std::size_t varint_bytes(std::uint64_t value) {
  return (static_cast<std::size_t>(std::bit_width(value | 1)) + 6) / 7;
}

double plain_bytes(const Numbers& values) {
  const bool is_signed =
      std::any_of(values.begin(), values.end(), [](std::int64_t value) { return value < 0; });
  std::size_t bytes = 1;
  for (const std::int64_t value : values) {
    const auto number = static_cast<std::uint64_t>(value);
    bytes +=
        varint_bytes(is_signed ? number << 1 ^ static_cast<std::uint64_t>(value >> 63) : number);
  }
  return static_cast<double>(bytes);
}

ColumnPlan plan_of(Code code, std::vector<ColumnPlan> children, std::uint64_t number = 0) {
  return {.code = code, .number = number, .children = std::move(children)};
}

// The share of `count` values that are used only once.
double share_of_singles(std::size_t count, const Numbers& indexes) {
  std::vector<std::size_t> uses(count + 1);
  for (const std::int64_t value : indexes) ++uses[static_cast<std::size_t>(value)];
  const auto singles = std::count(uses.begin(), uses.end() - 1, std::size_t{1});
  return static_cast<double>(singles) / static_cast<double>(count);
}

double share_of_repeats(const auto& values) {
  std::size_t repeats = 0;
  for (std::size_t i = 1; i < values.size(); ++i) repeats += values[i] == values[i - 1] ? 1 : 0;
  return static_cast<double>(repeats) / static_cast<double>(values.size());
}

}  // namespace

// The cheapest plan so far, and the limit below which the next one must be.
class PlanSearch::Best {
 public:
  Best(Found first, double limit) : found_(std::move(first)), limit_(limit) {}
  void take(ColumnPlan plan, double cost) {
    if (cost + kNodeBytes >= found_.cost) return;
    found_ = {std::move(plan), cost + kNodeBytes};
  }
  // A code with one child, or with two.
  void take(Code code, Found child, std::uint64_t number = 0) {
    take(plan_of(code, {std::move(child.plan)}, number), child.cost);
  }
  void take(Code code, Found a, Found b, std::uint64_t number = 0) {
    take(plan_of(code, {std::move(a.plan), std::move(b.plan)}, number), a.cost + b.cost);
  }
  // What the children of the next plan may cost, beyond `spent`.
  double left(double spent = 0) const { return std::min(found_.cost, limit_) - kNodeBytes - spent; }
  Found found() && { return std::move(found_); }

 private:
  Found found_;
  double limit_;
};

PlanSearch::Found PlanSearch::leaf(const Items& items, const Numbers& values, double limit) {
  if (values.empty()) return {{.code = Code::kModelled}, 0};
  if (all_same(values)) return {{.code = Code::kModelled}, 3};
  Found best{{.code = Code::kUnsigned}, plain_bytes(values)};
  best.plan.code = Code::kModelled;
  if (values.size() < kMinModelled) return best;
  const auto try_model = [&](NumberModel model, double factor = 1) {
    const double most = std::min(best.cost, limit) * factor;
    const double cost =
        kModelBytes + cost_of_numbers(model, items, nullptr, values, nullptr, most - kModelBytes);
    if (cost >= most) return;
    best.cost = cost;
    best.plan.model = std::move(model);
  };
  NumberModel all_bits;
  fit_range(all_bits, values);
  const int bits = all_bits.symbols.bits + all_bits.low_bits;
  for (const int symbol_bits : {12, 9, 6, 3}) {
    if (symbol_bits > bits && symbol_bits != 12) continue;
    NumberModel model;
    model.low_bits = static_cast<std::uint8_t>(std::max(0, bits - symbol_bits));
    fit_range(model, values);
    try_model(model);
    if (model.symbols.bits > 5) continue;
    model.symbols.context = {{.kind = ContextPart::Kind::kPrevious, .size = 33}};
    try_model(model);
  }
  const bool is_signed =
      std::any_of(values.begin(), values.end(), [](std::int64_t value) { return value < 0; });
  NumberModel lengths;
  lengths.form = is_signed ? NumberModel::Form::kSignedLengths : NumberModel::Form::kLengths;
  lengths.symbols.bits = kLengthSymbolBits;
  try_model(lengths);
  NumberModel uniform;
  uniform.form = NumberModel::Form::kUniform;
  fit_range(uniform, values);
  try_model(uniform, kUniformAdvantage);
  return best;
}

// A leaf of few symbols, which other columns may predict.
PlanSearch::Found PlanSearch::leaf_in_context(const Items& items, const Numbers& values,
                                              const ValueDictionary* priming) {
  Found found = leaf(items, values);
  const bool is_worth_it = priming != nullptr || values.size() >= kMinTuned;
  if (!is_worth_it || values.size() < kMinModelled || all_same(values)) return found;
  NumberModel model;
  fit_range(model, values);
  if (model.low_bits > 0) return found;
  contexts_.tune(model, items, values, priming);
  const double cost = kModelBytes + cost_of_numbers(model, items, cells_, values, priming);
  if (cost < found.cost) found = {{.code = Code::kModelled, .model = std::move(model)}, cost};
  return found;
}

// The weight of a value list's cost. In a sample the list looks dearer than it is, because it is
// written once for all cells; but if most values occur only once, the full list will be longer.
double PlanSearch::list_weight(std::size_t count, const Numbers& indexes) const {
  return is_sample_ ? 0.3 + share_of_singles(count, indexes) : 1;
}

// The values of a choice, ascending.
PlanSearch::Found PlanSearch::list(const Numbers& values, const Numbers& indexes, double limit) {
  if (values.empty()) return {{.code = Code::kFromPrevious}, 0};
  const double weight = list_weight(values.size(), indexes);
  Found deltas = leaf({.count = values.size()}, deltas_of(values), limit / weight);
  deltas.cost *= weight;
  return {plan_of(Code::kFromPrevious, {std::move(deltas.plan)}), deltas.cost + kNodeBytes};
}

void PlanSearch::try_splits(Best& best, const Items& items, const Numbers& values, int depth) {
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  if (*low < 0) return;
  std::uint64_t divisor = 1;
  for (const std::uint64_t factor : {2U, 5U, 10U, 10U, 10U, 10U, 10U, 10U, 10U, 10U, 10U}) {
    divisor *= factor;
    if (divisor == 5 || divisor >= static_cast<std::uint64_t>(*high)) continue;
    const Quotients quotients = quotients_of(values, divisor);
    Found remainders = divisor == 2 ? leaf_in_context(items, quotients.remainders)
                                    : leaf(items, quotients.remainders, best.left());
    if (remainders.cost >= best.left()) continue;
    best.take(Code::kSplit,
              numbers(items, quotients.quotients, {}, depth - 2, best.left(remainders.cost)),
              std::move(remainders), divisor);
  }
}

// Numbers equal or close to another cell of the row.
void PlanSearch::try_cells(Best& best, const Items& items, const Numbers& values) {
  if (cells_ == nullptr || items.rows == nullptr) return;
  for (std::size_t c = 0; c < cells_->columns(); ++c) {
    for (const CellFeature feature : {CellFeature::kNumber, CellFeature::kDay}) {
      if (!cells_->has(c)) continue;
      const Numbers& seen = cells_->feature(c, feature);
      Numbers bases;
      for (const std::uint32_t row : *items.rows) bases.push_back(seen[row]);
      if (all_same(bases)) continue;
      const Found child = leaf(items, differences_of(values, bases), best.left(2));
      ColumnPlan plan = plan_of(Code::kFromCell, {child.plan}, c);
      plan.feature = feature;
      best.take(std::move(plan), child.cost + 2);
    }
  }
}

PlanSearch::Found PlanSearch::numbers(const Items& items, const Numbers& values,
                                      const Numbers& old_values, int depth, double limit) {
  Best best(leaf(items, values, limit), limit);
  if (depth <= 0 || values.size() < 2 || all_same(values)) return std::move(best).found();
  best.take(Code::kFromPrevious, leaf(items, deltas_of(values), best.left()));
  if (!old_values.empty())
    best.take(Code::kFromOld, leaf(items, differences_of(values, old_values), best.left()));
  if (values.size() < kMinModelled) return std::move(best).found();
  try_cells(best, items, values);
  if (std::optional<Chosen> chosen = chosen_of(values, std::min(values.size() / 3, kMaxChoices))) {
    Found listed = list(chosen->values, chosen->indexes, best.left());
    Found indexes = leaf(items, chosen->indexes, best.left(listed.cost));
    best.take(Code::kChoice, std::move(listed), std::move(indexes));
  }
  if (share_of_repeats(values) > 0.1) {
    const Repeats<std::int64_t> repeats = repeats_of(items, values);
    Found marks = leaf(items, repeats.marks, best.left());
    Found others =
        numbers(repeats.other_items.items(), repeats.others, {}, depth - 1, best.left(marks.cost));
    best.take(Code::kRepeated, std::move(marks), std::move(others));
  }
  for (const std::size_t most : {15U, 255U}) {
    const std::optional<Common> common = common_of(items, values, most);
    if (!common || common->others.size() * 10 > values.size() * 9) continue;
    const Found listed = list(common->values, common->indexes, best.left());
    const Found indexes = leaf(items, common->indexes, best.left(listed.cost));
    const Found others = numbers(common->other_items.items(), common->others, {}, depth - 1,
                                 best.left(listed.cost + indexes.cost));
    best.take(plan_of(Code::kCommon, {listed.plan, indexes.plan, others.plan}, most),
              listed.cost + indexes.cost + others.cost + kNodeBytes);
  }
  if (depth > 1) try_splits(best, items, values, depth);
  return std::move(best).found();
}

// The first text determines where it may be in each other cell; all others must be in the same
// place.
std::optional<ColumnPlan> PlanSearch::part_of_cell(const Items& items,
                                                   const TextViews& values) const {
  if (cells_ == nullptr || items.rows == nullptr || values.front().empty()) return std::nullopt;
  for (std::size_t c = 0; c < cells_->columns(); ++c) {
    if (!cells_->has(c)) continue;
    const std::string_view first = cells_->at(c, items.rows->front()).text;
    const std::size_t begin = first.find(values.front());
    if (begin == std::string_view::npos) continue;
    for (const bool to_end : {false, true}) {
      const std::size_t length = to_end ? 0 : values.front().size();
      const auto fits = [&](std::size_t i) {
        const std::string_view text = cells_->at(c, (*items.rows)[i]).text;
        if (begin + length > text.size()) return false;
        return text.substr(begin, to_end ? std::string_view::npos : length) == values[i];
      };
      std::size_t i = 0;
      while (i < values.size() && fits(i)) ++i;
      if (i == values.size()) {
        return ColumnPlan{.code = Code::kPartOfCell, .number = c, .begin = begin, .length = length};
      }
    }
  }
  return std::nullopt;
}

PlanSearch::Found PlanSearch::plain_text(const Items& items, const TextViews& values) {
  Numbers lengths;
  std::size_t bytes = 0;
  for (const std::string_view value : values) {
    lengths.push_back(static_cast<std::int64_t>(value.size()));
    bytes += value.size();
  }
  Found sizes = leaf(items, lengths);
  return {plan_of(Code::kPlainText, {std::move(sizes.plan)}),
          sizes.cost + static_cast<double>(bytes) + kNodeBytes};
}

PlanSearch::Found PlanSearch::characters(const Items& items, const TextViews& values,
                                         double limit) {
  Found plain = plain_text(items, values);
  const std::optional<Characters> characters = characters_of(values);
  if (!characters || values.size() < 2) return plain;
  SymbolSpec spec;
  spec.bits = static_cast<int>(std::bit_width(characters->alphabet.size() - 1));
  spec.context = {{.kind = ContextPart::Kind::kPosition, .size = 4}};
  const double most = std::min(plain.cost, limit);
  const double coded = cost_of_characters(spec, items, nullptr, characters->lengths,
                                          characters->symbols, nullptr, most);
  if (coded >= most) return plain;
  Found alphabet = list(characters->alphabet, {});
  Found lengths = leaf(items, characters->length_numbers());
  const double cost = coded + alphabet.cost + lengths.cost + kModelBytes;
  if (cost >= plain.cost) return plain;
  return {plan_of(Code::kCharacters, {std::move(alphabet.plan), std::move(lengths.plan)}), cost};
}

// Forms whose numbers reproduce the texts. True if one fits.
bool PlanSearch::try_forms(Best& best, const Items& items, const TextViews& values, int depth) {
  if (const std::optional<Identities> identities = identities_of(values)) {
    const Found areas = numbers(items, identities->areas, {}, depth, best.left());
    const Found days = numbers(items, identities->days, {}, depth - 1, best.left(areas.cost));
    const Found orders =
        numbers(items, identities->orders, {}, depth, best.left(areas.cost + days.cost));
    best.take(plan_of(Code::kIdentity, {areas.plan, days.plan, orders.plan}),
              areas.cost + days.cost + orders.cost);
    return true;
  }
  if (const std::optional<CreditCodes> codes = credit_codes_of(values)) {
    const Found kinds = numbers(items, codes->kinds, {}, depth - 1, best.left());
    const Found areas = numbers(items, codes->areas, {}, depth - 1, best.left(kinds.cost));
    const Found numbers_ =
        numbers(items, codes->numbers, {}, depth, best.left(kinds.cost + areas.cost));
    best.take(plan_of(Code::kCreditCode, {kinds.plan, areas.plan, numbers_.plan}),
              kinds.cost + areas.cost + numbers_.cost);
    return true;
  }
  for (const std::uint64_t form : {0U, 1U}) {
    const std::optional<Numbers> days = days_of(values, form);
    if (!days) continue;
    best.take(Code::kDate, numbers(items, *days, {}, depth, best.left()), form);
    return true;
  }
  const std::optional<TimeForm> time = time_form_of(values.front());
  if (time) {
    const std::uint64_t form = (time->with_t ? 1U : 0U) | (time->with_z ? 2U : 0U);
    if (const std::optional<Moments> moments = moments_of(values, form)) {
      Found days = numbers(items, moments->days, {}, depth, best.left());
      Found seconds = numbers(items, moments->seconds, {}, depth, best.left(days.cost));
      best.take(Code::kMoment, std::move(days), std::move(seconds), form);
      return true;
    }
  }
  return false;
}

// A form that most texts have.
bool PlanSearch::try_exceptions(Best& best, const Items& items, const TextViews& values,
                                int depth) {
  for (std::uint64_t form = 0; form < kForms; ++form) {
    const auto fits = std::count_if(values.begin(), values.end(),
                                    [&](std::string_view value) { return has_form(value, form); });
    if (fits * 8 < static_cast<std::ptrdiff_t>(values.size()) * 7) continue;
    const Exceptions exceptions = exceptions_of(items, values, form);
    const Items rule_items = exceptions.rule_items.items();
    Best rule(characters(rule_items, exceptions.rule), kNoLimit);
    if (!try_forms(rule, rule_items, exceptions.rule, depth)) continue;
    const Found ruled = std::move(rule).found();
    const Found marks = leaf(items, exceptions.marks);
    const Found others = exceptions.others.empty()
                             ? Found{{.code = Code::kPlainText}, 0}
                             : texts(exceptions.other_items.items(), exceptions.others, {}, 0);
    best.take(plan_of(Code::kEither, {marks.plan, ruled.plan, others.plan}, form),
              marks.cost + ruled.cost + others.cost);
    return true;
  }
  return false;
}

void PlanSearch::try_others(Best& best, const Items& items, const TextViews& values,
                            const TextViews& old_values, int depth) {
  if (std::optional<ChosenTexts> chosen =
          chosen_of(values, std::min(values.size() / 2, kMaxChoices))) {
    const double weight = list_weight(chosen->values.size(), chosen->indexes);
    Found listed = texts({.count = chosen->values.size()}, chosen->values, {}, depth - 1,
                         best.left() / weight);
    listed.cost *= weight;
    if (listed.cost < best.left())
      best.take(Code::kTextChoice, std::move(listed), leaf_in_context(items, chosen->indexes));
  }
  try_dictionary(best, items, values, depth);
  if (values.size() >= kMinModelled) {
    try_pieces(best, items, values, depth);
    try_around_cells(best, items, values, depth);
  }
  if (share_of_repeats(values) > 0.1) {
    const Repeats<std::string_view> repeats = repeats_of(items, values);
    Found marks = leaf(items, repeats.marks, best.left());
    Found others =
        texts(repeats.other_items.items(), repeats.others, {}, depth - 1, best.left(marks.cost));
    best.take(Code::kRepeatedText, std::move(marks), std::move(others));
  }
  const Prefixes prefixes = prefixes_of(values);
  if (!all_same(prefixes.kept)) {
    Items rest = items;
    rest.positions = &prefixes.positions;
    Found kept = leaf(items, prefixes.kept, best.left());
    Found others = characters(rest, prefixes.rest, best.left(kept.cost));
    best.take(Code::kAfterPrefix, std::move(kept), std::move(others));
  }
  if (!old_values.empty()) {
    const Insides insides = insides_of(values, old_values);
    const Found heads = leaf(items, insides.heads, best.left());
    const Found tails = leaf(items, insides.tails, best.left(heads.cost));
    const Found middles = texts(items, insides.middles, {}, 0, best.left(heads.cost + tails.cost));
    best.take(plan_of(Code::kInsideOld, {heads.plan, tails.plan, middles.plan}),
              heads.cost + tails.cost + middles.cost);
  }
  const std::optional<Counted> counted = counted_of(items, values);
  if (counted && counted->deltas.size() * 2 >= values.size()) {
    Found deltas = leaf(counted->number_items.items(), counted->deltas, best.left());
    Found frames = texts(items, counted->views(), {}, depth - 1, best.left(deltas.cost));
    best.take(Code::kCounted, std::move(frames), std::move(deltas));
  }
}

// Lists of phrases, in which few different phrases are used many times.
void PlanSearch::try_pieces(Best& best, const Items& items, const TextViews& values, int depth) {
  constexpr std::size_t kSeparators = 2, kUses = 3;
  const auto [start, end] = common_ends(values);
  for (const std::string& separator : separators_in(values, kSeparators)) {
    std::vector<std::string> affixes{std::string(start), std::string(end), separator};
    const std::optional<Pieces> pieces = pieces_of(items, values, affixes);
    if (!pieces || pieces->pieces.size() * 2 < values.size() * 3) continue;
    if (!chosen_of(pieces->pieces, pieces->pieces.size() / kUses)) continue;
    Found separators = leaf_in_context(items, pieces->separators);
    Found parts = texts(pieces->piece_items.items(), pieces->pieces, {}, depth - 1,
                        best.left(separators.cost));
    const double cost =
        separators.cost + parts.cost + static_cast<double>(start.size() + end.size());
    ColumnPlan plan = plan_of(Code::kPieces, {std::move(separators.plan), std::move(parts.plan)});
    plan.affixes = std::move(affixes);
    best.take(std::move(plan), cost);
  }
}

// A name inside another, such as the owner's in that of the shop.
void PlanSearch::try_around_cells(Best& best, const Items& items, const TextViews& values,
                                  int depth) {
  if (cells_ == nullptr || items.rows == nullptr) return;
  std::size_t bytes = 0, column = cells_->columns();
  for (const std::string_view value : values) bytes += value.size();
  Frames found{.frames = {}, .saved_bytes = bytes / 32};
  for (std::size_t c = 0; c < cells_->columns(); ++c) {
    std::optional<Frames> frames = frames_of(items, values, cells_, c);
    if (!frames || frames->saved_bytes <= found.saved_bytes) continue;
    found = std::move(*frames);
    column = c;
  }
  if (column == cells_->columns()) return;
  best.take(Code::kAroundCell, texts(items, found.views(), {}, depth - 1, best.left()), column);
}

// Values that the dictionary has need not be written.
void PlanSearch::try_dictionary(Best& best, const Items& items, const TextViews& values,
                                int depth) {
  if (cells_ == nullptr || items.rows == nullptr || depth <= 0) return;
  const ValueDictionary& dictionary = cells_->value_dictionary();
  if (dictionary.values.empty()) return;
  const ChosenTexts chosen = chosen_of(values, dictionary.values);
  if (chosen.values.size() * 2 > values.size()) return;
  Found others{{.code = Code::kPlainText}, 0};
  if (!chosen.values.empty()) {
    others = texts({.count = chosen.values.size()}, chosen.values, {}, depth - 1);
  }
  // Changed values are often rare ones, so priming may mislead the model: try both.
  best.take(Code::kKnownChoice, others, leaf_in_context(items, chosen.indexes));
  best.take(Code::kKnownChoice, std::move(others),
            leaf_in_context(items, chosen.indexes, &dictionary), kPrimed);
}

// The model can be primed with the characters of the column's old cells.
void PlanSearch::try_character_dictionary(Best& best, const Items& items, const TextViews& values) {
  if (cells_ == nullptr) return;
  const CharacterDictionary& dictionary = cells_->character_dictionary();
  if (dictionary.alphabet.empty()) return;
  const std::optional<Characters> characters = characters_of(values, dictionary.alphabet);
  if (!characters) return;
  SymbolSpec spec;
  const std::size_t alphabet_size = dictionary.alphabet.size() + characters->alphabet.size();
  spec.bits = static_cast<int>(std::bit_width(alphabet_size - 1));
  spec.context = {{.kind = ContextPart::Kind::kPosition, .size = 4}};
  Found alphabet = list(characters->alphabet, {});
  Found lengths = leaf(items, characters->length_numbers());
  const double time = static_cast<double>(dictionary.symbols.size()) * kBytesPerPrimingSymbol;
  const double cost = kModelBytes + time + alphabet.cost + lengths.cost +
                      cost_of_characters(spec, items, nullptr, characters->lengths,
                                         characters->symbols, &dictionary);
  best.take(plan_of(Code::kKnownCharacters, {std::move(alphabet.plan), std::move(lengths.plan)}),
            cost);
}

PlanSearch::Found PlanSearch::texts(const Items& items, const TextViews& values,
                                    const TextViews& old_values, int depth, double limit) {
  if (all_same(values) && old_values.empty()) {
    return {{.code = Code::kPlainText}, static_cast<double>(values.front().size()) + 3};
  }
  if (std::optional<ColumnPlan> part = part_of_cell(items, values)) return {std::move(*part), 5};
  Best best(characters(items, values, limit), limit);
  try_character_dictionary(best, items, values);
  if (depth <= 0) return std::move(best).found();
  const bool formed = try_forms(best, items, values, depth) ||
                      (values.size() >= kMinModelled && try_exceptions(best, items, values, depth));
  if (formed && old_values.empty()) return std::move(best).found();
  if (digits_width(values)) {
    best.take(Code::kDigits, numbers(items, numbers_of_digits(values),
                                     numbers_of_digits(old_values), depth, best.left()));
  }
  try_others(best, items, values, old_values, depth);
  return std::move(best).found();
}

}  // namespace rootlet
