// One fact for each view: "view/<owner>/<number>/<id>". The number grows by one with each, so that
// the names sort by age whatever the clock says.
#include "agent/views/views.hpp"

#include <algorithm>

#include "core/crypto.hpp"
#include "core/format/json.hpp"
#include "core/local_limits.hpp"

namespace rootlet::agent {
namespace {

constexpr std::size_t kNumberDigits = 12;
constexpr std::size_t kIdBytes = 16;

// A user's name never looks like that of a paired browser's person.
std::string prefix_of(const Peer& owner) {
  const std::string name =
      owner.uid >= 0 ? std::to_string(owner.uid) : "p" + to_hex(as_bytes(owner.user));
  return "view/" + name + "/";
}

std::string_view id_of(std::string_view name) {
  return name.size() > kNumberDigits ? name.substr(kNumberDigits + 1) : std::string_view();
}

std::string number_after(const std::vector<std::string>& names) {
  const std::uint64_t last = names.empty() ? 0 : std::stoull(names.back());
  const std::string digits = std::to_string(last + 1);
  return std::string(kNumberDigits - std::min(kNumberDigits, digits.size()), '0') + digits;
}

Error too_large() {
  const std::string most = std::to_string(limits::kViewBytes);
  return bad_input("a view has at most " + most + " bytes", "view",
                   {.en = "Keep less in it.", .zh = "视图内容过大，最多 " + most + " 字节。"});
}

Error no_view() {
  return bad_input("there is no such view", "view",
                   {.en = "It was made by somebody else, or is too old.",
                    .zh = "没有此视图：可能是他人创建的，或已过期。"});
}

Status forget_oldest(KeyStore& keys, const std::string& prefix,
                     const std::vector<std::string>& names) {
  const std::size_t extra = names.size() - std::min(names.size(), limits::kViews - 1);
  for (std::size_t i = 0; i < extra; ++i) {
    ROOTLET_TRY(keys.forget_fact(prefix + names[i]));
  }
  return ok();
}

}  // namespace

Result<std::string> save_view(KeyStore& keys, const Peer& owner, const json::object& view) {
  const std::string text = json::serialize(view);
  if (text.size() > limits::kViewBytes) return too_large();
  const std::string prefix = prefix_of(owner);
  ROOTLET_TRY(const std::vector<std::string> names, keys.fact_names(prefix));
  if (!names.empty()) {
    ROOTLET_TRY(const std::optional<Bytes> newest, keys.fact(prefix + names.back()));
    if (newest && as_text(*newest) == text) return std::string(id_of(names.back()));
  }
  ROOTLET_TRY(forget_oldest(keys, prefix, names));
  std::string id = to_hex(random_bytes(kIdBytes));
  ROOTLET_TRY(keys.save_fact(prefix + number_after(names) + "/" + id, as_bytes(text)));
  return id;
}

Result<json::object> find_view(KeyStore& keys, const Peer& owner, std::string_view id) {
  const std::string prefix = prefix_of(owner);
  ROOTLET_TRY(const std::vector<std::string> names, keys.fact_names(prefix));
  const auto found =
      std::ranges::find_if(names, [&](const std::string& name) { return id_of(name) == id; });
  if (found == names.end() || id.empty()) return no_view();
  ROOTLET_TRY(const std::optional<Bytes> text, keys.fact(prefix + *found));
  if (!text) return no_view();
  ROOTLET_TRY(const json::value value, parse_json(as_text(*text), "view"));
  if (!value.is_object()) return no_view();
  return value.get_object();
}

}  // namespace rootlet::agent
