// Boost.JSON reads such numbers into doubles, which hold 15 to 17 digits; its parser also hands out
// the characters.
#include "core/format/exact_json.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <charconv>

#include "core/limits.hpp"

namespace rootlet {
namespace {

constexpr int kMostDigits = 40;

// "1.5e3" as "1500"; the text itself if it has no exponent or would be longer than kMostDigits.
std::string without_exponent(std::string_view text) {
  const std::size_t sign = text.find_first_of("eE");
  if (sign == std::string_view::npos) return std::string(text);
  std::string_view power = text.substr(sign + 1);
  if (power.starts_with('+')) power.remove_prefix(1);
  int exponent = 0;
  const auto [end, failed] = std::from_chars(power.data(), power.data() + power.size(), exponent);
  if (failed != std::errc() || end != power.data() + power.size()) return std::string(text);
  std::string_view mantissa = text.substr(0, sign);
  const std::string minus = mantissa.starts_with('-') ? "-" : "";
  mantissa.remove_prefix(minus.size());
  const std::size_t point = mantissa.find('.');
  std::string digits(mantissa.substr(0, point));
  int whole = static_cast<int>(digits.size());
  if (point != std::string_view::npos) digits += mantissa.substr(point + 1);
  if (exponent > kMostDigits || exponent < -kMostDigits || digits.size() > kMostDigits) {
    return std::string(text);
  }
  whole += exponent;
  if (whole < 1) {
    digits.insert(0, static_cast<std::size_t>(1 - whole), '0');
    whole = 1;
  }
  if (whole > static_cast<int>(digits.size())) digits.resize(static_cast<std::size_t>(whole), '0');
  std::string places = digits.substr(static_cast<std::size_t>(whole));
  digits.resize(static_cast<std::size_t>(whole));
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 1));
  while (places.ends_with('0')) places.pop_back();
  return minus + digits + (places.empty() ? "" : "." + places);
}

// Builds the value as Boost's own parser does, but for numbers.
class ExactHandler {
 public:
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);

  ExactHandler() { stack_.reset({}); }
  json::value release() { return stack_.release(); }

  bool on_document_begin(json::error_code&) { return true; }
  bool on_document_end(json::error_code&) { return true; }
  bool on_object_begin(json::error_code&) { return true; }
  bool on_object_end(std::size_t count, json::error_code&) {
    stack_.push_object(count);
    return true;
  }
  bool on_array_begin(json::error_code&) { return true; }
  bool on_array_end(std::size_t count, json::error_code&) {
    stack_.push_array(count);
    return true;
  }
  bool on_key_part(json::string_view part, std::size_t, json::error_code&) {
    stack_.push_chars(part);
    return true;
  }
  bool on_key(json::string_view last, std::size_t, json::error_code&) {
    stack_.push_key(last);
    return true;
  }
  bool on_string_part(json::string_view part, std::size_t, json::error_code&) {
    stack_.push_chars(part);
    return true;
  }
  bool on_string(json::string_view last, std::size_t, json::error_code&) {
    stack_.push_string(last);
    return true;
  }
  bool on_number_part(json::string_view part, json::error_code&) {
    number_ += part;
    return true;
  }
  bool on_int64(std::int64_t value, json::string_view, json::error_code&) {
    number_.clear();
    stack_.push_int64(value);
    return true;
  }
  bool on_uint64(std::uint64_t, json::string_view last, json::error_code&) { return digits(last); }
  bool on_double(double, json::string_view last, json::error_code&) { return digits(last); }
  bool on_bool(bool value, json::error_code&) {
    stack_.push_bool(value);
    return true;
  }
  bool on_null(json::error_code&) {
    stack_.push_null();
    return true;
  }
  bool on_comment_part(json::string_view, json::error_code&) { return true; }
  bool on_comment(json::string_view, json::error_code&) { return true; }

 private:
  bool digits(json::string_view last) {
    number_ += last;
    stack_.push_string(without_exponent(number_));
    number_.clear();
    return true;
  }

  json::value_stack stack_;
  std::string number_;
};

}  // namespace

Result<json::value> parse_exact_json(std::string_view text, std::string_view what) {
  ROOTLET_TRY(const json::value usual, parse_json(text, what));  // for its errors
  json::parse_options options;
  options.max_depth = limits::kJsonDepth;
  json::basic_parser<ExactHandler> parser(options);
  json::error_code error;
  parser.write_some(false, text.data(), text.size(), error);
  if (error)
    return bad_input(std::string(what) + ": not valid JSON: " + error.message(), "document");
  return parser.handler().release();
}

}  // namespace rootlet
