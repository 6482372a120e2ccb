// A real platform with three partitions of "people", and one real office that is granted two of
// them with all grades.
#pragma once

#include "tests/realm/world/realm.hpp"

namespace rootlet::test {

struct LiveWorld {
  explicit LiveWorld(std::uint64_t seed = 1) : realm(seed) {
    add_people("11", 40);
    add_people("12", 25);
    add_people("13", 10);
    publish();
    office = &realm.add_office("jiashan-01", {"11", "12"}, 3);
  }
  // --- what the next publish() brings ---
  void add_people(const std::string& partition, int count) {
    for (int i = 0; i < count; ++i) people["p" + std::to_string(people.size())] = person(partition);
  }
  // Some rows of the partition change, one goes, one is new.
  void change(const std::string& partition) {
    std::erase_if(people, [&, erased = false](const auto& entry) mutable {
      return partition_of(entry.second) == partition && !std::exchange(erased, true);
    });
    for (auto& [id, held] : people) {
      if (partition_of(held) == partition && realm.random() % 4 == 0) held = person(partition);
    }
    people["n" + std::to_string(realm.random())] = person(partition);
  }
  void publish() { realm.publish(people); }

  // The same office in a folder of its own. The first call must come before its first sync: all
  // copies start from there.
  std::unique_ptr<LiveOffice> fresh_copy(const std::filesystem::path& home) {
    if (!std::filesystem::exists(folder / "new-home")) {
      std::filesystem::copy(office->home().folder(), folder / "new-home",
                            std::filesystem::copy_options::recursive);
    }
    std::filesystem::copy(folder / "new-home", home, std::filesystem::copy_options::recursive);
    return std::make_unique<LiveOffice>(realm, office->id(), home);
  }

  LiveRealm realm;
  People people;
  LiveOffice* office = nullptr;
  TempDir folder{fast_folder()};

 private:
  Person person(const std::string& partition) {
    return {partition + "01", std::to_string(realm.random() % 9),
            std::to_string(13'800'000'000 + realm.random() % 100'000'000)};
  }
};

}  // namespace rootlet::test
