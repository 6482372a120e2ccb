// Names, places and telephone numbers of invented people, drawn with the frequencies of a real
// county. Shared by all generators.
#pragma once

#include <cstdint>
#include <string>

#include "bench/tables/random.hpp"

namespace rootlet::bench {

// The county of all tables.
inline constexpr std::uint32_t kCounty = 330'482;
inline constexpr std::int32_t kFirstDay = 20'240;  // 2025-06-01, days since 1970

class PeopleWords {
 public:
  PeopleWords();
  char16_t surname(Random& random) const;
  char16_t given_character(Random& random, bool male) const;
  // Surname and one or two characters.
  std::u16string name(Random& random, bool male, char16_t surname) const;
  std::u16string name(Random& random, bool male) const;
  std::uint64_t mobile_number(Random& random) const;

 private:
  Weighted surnames_, male_given_, female_given_, phone_prefixes_;
};

// Two or three characters.
std::string place_name(Random& random);

// A town of the county with its code of nine digits.
struct Town {
  std::uint32_t code = 0;
  std::string name;
};
Town make_town(Random& random, std::uint32_t index);

// A moment in the office hours of `day`, in seconds since 1970.
std::int64_t office_time(Random& random, std::int32_t day);

}  // namespace rootlet::bench
