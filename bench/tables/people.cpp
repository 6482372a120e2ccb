// A few common words and a long tail, as in real names. See people.hpp.
#include "bench/tables/people.hpp"

#include <iterator>
#include <vector>

#include "bench/tables/text.hpp"
#include "bench/tables/words.hpp"

namespace rootlet::bench {
namespace {

constexpr std::uint32_t kPhonePrefixWeights[] = {30, 25, 20, 18, 16, 15, 12, 12, 10, 8, 8,
                                                 7,  6,  5,  5,  4,  3,  3,  2,  2,  1, 1};
constexpr std::uint32_t kPhonePrefixes[] = {138, 139, 136, 137, 135, 158, 159, 188, 187, 150, 151,
                                            152, 182, 130, 186, 133, 189, 181, 177, 166, 199, 191};

Weighted surname_weights() {
  std::vector<std::uint32_t> weights;
  for (const Surname& surname : kSurnames) weights.push_back(surname.weight);
  return Weighted(weights);
}

}  // namespace

PeopleWords::PeopleWords()
    : surnames_(surname_weights()),
      male_given_(Weighted::zipf(kMaleGiven.size(), 15)),
      female_given_(Weighted::zipf(kFemaleGiven.size(), 15)),
      phone_prefixes_(kPhonePrefixWeights) {}

char16_t PeopleWords::surname(Random& random) const {
  return kSurnames[surnames_.pick(random)].character;
}

char16_t PeopleWords::given_character(Random& random, bool male) const {
  return male ? kMaleGiven[male_given_.pick(random)] : kFemaleGiven[female_given_.pick(random)];
}

std::u16string PeopleWords::name(Random& random, bool male, char16_t surname) const {
  std::u16string name(1, surname);
  name += given_character(random, male);
  if (!random.chance(130)) name += given_character(random, male);
  return name;
}

std::u16string PeopleWords::name(Random& random, bool male) const {
  const char16_t family = surname(random);
  return name(random, male, family);
}

std::uint64_t PeopleWords::mobile_number(Random& random) const {
  return kPhonePrefixes[phone_prefixes_.pick(random)] * 100'000'000ULL + random.below(100'000'000);
}

std::string place_name(Random& random) {
  static const Weighted characters = Weighted::zipf(kPlaceCharacters.size(), 12);
  std::u16string name;
  const int length = random.chance(120) ? 3 : 2;
  for (int i = 0; i < length; ++i) name += kPlaceCharacters[characters.pick(random)];
  return utf8(name);
}

Town make_town(Random& random, std::uint32_t index) {
  static const Weighted suffixes = Weighted::zipf(std::size(kTownSuffixes), 4);
  const std::string_view suffix = kTownSuffixes[suffixes.pick(random)];
  return {.code = kCounty * 1000 + (suffix == "街道" ? 1 : 100) + index,
          .name = place_name(random) + std::string(suffix)};
}

std::int64_t office_time(Random& random, std::int32_t day) {
  const std::int64_t second = random.chance(560) ? 8 * 3600 + 1800 + random.below(12'600)
                                                 : 13 * 3600 + 1800 + random.below(14'400);
  return day * kDaySeconds + second;
}

}  // namespace rootlet::bench
