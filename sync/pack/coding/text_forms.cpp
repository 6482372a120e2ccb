// Dates, times (proleptic Gregorian calendar, no leap seconds) and identity numbers (GB 11643) as
// numbers.
#include "sync/pack/coding/text_forms.hpp"

#include <array>
#include <chrono>

namespace rootlet {
namespace {

constexpr std::size_t kIdentityLength = 18;
constexpr std::size_t kDateLength = 10;

// The value of `text`; nullopt unless all bytes are digits.
std::optional<std::int64_t> digits_in(std::string_view text) {
  std::int64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

void put_digits(std::int64_t value, std::size_t width, std::string& out) {
  out.resize(out.size() + width);
  for (std::size_t i = 1; i <= width; ++i, value /= 10) {
    out[out.size() - i] = static_cast<char>('0' + value % 10);
  }
}

char check_of(std::string_view digits17) {
  constexpr std::array<int, 17> kWeights = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
  int sum = 0;
  for (std::size_t i = 0; i < kWeights.size(); ++i) sum += (digits17[i] - '0') * kWeights[i];
  return "10X98765432"[sum % 11];
}

}  // namespace

std::optional<std::int64_t> day_of_date(std::string_view text, DateForm form) {
  const bool dashes = form == DateForm::kDashes;
  if (text.size() != (dashes ? kDateLength : 8)) return std::nullopt;
  if (dashes && (text[4] != '-' || text[7] != '-')) return std::nullopt;
  const auto year = digits_in(text.substr(0, 4));
  const auto month = digits_in(text.substr(dashes ? 5 : 4, 2));
  const auto day = digits_in(text.substr(dashes ? 8 : 6, 2));
  if (!year || !month || !day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch().count();
}

void write_date(std::int64_t day, DateForm form, std::string& out) {
  const std::chrono::year_month_day date{
      std::chrono::sys_days{std::chrono::days{static_cast<int>(day)}}};
  put_digits(static_cast<int>(date.year()), 4, out);
  if (form == DateForm::kDashes) out.push_back('-');
  put_digits(static_cast<unsigned>(date.month()), 2, out);
  if (form == DateForm::kDashes) out.push_back('-');
  put_digits(static_cast<unsigned>(date.day()), 2, out);
}

std::optional<TimeForm> time_form_of(std::string_view text) {
  if (text.size() < 19 || text.size() > 20) return std::nullopt;
  if (text.size() == 20 && text[19] != 'Z') return std::nullopt;
  if (text[10] != ' ' && text[10] != 'T') return std::nullopt;
  return TimeForm{.with_t = text[10] == 'T', .with_z = text.size() == 20};
}

std::optional<Moment> moment_of(std::string_view text, TimeForm form) {
  const std::optional<TimeForm> own = time_form_of(text);
  if (!own || own->with_t != form.with_t || own->with_z != form.with_z) return std::nullopt;
  if (text[13] != ':' || text[16] != ':') return std::nullopt;
  const auto day = day_of_date(text.substr(0, kDateLength), DateForm::kDashes);
  const auto hour = digits_in(text.substr(11, 2));
  const auto minute = digits_in(text.substr(14, 2));
  const auto second = digits_in(text.substr(17, 2));
  if (!day || !hour || !minute || !second) return std::nullopt;
  if (*hour > 23 || *minute > 59 || *second > 59) return std::nullopt;
  return Moment{.day = *day, .second = *hour * 3600 + *minute * 60 + *second};
}

void write_moment(Moment moment, TimeForm form, std::string& out) {
  write_date(moment.day, DateForm::kDashes, out);
  out.push_back(form.with_t ? 'T' : ' ');
  put_digits(moment.second / 3600, 2, out);
  out.push_back(':');
  put_digits(moment.second / 60 % 60, 2, out);
  out.push_back(':');
  put_digits(moment.second % 60, 2, out);
  if (form.with_z) out.push_back('Z');
}

std::optional<Identity> identity_of(std::string_view text) {
  if (text.size() != kIdentityLength) return std::nullopt;
  const auto area = digits_in(text.substr(0, 6));
  const auto day = day_of_date(text.substr(6, 8), DateForm::kPlain);
  const auto order = digits_in(text.substr(14, 3));
  if (!area || !day || !order || check_of(text) != text.back()) return std::nullopt;
  return Identity{.area = *area, .day = *day, .order = *order};
}

void write_identity(Identity identity, std::string& out) {
  const std::size_t begin = out.size();
  put_digits(identity.area, 6, out);
  write_date(identity.day, DateForm::kPlain, out);
  put_digits(identity.order, 3, out);
  out.push_back(check_of(std::string_view(out).substr(begin)));
}

namespace {

constexpr std::string_view kCreditAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";
constexpr std::int64_t kCreditBase = 31;
constexpr std::size_t kCreditLength = 18, kOrganisationBegin = 8, kOrganisationLength = 8;

// The number that characters write in base 31; nullopt for a character that is not in the alphabet.
std::optional<std::int64_t> credit_number(std::string_view text) {
  std::int64_t number = 0;
  for (const char c : text) {
    const std::size_t value = kCreditAlphabet.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    number = number * kCreditBase + static_cast<std::int64_t>(value);
  }
  return number;
}

void put_credit_number(std::int64_t number, std::size_t length, std::string& out) {
  out.append(length, '0');
  for (std::size_t i = 0; i < length; ++i, number /= kCreditBase) {
    out[out.size() - 1 - i] = kCreditAlphabet[static_cast<std::size_t>(number % kCreditBase)];
  }
}

// GB 11714, of eight characters.
char organisation_check(std::string_view code) {
  constexpr int kWeights[] = {3, 7, 9, 10, 5, 8, 4, 2};
  int sum = 0;
  for (std::size_t i = 0; i < kOrganisationLength; ++i) {
    const int value = code[i] <= '9' ? code[i] - '0' : code[i] - 'A' + 10;
    sum += value * kWeights[i];
  }
  const int check = 11 - sum % 11;
  return check == 10 ? 'X' : static_cast<char>('0' + check % 11);
}

// GB 32100, of seventeen characters of the alphabet.
char credit_check(std::string_view code) {
  std::size_t sum = 0, weight = 1;
  for (const char c : code) {
    sum += kCreditAlphabet.find(c) * weight;
    weight = weight * 3 % 31;
  }
  return kCreditAlphabet[(31 - sum % 31) % 31];
}

}  // namespace

std::optional<CreditCode> credit_code_of(std::string_view text) {
  if (text.size() != kCreditLength) return std::nullopt;
  const std::string_view organisation = text.substr(kOrganisationBegin, kOrganisationLength);
  const auto kind = credit_number(text.substr(0, 2));
  const auto area = digits_in(text.substr(2, 6));
  const auto letters = credit_number(organisation);
  if (!kind || !area || !letters) return std::nullopt;
  const bool has_checks = organisation_check(organisation) == text[kCreditLength - 2] &&
                          credit_check(text.substr(0, kCreditLength - 1)) == text.back();
  if (!has_checks) return std::nullopt;
  const auto digits = digits_in(organisation);
  return CreditCode{
      .kind = *kind, .area = *area, .number = digits.value_or(kDigitCodes + *letters)};
}

void write_credit_code(CreditCode code, std::string& out) {
  const std::size_t begin = out.size();
  put_credit_number(code.kind, 2, out);
  put_digits(code.area, 6, out);
  if (code.number < kDigitCodes) {
    put_digits(code.number, kOrganisationLength, out);
  } else {
    put_credit_number(code.number - kDigitCodes, kOrganisationLength, out);
  }
  out.push_back(organisation_check(std::string_view(out).substr(begin + kOrganisationBegin)));
  out.push_back(credit_check(std::string_view(out).substr(begin)));
}

std::optional<std::int64_t> day_in(std::string_view text) {
  switch (text.size()) {
    case 8:
      return day_of_date(text, DateForm::kPlain);
    case kDateLength:
      return day_of_date(text, DateForm::kDashes);
    case kIdentityLength:
      return day_of_date(text.substr(6, 8), DateForm::kPlain);
    default:
      return time_form_of(text) ? day_of_date(text.substr(0, kDateLength), DateForm::kDashes)
                                : std::nullopt;
  }
}

std::uint32_t next_character(std::string_view text, std::size_t& at) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(text[i] & 0x3F); };
  const auto first = static_cast<std::uint8_t>(text[at]);
  if (first < 0x80) {
    at += 1;
    return first;
  }
  if (first < 0xE0) {
    at += 2;
    return (first & 0x1FU) << 6 | byte(at - 1);
  }
  if (first < 0xF0) {
    at += 3;
    return (first & 0x0FU) << 12 | byte(at - 2) << 6 | byte(at - 1);
  }
  at += 4;
  return (first & 0x07U) << 18 | byte(at - 3) << 12 | byte(at - 2) << 6 | byte(at - 1);
}

}  // namespace rootlet
