// Watches the records of one office through all rounds: none is lost, none is doubled, each state
// follows from the one before, and both ends agree about what was decided.
#pragma once

#include "tests/realm/world/realm.hpp"

namespace rootlet::test {

class RecordWatch {
 public:
  RecordWatch(LiveRealm& realm, LiveOffice& office) : realm_(&realm), office_(&office) {}

  void submit(std::string_view form, const json::object& values);
  // Corrects one of the returned records, if there is one.
  void fix_one(const std::string& name);
  // Stops the test at the first record that is not as it should be.
  void check();
  // True if the platform has accepted or returned every record and the office knows it.
  bool is_settled();

 private:
  struct Seen {
    int attempt = 1;
    RecordState state = RecordState::kSaved;
    json::object values;  // as the office saved them last
  };
  LiveRealm* realm_;
  LiveOffice* office_;
  std::map<std::string, Seen> seen_;  // by id
};

}  // namespace rootlet::test
