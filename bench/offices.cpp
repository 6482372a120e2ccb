// Fills a realm with enrolled offices, each granted some datasets in its own division, so that the
// directory of a whole country can be measured. Their keys are real; nobody holds the secrets.
//
//   bench_offices REALM OFFICES.csv DATASET…      lines "id,division"
#include <chrono>
#include <fstream>
#include <iostream>

#include "bench/tool.hpp"
#include "core/crypto.hpp"
#include "platform/repository/repository.hpp"

using namespace rootlet;
using namespace rootlet::platform;

namespace {

OfficeEntry enrolled_office(const std::string& id, const std::string& division, UnixTime now) {
  OfficeEntry office{.id = id, .division = division, .name = id, .state = OfficeState::kEnrolled};
  office.token_hash = blake2b(as_bytes(id));
  office.signing_key = SigningKey::generate().public_key;
  office.sealing_key = SealingKey::generate().public_key;
  office.enrolled = now;
  return office;
}

Grant grant_for(const std::string& dataset, const std::string& division, UnixTime now) {
  Grant grant;
  grant.dataset = dataset;
  grant.divisions = {division};
  grant.basis = grant.scenario = grant.approver = "bench";
  grant.purposes = {"address-lookup"};
  grant.until = now + std::chrono::days(365);
  return grant;
}

Status fill(const fs::path& folder, const fs::path& list,
            const std::vector<std::string>& datasets) {
  const UnixTime now = system_clock().wall();
  ROOTLET_TRY(Realm realm, Realm::open(folder));
  ROOTLET_TRY(const FileLock lock, lock_realm(realm.folder()));
  ROOTLET_TRY(platform::Transaction transaction, realm.registry().begin());
  std::ifstream lines(list);
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line);) {
    const std::size_t comma = line.find(',');
    const std::string id = line.substr(0, comma), division = line.substr(comma + 1);
    ROOTLET_TRY(realm.registry().save_office(enrolled_office(id, division, now)));
    for (const std::string& dataset : datasets) {
      ROOTLET_TRY(realm.registry().save_grant(id, grant_for(dataset, division, now)));
    }
    ++count;
  }
  ROOTLET_TRY(commit_repository(realm, std::move(transaction), now));
  std::cout << "{\"offices\": " << count << "}\n";
  return ok();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    std::cerr << "usage: bench_offices REALM OFFICES.csv DATASET…\n";
    return 2;
  }
  initialise_crypto();
  const Status done = fill(argv[1], argv[2], {argv + 3, argv + argc});
  if (done.has_error()) std::cerr << done.error().message << "\n";
  return done.has_error() ? 1 : 0;
}
