// Masks cell values. A value that is too short for its mask becomes stars only, and the number of
// stars never reveals the length of what they hide.
#include "sync/pack/table/dataset.hpp"

namespace rootlet {
namespace {

// Byte offsets of the code points of `text`, which is UTF-8, and of its end.
std::vector<std::size_t> code_points(std::string_view text) {
  std::vector<std::size_t> starts;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) starts.push_back(i);
  }
  starts.push_back(text.size());
  return starts;
}

// The first `head` and last `tail` code points with `stars` between; only `stars` unless at least
// `hidden` code points disappear.
std::string keep_ends(std::string_view text, std::size_t head, std::size_t tail, std::size_t hidden,
                      std::string_view stars) {
  const std::vector<std::size_t> at = code_points(text);
  const std::size_t count = at.size() - 1;
  if (count < head + tail + hidden) return std::string(stars);
  std::string out(text.substr(0, at[head]));
  out.append(stars);
  out.append(text.substr(at[count - tail]));
  return out;
}

}  // namespace

std::string mask_text(std::string_view mask, std::string_view value) {
  if (mask == "phone") return keep_ends(value, 3, 4, 3, "****");
  if (mask == "id") return keep_ends(value, 6, 4, 4, "********");
  if (mask == "name") return keep_ends(value, 1, 0, 1, "*");
  if (mask == "address") return keep_ends(value, 6, 0, 1, "****");
  return "****";
}

}  // namespace rootlet
