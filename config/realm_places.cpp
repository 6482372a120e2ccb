// The names and folders must match installer/agent/rootlet@.service and rootlet@.socket.
#include "config/realm_places.hpp"

#include <algorithm>
#include <array>

#include "core/limits.hpp"

namespace rootlet {
namespace {

constexpr std::string_view kDefaultHome = "/var/lib/rootlet";

// Their settings would be rootlet.conf and platform.conf, their home that of the platform.
constexpr std::array<std::string_view, 2> kNamesInUse = {"rootlet", "platform"};

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

Status check_name(std::string_view name) {
  const bool fits = !name.empty() && name.size() <= limits::kRealmNameBytes &&
                    is_letter_or_digit(name.front()) &&
                    std::all_of(name.begin(), name.end(),
                                [](char c) { return is_letter_or_digit(c) || c == '-'; });
  if (!fits) {
    return bad_input("must be 1 to " + std::to_string(limits::kRealmNameBytes) +
                         " letters, digits and dashes, the first a letter or a digit",
                     "realm");
  }
  if (std::find(kNamesInUse.begin(), kNamesInUse.end(), name) != kNamesInUse.end()) {
    return bad_input("'" + std::string(name) + "' is in use by the packages; take another name",
                     "realm");
  }
  return ok();
}

}  // namespace

Result<RealmPlaces> places_of_realm(std::string_view name) {
  ROOTLET_TRY(check_name(name));
  const std::string folder = "rootlet-" + std::string(name);
  return RealmPlaces{
      .home = std::filesystem::path("/var/lib") / folder,
      .socket = std::filesystem::path("/run") / folder / "agent.sock",
      .config_file = std::filesystem::path("/etc/rootlet") / (std::string(name) + ".conf")};
}

std::string start_command(std::string_view realm, const std::filesystem::path& home) {
  if (home == kDefaultHome) return "sudo systemctl start rootlet";
  const Result<RealmPlaces> places = places_of_realm(realm);
  if (places.has_value() && places.value().home == home) {
    return "sudo systemctl start rootlet@" + std::string(realm);
  }
  return "rootlet --home " + home.string() + " run";
}

}  // namespace rootlet
