// The dataset "people": four columns, one of grade 3 with a mask, a partition per two digits of the
// code. A table of it, random changes, its CSV file, and its rows as an office sees them.
#pragma once

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>

#include "sync/pack/table/dataset.hpp"
#include "tests/support/support.hpp"

namespace rootlet::test {

inline constexpr std::string_view kPeople = R"({
  "id": "people", "title": {"zh": "人口", "en": "People"},
  "provider": {"code": "11A", "name": "Unit"}, "format": "table", "update": "daily",
  "sharing": {"attribute": "conditional", "scope": "s", "uses": ["care", "census"]},
  "grade": "general", "division": {"column": "code", "digits": 2},
  "columns": [{"name": "id", "type": "text", "key": true}, {"name": "code", "type": "text"},
              {"name": "members", "type": "integer"},
              {"name": "phone", "type": "text", "grade": 3, "mask": "phone"}]})";

struct Person {
  std::string code, members, phone;
  bool operator==(const Person&) const = default;
};
using People = std::map<std::string, Person>;  // by id

inline DatasetDefinition people_definition() {
  return must(DatasetDefinition::parse(kPeople, "people.json"));
}

inline std::string partition_of(const Person& person) {
  return person.code.substr(0, 2);
}

inline void write_people(const std::filesystem::path& path, const People& people) {
  std::ofstream file(path, std::ios::binary);
  file << "phone,members,code,id\n";
  for (const auto& [id, person] : people) {
    file << person.phone << ',' << person.members << ',' << person.code << ',' << id << '\n';
  }
}

// Rows as an office sees them, by id; the phone masked or whole.
inline std::set<std::string> rows_of(const People& people, bool masked) {
  std::set<std::string> rows;
  for (const auto& [id, person] : people) {
    const std::string phone =
        masked && !person.phone.empty() ? mask_text("phone", person.phone) : person.phone;
    rows.insert(id + "|" + person.code + "|" + person.members + "|" + phone);
  }
  return rows;
}

inline People change_people(People people, std::mt19937_64& random, std::size_t changes) {
  const auto person = [&] {
    const std::string code = std::to_string(11 + random() % 4) + "01";
    const std::string members = random() % 4 == 0 ? "" : std::to_string(random() % 9);
    const std::string phone =
        random() % 3 == 0 ? "" : std::to_string(13'800'000'000 + random() % 100'000'000);
    return Person{code, members, phone};
  };
  for (; changes > 0; --changes) {
    const std::string id = "p" + std::to_string(random() % 400);
    if (random() % 3 == 0) {
      people.erase(id);
    } else {
      people[id] = person();
    }
  }
  return people;
}

}  // namespace rootlet::test
